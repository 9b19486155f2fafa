"""Changes to security info, each one: check, write, record, notify; in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from methods import (
    admission,
    answers,
    challenges,
    changes,
    contacts,
    defaults,
    fingerprints,
    names,
    sending,
)
from methods.admission import AlreadyAdded
from methods.base import Enrolment, Method
from methods.models import Challenge, Registration
from methods.standing import Standing
from securityinfo import clock, throttling
from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.messaging import notices
from securityinfo.policy.rules import Purpose, Ruleset

if TYPE_CHECKING:
    from accounts.models import User


# What a change gives to the method that was there.
_REPLACED = [
    "details",
    "fingerprint",
    "channel",
    "trusted_from",
    "last_counter",
    "undeliverable",
    "undeliverable_at",
]


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

    Raises changes.Refused, AlreadyAdded and what sending.charge does.
    """
    registration = draft(user, method, method.enrol(user, cleaned_data), replaces)
    admission.check_begin(registration, ruleset)
    hits = sending.charge(registration, actor, purpose=Purpose.REGISTER)
    try:
        return _start(registration, flow=flow, ruleset=ruleset, actor=actor)
    except sending.TooEarly:
        throttling.give_back(*hits)
        raise


@transaction.atomic
def _start(registration: Registration, *, flow: str, ruleset: Ruleset, actor: Actor) -> Challenge:
    changes.lock_for_change(registration.user)
    # Of two clicks at once, the second one stops here.
    sending.check_pause(registration, purpose=Purpose.REGISTER)
    registration.save()
    challenge = challenges.start(
        registration, purpose=Purpose.REGISTER, flow=flow, settings=ruleset.settings, actor=actor
    )
    changes.record(tags.REGISTRATION_STARTED, registration, actor, ruleset)
    return challenge


@transaction.atomic
def add_unproved(
    registration: Registration, *, ruleset: Ruleset, actor: Actor, required: bool = False
) -> Registration:
    """Let a draft of a kind that needs no proof count at once; what counts from now on.

    `required` as in `confirm`. Raises changes.Refused and AlreadyAdded.
    """
    changes.lock_for_change(registration.user)
    registration.save()
    return take_effect(registration, ruleset=ruleset, actor=actor, required=required)


@transaction.atomic
def adopt(
    user: User,
    method: Method,
    cleaned_data: Mapping[str, Any],
    *,
    proven_by: str,
    ruleset: Ruleset,
    actor: Actor,
) -> Registration:
    """A method on a channel that another one of this person has proved; nothing is sent.

    `proven_by`: the uuid of that other one. Raises changes.Refused and AlreadyAdded.
    """
    user = changes.lock_for_change(user)
    registration = draft(user, method, method.enrol(user, cleaned_data))
    proofs = {str(each.uuid): each.channel for each in Standing.of(user, ruleset).usable}
    if proofs.get(proven_by) != registration.channel:
        raise changes.Refused(None)
    admission.check_begin(registration, ruleset)
    registration.save()
    return take_effect(registration, ruleset=ruleset, actor=actor)


def confirm(
    challenge: Challenge,
    given: Mapping[str, Any],
    *,
    flow: str,
    ruleset: Ruleset,
    actor: Actor,
    name: str = "",
    required: bool = False,
    also: Callable[[Registration], object] = lambda _: None,
) -> answers.Answer:
    """Answer the challenge; if right, the method counts from now on.

    `name`: for kinds that are named; empty for the suggested one. `required`: set up in the first
    registration that sign-in demands, so trusted at once (K9). `also`: what else this proof
    changes, in the same transaction. Raises changes.Refused, AlreadyAdded, names.Taken and
    throttling.Throttled; then the method does not count.
    """
    registration = challenge.registration
    return answers.judge(
        challenge,
        given,
        purpose=Purpose.REGISTER,
        flow=flow,
        actor=actor,
        then=lambda _: also(
            take_effect(registration, ruleset=ruleset, actor=actor, name=name, required=required)
        ),
    )


def ask_again(challenge: Challenge, *, flow: str, ruleset: Ruleset, actor: Actor) -> Challenge:
    """A new code for a registration under way; after too many wrong ones, a new challenge.

    Raises what sending.charge does.
    """
    if challenge.closed_at is None and challenge.tries < challenge.max_tries:
        return challenges.resend(challenge, settings=ruleset.settings, actor=actor)
    return challenges.issue(
        challenge.registration,
        purpose=Purpose.REGISTER,
        flow=flow,
        settings=ruleset.settings,
        actor=actor,
    )


