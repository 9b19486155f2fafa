"""The answer of the policy to one question: yes, or no and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why something is not allowed."""

    RULE_OFF = "rule_off"
    EXCLUDED = "excluded"
    NOT_INCLUDED = "not_included"
    STAFF_STRENGTH = "staff_strength"
    ISSUED = "issued"  # handed out by the helpdesk, never added by its person
    NOT_FOR_PURPOSE = "not_for_purpose"  # the kind can't do this, whatever the policy says
    PURPOSE_OFF = "purpose_off"
    NO_PROVIDER = "no_provider"  # nobody who could send it: no operator's account, no country
    AT_MAXIMUM = "at_maximum"
    PROVIDER_DOWN = "provider_down"  # fails again and again: nothing is sent for a while
    CHANNEL_STOPPED = "channel_stopped"  # its switch is off: nothing can be sent right now
    SUSPENDED = "suspended"  # "This wasn't me": until the helpdesk lifts it
    FROZEN = "frozen"  # "This wasn't me": the whole account, until the helpdesk lifts it
    DAMAGED = "damaged"  # what is stored of it can't be read any more
    UNDELIVERABLE = "undeliverable"  # the provider has refused its number for good
    HELD = "held"  # a reset has proved it alone, not long ago
    NOT_REGISTERED = "not_registered"  # the policy allows it, and the person has none
    NO_SECOND = "no_second"  # a reset asks for a second check, and there is nothing to pass it with
    RESET_FOR = "reset_for"  # this person may not reset the password
    NOT_FIRST = "not_first"  # no first check of a reset: it proves too little, or costs money
    LAST_SIGN_IN = "last_sign_in"
    TOO_FEW = "too_few"
    NEEDS_CONSENT = "needs_consent"  # allowed once "Sign in with my password only" is ticked


@dataclass(frozen=True)
class Decision:
    """The answer to one question; true when allowed."""

    allowed: bool
    reason: Reason | None = None

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(True)


def refused(reason: Reason) -> Decision:
    return Decision(False, reason)
