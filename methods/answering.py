"""How often answers may be given: the limits of one account, and of one network."""

from __future__ import annotations

from collections.abc import Sequence

from methods.models import Challenge
from securityinfo import throttling
from securityinfo.actor import SYSTEM, Actor
from securityinfo.network import is_within, network_key, parse_networks
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits

# Sign-in and step-up share their counters; a reset, which needs no password, can't fill them.
FAMILIES = {
    Purpose.SIGN_IN: "sign-in",
    Purpose.CONFIRM: "sign-in",
    Purpose.RESET: "reset",
    Purpose.REGISTER: "register",
    Purpose.CALLER: "caller",
}


def charge(challenge: Challenge, actor: Actor) -> Sequence[throttling.Hit]:
    """One hit for the caller's address, then for the account: a flood stops at its own limit.

    Raises throttling.Throttled, and then nothing was counted.
    """
    family = FAMILIES[Purpose(challenge.purpose)]
    address, account = network_key(actor.origin.address), f"{family}:{challenge.user_id}"
    with throttling.all_or_none() as charged:
        if actor != SYSTEM:  # keys of a phone come from no address
            charged += throttling.hit_all(limits.ANSWERS_BY_ADDRESS, address, times=_times(actor))
        charged += throttling.hit_all(limits.ANSWERS_BY_ACCOUNT, account)
    return charged


def _times(actor: Actor) -> int:
    offices = parse_networks(policy.current().office_networks)
    return limits.OFFICE_TIMES if is_within(actor.origin.address, offices) else 1
