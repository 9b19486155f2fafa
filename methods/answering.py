"""How often answers may be given: the limits of one account, and of one network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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

    A browser in which this person has signed in before counts for itself: whoever knows the
    password makes others wait, and not the owner there.

    Raises throttling.Throttled, and then nothing was counted.
    """
    address, account = network_key(actor.origin.address), _account(challenge, actor)
    tries = throttling.wanted(account, *limits.ANSWERS_BY_ACCOUNT)
    if actor != SYSTEM:  # keys of a phone come from no address
        tries = throttling.wanted(address, *limits.ANSWERS_BY_ADDRESS, times=_times(actor)) + tries
    return throttling.charge(*tries)


def free_at(challenge: Challenge, actor: Actor) -> datetime | None:
    """When the account may answer again; None if it may now. Shows, but decides nothing."""
    waits = []
    for limit in limits.ANSWERS_BY_ACCOUNT:
        try:
            throttling.check(limit, _account(challenge, actor))
        except throttling.Throttled as wait:
            waits.append(wait.retry_at)
    return max(waits, default=None)


def _account(challenge: Challenge, actor: Actor) -> str:
    account = f"{FAMILIES[Purpose(challenge.purpose)]}:{challenge.user_id}"
    return f"{account}:{actor.known_browser}" if actor.known_browser else account


def _times(actor: Actor) -> int:
    offices = parse_networks(policy.current().office_networks)
    return limits.OFFICE_TIMES if is_within(actor.origin.address, offices) else 1
