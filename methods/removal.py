"""Taking methods away by the helpdesk's word, which the guard MG6 doesn't hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from methods import challenges, defaults, registry
from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy.rules import Purpose, Ruleset

if TYPE_CHECKING:
    from accounts.models import User


def remove(user: User, registrations: Iterable[Registration], ruleset: Ruleset) -> Standing:
    """In a transaction that holds the person's row; whoever asks records and tells.

    Returns how the person stands now.
    """
    for registration in registrations:
        challenges.cancel(registration)
        registration.delete()
    defaults.ensure(user, ruleset)
    return Standing.of(user, ruleset)


def for_sign_in(user: User) -> list[Registration]:
    """All that a person could sign in with, whatever policy has it; what is under way too.

    What belongs to a kind whose folder is gone may come back with it.
    """
    return [each for each in Registration.objects.of(user) if not _is_only_for_reset(each)]


def _is_only_for_reset(registration: Registration) -> bool:
    if not registration.confirmed or not registry.has(registration.kind):
        return False
    return Purpose.SIGN_IN not in registration.method.purposes
