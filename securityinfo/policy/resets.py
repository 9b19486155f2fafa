"""What a reset of the password asks for: pure, like the rules."""

from __future__ import annotations

from securityinfo.policy.decisions import refused
from securityinfo.policy.rules import (
    Decision,
    KindTraits,
    Purpose,
    Reason,
    Ruleset,
    Strength,
)

PAID_CHANNELS = frozenset({"text", "call"})


def may_begin(ruleset: Ruleset, traits: KindTraits) -> Decision:
    """Whether the first check of a reset may be of this kind (PR3).

    Nobody is known yet, so nothing that costs money, unless the organization has it so.
    """
    is_paid = traits.channel in PAID_CHANNELS
    proves_enough = traits.counts or traits.is_issued
    if not proves_enough or (is_paid and not ruleset.settings.paid_first_check):
        return refused(Reason.NOT_FIRST)
    return ruleset.may_use(traits, Purpose.RESET)


def needs_second(ruleset: Ruleset, first: KindTraits, *, is_new: bool, has_stronger: bool) -> bool:
    """Whether a first check of this kind is not enough to choose a new password.

    `is_new`: the method is in its first hours (PR4). `has_stronger`: the person has registered
    something stronger: the weakest kind alone never gets past that (PR8).
    """
    if ruleset.privileged or ruleset.settings.methods_to_reset > 1:  # staff whatever policy says
        return True
    return is_new or (has_stronger and first.strength <= Strength.WEAK)
