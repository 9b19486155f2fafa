"""How strongly a person has to be proved before a page of security info opens (SU2–SU4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from methods import changes, places, registry
from methods.models import Registration
from methods.places import SignedIn
from methods.standing import Standing
from securityinfo.freshness import Need
from securityinfo.policy.rules import Strength

BEFORE_A_CHANGE = _("Before you change your security info.")


def any_method(request: SignedIn, **_named: Any) -> Need:
    """For what changes none of the methods: any that signs this person in."""
    return need_of(places.standing_of(request), Strength.WEAK, before=_("Before you go on."))


def to_add(request: SignedIn, kind: str = "", **_named: Any) -> Need:
    """As strong as what is added; before it is chosen as much as the weakest kind asks for."""
    strength = registry.get(kind).strength if registry.has(kind) else Strength.WEAK
    return need_of(places.standing_of(request), strength, before=BEFORE_A_CHANGE)


def to_change(request: SignedIn, uuid: UUID, **_named: Any) -> Need:
    return _of_one(request, uuid, _("Before you change {method}."))


def to_delete(request: SignedIn, uuid: UUID, **_named: Any) -> Need:
    """What was disowned protects nothing any more: its owner gets rid of it (MG6)."""
    return _of_one(request, uuid, _("Before you delete {method}."), is_deletion=True)


def to_set_up(request: SignedIn, kind: str = "", uuid: UUID | None = None, **_named: Any) -> Need:
    """Of the pages that adding and changing have in common."""
    return to_change(request, uuid) if uuid else to_add(request, kind)


def to_change_default(request: SignedIn, uuid: UUID | None = None) -> Need:
    """As strong as what was chosen; before that as the weakest."""
    standing = places.standing_of(request)
    chosen = standing.named(uuid) if uuid else None
    return to_make_default(standing, chosen) if chosen else any_method(request)


def to_make_default(standing: Standing, registration: Registration) -> Need:
    return need_of(standing, registration.method.strength, before=BEFORE_A_CHANGE)


def to_change_password(request: SignedIn, **_named: Any) -> Need:
    """MG9: as strong as this person can."""
    standing = places.standing_of(request)
    before = _("Before you change your password.")
    return need_of(standing, standing.strongest, before=before)


def need_of(standing: Standing, concerned: int, *, settled: bool = False, before: Any = "") -> Need:
    """`concerned`: strength of what is about to be changed; the person's strongest if lower (SU2).

    Where email is the strongest that can be asked for, the password goes with it; where there is
    nothing to ask for, the password has to do (SU3).
    """
    if not standing.for_sign_in:
        return Need(Strength.NONE, with_password=True, before=before)
    usable = standing.for_sign_in[0].method.strength
    strength = max(min(concerned, standing.strongest), Strength.WEAK)
    return Need(strength, settled=settled, with_password=usable == Strength.WEAK, before=before)


def _of_one(request: SignedIn, uuid: UUID, before: Any, *, is_deletion: bool = False) -> Need:
    """An older method is not changed or deleted by the word of a new one (K9)."""
    standing = places.standing_of(request)
    registration = standing.named(uuid)
    if registration is None:  # the page says so
        return any_method(request)
    # What follows a change of its number (CA7) is changed by the same word.
    changed = [each for each in standing.registrations if each.channel == registration.channel]
    is_disowned = is_deletion and registration.suspended_at is not None
    return need_of(
        standing,
        Strength.WEAK if is_disowned else registration.method.strength,
        settled=not all(each.is_new() for each in (registration, *changed)),
        before=str(before).format(method=changes.what(registration)),
    )