def is_same(registration: Registration, enrolment: Enrolment) -> bool:
    """Whether this is a registration of the very same value."""
    return registration.fingerprint != "" and registration.fingerprint in fingerprints.of_value(
        registration.kind, enrolment.identity
    )


def cancel(user: User, *, flow: str, ruleset: Ruleset, actor: Actor) -> None:
    """Forget what was set up in this flow, corrected values too; what is confirmed stays."""
    under_way = Registration.objects.of(user).under_way().in_flow(flow)
    for registration in under_way:
        sending.keep_pause(registration)
    with transaction.atomic():
        changes.lock(user)
        for registration in under_way.all():
            registration.delete()
            changes.record(tags.REGISTRATION_CANCELED, registration, actor, ruleset)


def draft(
    user: User, method: Method, enrolment: Enrolment, replaces: Registration | None = None
) -> Registration:
    """A registration as it is before anything is proved; not stored yet."""
    return Registration(
        user=user,
        kind=method.kind,
        name="",
        confirmed=False,
        details=enrolment.details,
        **fingerprints.beside_others(user, method, enrolment.identity),
        replaces=replaces,
    )


def take_effect(
    registration: Registration,
    *,
    ruleset: Ruleset,
    actor: Actor,
    name: str = "",
    required: bool = False,
) -> Registration:
    """What was proved counts from now on; in a transaction that holds the proof together with it.

    Returns what counts: of a change the method that was there. Raises as `confirm` does.
    """
    user = changes.lock_for_change(registration.user)
    standing = Standing.of(user, ruleset)
    registration.siblings = standing.registrations
    old = registration.replaces and admission.as_it_is_now(registration.replaces, standing)
    admission.check_policy(registration, standing)
    if admission.slot_is_taken(registration, standing):
        raise AlreadyAdded
    trusted_from = None if required else _trusted_from(standing, registration)
    try:
        with transaction.atomic():
            if old is None:
                registration.name = names.of_new(registration.method, name, user)
                _add(registration, trusted_from, standing, actor)
                defaults.ensure(user, ruleset, prefer_strongest=required)
            else:
                _replace(old, registration, trusted_from, standing, actor)
    except IntegrityError as error:
        raise AlreadyAdded from error
    return registration if old is None else old


def _add(
    registration: Registration, trusted_from: datetime | None, standing: Standing, actor: Actor
) -> None:
    user, ruleset = standing.user, standing.ruleset
    registration.confirmed = True
    registration.confirmed_at = clock.now()
    registration.trusted_from = trusted_from
    registration.save(update_fields=["name", "confirmed", "confirmed_at", "trusted_from"])
    event = changes.record(tags.METHOD_REGISTERED, registration, actor, ruleset)
    notices.method_added(
        user,
        contacts=contacts.contacts_of(user),
        what=changes.what(registration),
        kind=registration.method.in_words,
        actor=actor,
        event=event,
    )
    changes.tell_others(user, "added", actor)


def _replace(
    old: Registration,
    new: Registration,
    trusted_from: datetime | None,
    standing: Standing,
    actor: Actor,
) -> None:
    """The old row lives on with the new value: its place, its default mark and its date stay."""
    user, ruleset = standing.user, standing.ruleset
    told, before, old_summary = contacts.contacts_of(user), changes.what(old), old.summary
    challenges.cancel(old)
    new.challenges.update(registration=old)
    old.details = new.details
    old.fingerprint, old.channel = new.fingerprint, new.channel
    old.trusted_from, old.last_counter = trusted_from, new.last_counter
    old.undeliverable, old.undeliverable_at = "", None
    new.delete()
    old.save(update_fields=_REPLACED)
    event = changes.record(tags.METHOD_CHANGED, old, actor, ruleset, before=old_summary)
    notices.method_changed(
        user,
        contacts=[*told, *(each for each in contacts.contacts_of(user) if each not in told)],
        old=before,
        new=changes.what(old),
        kind=old.method.in_words,
        actor=actor,
        event=event,
    )
    changes.tell_others(user, "changed", actor)


def _trusted_from(standing: Standing, registration: Registration) -> datetime | None:
    """K9: beside another usable method a new one waits; the first one is trusted at once."""
    itself = {registration.pk, registration.replaces_id}
    others = [each for each in standing.usable if each.pk not in itself]
    if not others:
        return None
    return clock.now() + timedelta(hours=standing.ruleset.settings.cool_down_hours)
