"""What must hold before a method is added or changed, whoever asks and however it is proved."""

from __future__ import annotations

from methods import changes
from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy.rules import Ruleset


class AlreadyAdded(Exception):
    """The same person has the same value confirmed for this kind."""


def check_begin(registration: Registration, ruleset: Ruleset) -> None:
    standing = Standing.of(registration.user, ruleset)
    check_policy(registration, standing)
    same = [
        each
        for each in standing.registrations
        if each.kind == registration.kind and each.fingerprint == registration.fingerprint
        if not (each.undeliverable and each.pk == registration.replaces_id)  # proved again (K8)
    ]
    if (same and registration.fingerprint) or slot_is_taken(registration, standing):
        raise AlreadyAdded


def slot_is_taken(registration: Registration, standing: Standing) -> bool:
    """Whether another method of the kind is already what only one can be."""
    slot = registration.method.slot_of(registration.details)
    return bool(slot) and any(
        each.kind == registration.kind
        and each.pk != registration.replaces_id
        and each.method.slot_of(each.details) == slot
        for each in standing.readable
    )


def check_policy(registration: Registration, standing: Standing) -> None:
    """A change needs the kind to be allowed; a new method also needs room for it (K4)."""
    if registration.replaces:
        decision = standing.may_change(as_it_is_now(registration.replaces, standing))
    else:
        decision = standing.may_add(registration.method)
    decision = decision and standing.ruleset.may_send(registration.method.traits)
    if not decision:
        raise changes.Refused(decision.reason)


def as_it_is_now(old: Registration, standing: Standing) -> Registration:
    """What is to be replaced, as `standing` has read it. Raises Refused if it is gone."""
    for each in standing.registrations:
        if each.pk == old.pk:
            return each
    raise changes.Refused(None)
