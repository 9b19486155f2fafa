"""What a reset of the password asks for: pure, like the rules."""

from __future__ import annotations

from securityinfo.policy.decisions import refused
from securityinfo.policy.rules import (
    Decision,
    KindTraits,
    Purpose,
    Reason,
    Ruleset,
    Settings,
    Strength,
)

PAID_CHANNELS = frozenset({"text", "call"})


def fits_first(settings: Settings, traits: KindTraits) -> bool:
    """Whether a kind is of a sort with which a reset begins, whatever the rules say of it."""
    is_paid = traits.channel in PAID_CHANNELS
    proves_enough = traits.counts or traits.is_issued
    return proves_enough and (settings.paid_first_check or not is_paid)


def checks_needed(ruleset: Ruleset) -> int:
    """How many different channels a reset asks for at least; staff whatever policy says."""
    return 2 if ruleset.privileged else ruleset.settings.methods_to_reset


def may_begin(ruleset: Ruleset, traits: KindTraits) -> Decision:
    """Whether the first check of a reset may be of this kind (PR3).

    Nobody is known yet, so nothing that costs money, unless the organization has it so.
    """
    if not fits_first(ruleset.settings, traits):
        return refused(Reason.NOT_FIRST)
    return ruleset.may_use(traits, Purpose.RESET)


def needs_second(ruleset: Ruleset, first: KindTraits, *, is_new: bool, has_stronger: bool) -> bool:
    """Whether a first check of this kind is not enough to choose a new password.

    `is_new`: the method is in its first hours (PR4). `has_stronger`: the person has registered
    something stronger: the weakest kind alone never gets past that (PR8).
    """
    if checks_needed(ruleset) > 1:
        return True
    return is_new or (has_stronger and first.strength <= Strength.WEAK)
