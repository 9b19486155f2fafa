"""Deleting a method: never the last one that the organization asks for."""

from __future__ import annotations

from django.db import transaction

from methods import challenges, changes, contacts, defaults
from methods.models import Registration
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.audit import tags
from securityinfo.messaging import notices
from securityinfo.policy.rules import Decision, Reason, Ruleset


def delete(
    registration: Registration, *, ruleset: Ruleset, actor: Actor, password_only: bool = False
) -> Registration | None:
    """Delete a confirmed method. Returns the method that is the default from now on, if any.

    `password_only`: the person accepts to sign in with the password alone, where policy has it.

    Raises Refused when the guard MG6 forbids it; then nothing was changed, but it was recorded.
    After too many of those it raises throttling.Throttled.
    """
    try:
        return _delete(registration, ruleset, actor, password_only=password_only)
    except changes.Refused as refusal:
        changes.charge(registration.user)
        with transaction.atomic():
            changes.record(
                tags.METHOD_DELETE_REFUSED,
                registration,
                actor,
                ruleset,
                result="refused",
                reason=str(refusal.reason),
            )
        raise


@transaction.atomic
def _delete(
    registration: Registration, ruleset: Ruleset, actor: Actor, *, password_only: bool
) -> Registration | None:
    user = changes.lock_for_change(registration.user)
    standing = Standing.of(user, ruleset)
    if registration.pk not in {each.pk for each in standing.registrations}:
        return standing.default
    decision = may_delete(registration, standing, password_only=password_only)
    if not decision:
        raise changes.Refused(decision.reason)
    told = contacts.contacts_of(user)
    challenges.cancel(registration)
    Registration.objects.of(user).filter(pk=registration.pk).delete()
    default = defaults.ensure(user, ruleset)
    event = changes.record(tags.METHOD_DELETED, registration, actor, ruleset)
    notices.method_deleted(
        user,
        contacts=told,
        what=changes.what(registration),
        kind=registration.method.in_words,
        actor=actor,
        event=event,
    )
    changes.tell_others(user, "deleted", actor)
    return default


def may_delete(
    registration: Registration, standing: Standing, *, password_only: bool = False
) -> Decision:
    """MG6: a method that can't be used may always go, the last ones that count may not."""
    if standing.is_frozen:
        return Decision(False, Reason.FROZEN)
    left = standing.without(registration)
    return standing.ruleset.may_delete(
        # What doesn't count toward the required number is not missed in it.
        usable=standing.is_usable(registration) and registration.method.traits.counts,
        sign_in_left=len(left.for_sign_in),
        channels_left=left.channels,
        reachable=standing.reachable,
        password_only=password_only,
    )
