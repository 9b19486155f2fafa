"""Changes to security info, each one: check, write, record, notify; in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from methods import challenges, contacts
from methods.base import Enrolment, Method
from methods.models import Challenge, Registration
from methods.signals import security_info_changed
from methods.standing import Standing
from securityinfo import crypto
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.messaging import notices
from securityinfo.policy.rules import Purpose, Reason, Ruleset

if TYPE_CHECKING:
    from accounts.models import User


class Refused(Exception):
    """Policy or the state of the account says no; `reason` tells which text to show."""

    def __init__(self, reason: Reason | None) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadyAdded(Exception):
    """The same person has the same value confirmed for this kind."""


def begin(
    user: User,
    method: Method,
    cleaned_data: Mapping[str, Any],
    *,
    flow: str,
    ruleset: Ruleset,
    actor: Actor,
    replaces: Registration | None = None,
) -> Challenge:
    """Keep what was typed, unconfirmed, and ask for proof. `replaces` makes it a change.

    Raises Refused, AlreadyAdded, challenges.TooEarly and throttling.Throttled.
    """
    registration = _draft(user, method, method.enrol(user, cleaned_data), replaces)
    _check_may_begin(registration, ruleset)
    challenges.charge_sending(registration, actor)
    with transaction.atomic():
        registration.save()
        challenge = challenges.start(
            registration,
            purpose=Purpose.REGISTER,
            flow=flow,
            settings=ruleset.settings,
            actor=actor,
        )
        _record(tags.REGISTRATION_STARTED, registration, actor, ruleset)
    return challenge


def confirm(
    challenge: Challenge,
    given: Mapping[str, Any],
    *,
    flow: str,
    ruleset: Ruleset,
    actor: Actor,
    required: bool = False,
) -> challenges.Answer:
    """Answer the challenge; if right, the method counts from now on.

    `required`: set up in the registration that sign-in demands, so trusted at once (K9).
    Raises Refused, AlreadyAdded and throttling.Throttled; then the method does not count.
    """
    registration = challenge.registration
    return challenges.answer(
        challenge,
        given,
        purpose=Purpose.REGISTER,
        flow=flow,
        actor=actor,
        then=lambda _: _take_effect(registration, ruleset, actor, required=required),
    )


def cancel(registration: Registration, *, ruleset: Ruleset, actor: Actor) -> None:
    """Forget a registration under way; a confirmed one is left alone."""
    with transaction.atomic():
        forgotten, _ = (
            Registration.objects.of(registration.user)
            .under_way()
            .filter(pk=registration.pk)
            .delete()
        )
        if forgotten:
            _record(tags.REGISTRATION_CANCELED, registration, actor, ruleset)


def delete(registration: Registration, *, ruleset: Ruleset, actor: Actor) -> Registration | None:
    """Delete a confirmed method. Returns the method that is the default from now on, if any.

    Raises Refused when the guard MG6 forbids it; then nothing was changed, but it was recorded.
    """
    try:
        return _delete(registration, ruleset, actor)
    except Refused as refusal:
        with transaction.atomic():
            _record(
                tags.METHOD_DELETE_REFUSED,
                registration,
                actor,
                ruleset,
                result="refused",
                reason=str(refusal.reason),
            )
        raise


@transaction.atomic
def _delete(registration: Registration, ruleset: Ruleset, actor: Actor) -> Registration | None:
    user = lock(registration.user)
    standing = Standing.of(user, ruleset)
    if registration.pk not in {each.pk for each in standing.registrations}:
        return standing.default
    decision = may_delete(registration, standing)
    if not decision:
        raise Refused(decision.reason)
    told = contacts.contacts_of(user)
    challenges.cancel(registration)
    Registration.objects.of(user).filter(pk=registration.pk).delete()
    default = ensure_default(user, ruleset)
    _record(tags.METHOD_DELETED, registration, actor, ruleset)
    notices.method_deleted(user, contacts=told, what=what(registration), actor=actor)
    _changed(user, "deleted", actor)
    return default


@transaction.atomic
def make_default(registration: Registration, *, ruleset: Ruleset, actor: Actor) -> bool:
    """Ask for this method first at sign-in. False if it already was. Raises Refused."""
    user = lock(registration.user)
    standing = Standing.of(user, ruleset)
    if registration.pk not in {each.pk for each in standing.for_sign_in}:
        raise Refused(Reason.PURPOSE_OFF)
    if standing.default and standing.default.pk == registration.pk:
        return False
    _set_default(user, registration)
    _record(tags.METHOD_DEFAULT_CHANGED, registration, actor, ruleset)
    notices.default_changed(
        user, contacts=contacts.contacts_of(user), what=what(registration), actor=actor
    )
    return True


def may_delete(registration: Registration, standing: Standing) -> Any:
    """MG6 as a Decision: an unusable method may always go, the last ones that count may not."""
    if not standing.is_usable(registration):
        return standing.ruleset.may_delete_unusable()
    left = tuple(each for each in standing.usable if each.pk != registration.pk)
    after = Standing(standing.user, standing.ruleset, left)
    return standing.ruleset.may_delete(
        channels=after.channels, sign_in_methods=len(after.for_sign_in), reachable=after.reachable
    )


def what(registration: Registration) -> notices.What:
    """The method as a notice names it: the label in the reader's language, and the mask."""
    return notices.What(registration.method.label, registration.summary)


