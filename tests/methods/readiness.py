"""What one person is ready for, by the rules of the pages: `headcount` has to count the same."""

from __future__ import annotations

from dataclasses import dataclass

from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy import resets
from securityinfo.policy.rules import Purpose


@dataclass(frozen=True)
class Readiness:
    """By the definitions of the reports (RE1)."""

    registered_for_sign_in: bool  # has a sign-in method
    can_sign_in: bool  # one of them is usable
    registered_for_reset: bool  # has enough channels, one of them fit for the first check
    can_reset: bool  # those are usable, and this person may reset
    complete: bool  # as many usable channels as the organization wants
    short: bool  # fewer than are asked of this person: nobody is asked for what is not allowed

    @classmethod
    def of(cls, standing: Standing) -> Readiness:
        ruleset = standing.ruleset
        settings = ruleset.settings
        for_reset = [each for each in standing.registrations if _serves_reset(each)]
        usable = standing.able_to(Purpose.RESET)
        needed = resets.checks_needed(ruleset)
        return cls(
            registered_for_sign_in=standing.has_sign_in_method,
            can_sign_in=bool(standing.for_sign_in),
            registered_for_reset=len({each.channel for each in for_reset}) >= needed
            and any(resets.fits_first(settings, each.method.traits) for each in for_reset),
            can_reset=bool(ruleset.may_reset())
            and len({each.channel for each in usable}) >= needed
            and any(resets.may_begin(ruleset, each.method.traits) for each in usable),
            complete=standing.channels >= settings.methods_to_register,
            short=standing.channels < ruleset.channels_needed(standing.reachable),
        )


def _serves_reset(registration: Registration) -> bool:
    return Purpose.RESET in registration.method.traits.purposes