def lock(user: User) -> User:
    """The person's row, held until the transaction ends: changes of one person happen in turn.

    SQLite has no row locks; there every transaction of ours begins IMMEDIATE, which is stricter.
    """
    return get_user_model().objects.select_for_update().get(pk=user.pk)


def ensure_default(user: User, ruleset: Ruleset) -> Registration | None:
    """The default sign-in method; if there is none, the strongest becomes it (MG8)."""
    standing = Standing.of(user, ruleset)
    if standing.default or not standing.for_sign_in:
        return standing.default
    heir = min(
        standing.for_sign_in,
        key=lambda each: (-each.method.strength, -_used(each).timestamp(), each.pk),
    )
    _set_default(user, heir)
    return heir


def _draft(
    user: User, method: Method, enrolment: Enrolment, replaces: Registration | None
) -> Registration:
    return Registration(
        user=user,
        kind=method.kind,
        name="",
        confirmed=False,
        details=enrolment.details,
        fingerprint=_fingerprint(method.kind, enrolment.identity),
        channel=crypto.fingerprint("channel", method.channel_of(enrolment.identity)),
        replaces=replaces,
    )


def _fingerprint(kind: str, identity: str) -> str:
    return crypto.fingerprint(f"identity:{kind}", identity) if identity else ""


def _check_may_begin(registration: Registration, ruleset: Ruleset) -> None:
    standing = Standing.of(registration.user, ruleset)
    _check_policy(registration, standing)
    same = [
        each
        for each in standing.registrations
        if each.kind == registration.kind and each.fingerprint == registration.fingerprint
    ]
    if same and registration.fingerprint:
        raise AlreadyAdded


def _check_policy(registration: Registration, standing: Standing) -> None:
    """A change needs the kind to be allowed; a new method also needs room for it (K4)."""
    if registration.replaces_id:
        decision = standing.ruleset.may_register(registration.method.traits)
    else:
        decision = standing.may_add(registration.method)
    if not decision:
        raise Refused(decision.reason)


def _take_effect(
    registration: Registration, ruleset: Ruleset, actor: Actor, *, required: bool
) -> None:
    user = lock(registration.user)
    standing = Standing.of(user, ruleset)
    _check_policy(registration, standing)
    trusted_from = None if required else _trusted_from(standing, registration)
    old = registration.replaces
    try:
        with transaction.atomic():
            if old is None:
                _add(registration, trusted_from, standing, actor)
            else:
                _replace(old, registration, trusted_from, standing, actor)
    except IntegrityError as error:
        raise AlreadyAdded from error


def _add(
    registration: Registration, trusted_from: datetime | None, standing: Standing, actor: Actor
) -> None:
    user, ruleset = standing.user, standing.ruleset
    registration.confirmed = True
    registration.confirmed_at = timezone.now()
    registration.trusted_from = trusted_from
    registration.save(update_fields=["confirmed", "confirmed_at", "trusted_from"])
    ensure_default(user, ruleset)
    _record(tags.METHOD_REGISTERED, registration, actor, ruleset)
    notices.method_added(
        user, contacts=contacts.contacts_of(user), what=what(registration), actor=actor
    )
    _changed(user, "added", actor)


def _replace(
    old: Registration,
    new: Registration,
    trusted_from: datetime | None,
    standing: Standing,
    actor: Actor,
) -> None:
    """The old row lives on with the new value: its place, its default mark and its date stay."""
    user, ruleset = standing.user, standing.ruleset
    told, before = contacts.contacts_of(user), what(old)
    challenges.cancel(old)
    new.challenges.update(registration=old)
    old.details = new.details
    old.fingerprint, old.channel = new.fingerprint, new.channel
    old.trusted_from = trusted_from
    old.suspended_at = None
    new.delete()
    old.save()
    _record(tags.METHOD_CHANGED, old, actor, ruleset, before=before.masked)
    notices.method_changed(
        user,
        contacts=[*told, *(each for each in contacts.contacts_of(user) if each not in told)],
        old=before,
        new=what(old),
        actor=actor,
    )
    _changed(user, "changed", actor)


def _trusted_from(standing: Standing, registration: Registration) -> datetime | None:
    """K9: beside another usable method a new one waits; the first one is trusted at once."""
    itself = {registration.pk, registration.replaces_id}
    others = [each for each in standing.usable if each.pk not in itself]
    if not others:
        return None
    return timezone.now() + timedelta(hours=standing.ruleset.settings.cool_down_hours)


def _set_default(user: User, registration: Registration) -> None:
    Registration.objects.of(user).filter(is_default=True).update(is_default=False)
    Registration.objects.of(user).filter(pk=registration.pk).update(is_default=True)


def _used(registration: Registration) -> datetime:
    return registration.last_used_at or registration.created_at


def _changed(user: User, change: str, actor: Actor) -> None:
    security_info_changed.send(
        sender=Registration, user=user, change=change, keep_session=actor.session
    )


def _record(
    tag: str, registration: Registration, actor: Actor, ruleset: Ruleset, **facts: str
) -> None:
    log.record(
        tag,
        actor=actor,
        subject=registration.user.public_id,
        kind=registration.kind,
        masked=registration.summary,
        policy_version=ruleset.version,
        **facts,
    )
