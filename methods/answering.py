"""How often answers may be given: the limits of one account, and of one network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from methods.models import Challenge
from securityinfo import throttling
from securityinfo.actor import SYSTEM, Actor
from securityinfo.network import is_within, network_key, parse_networks
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import Hold, Limit, Try, limits

# Sign-in and step-up share their counters; a reset, which needs no password, can't fill them.
FAMILIES = {
    Purpose.SIGN_IN: "sign-in",
    Purpose.CONFIRM: "sign-in",
    Purpose.RESET: "reset",
    Purpose.REGISTER: "register",
    Purpose.CALLER: "caller",
}


@dataclass(frozen=True)
class Counted:
    """What an answer was charged; `today`: the which of the account's it is in a day.

    Right ones are given back, so the rest were wrong.
    """

    hits: Sequence[throttling.Hit]
    today: int


def charge(challenge: Challenge, actor: Actor) -> Counted:
    """One hit for the caller's address, then for the account: a flood stops at its own limit.

    A browser in which this person has signed in before counts for itself: whoever knows the
    password makes others wait, and not the owner there.

    Raises throttling.Throttled, and then nothing was counted.
    """
    return charge_person(challenge.user_id, Purpose(challenge.purpose), actor)


def charge_person(user: int, purpose: Purpose, actor: Actor) -> Counted:
    """`charge` for what is answered without a challenge. `user`: the id of the person."""
    of_address = by_address(actor)
    of_account = by_account(purpose, _account(user, purpose, actor))
    hits = throttling.charge(*of_address, *of_account)
    return Counted(hits, today=max(each.number for each in hits[len(of_address) :]))


def by_address(actor: Actor) -> list[Try]:
    """A hit for the caller's address; none for the keys of a phone, which come from nowhere."""
    if actor == SYSTEM:
        return []
    address = network_key(actor.origin.address)
    return throttling.wanted(address, *limits.ANSWERS_BY_ADDRESS, times=_times(actor))


def by_account(purpose: Purpose, account: str) -> list[Try]:
    """`account`: a person's id, or what stands for an account."""
    return throttling.wanted(f"{FAMILIES[purpose]}:{account}", *_limits_of(purpose))


def free_at(challenge: Challenge, actor: Actor) -> datetime | None:
    """When the account may answer again; None if it may now. Shows, but decides nothing."""
    purpose = Purpose(challenge.purpose)
    account = _account(challenge.user_id, purpose, actor)
    return throttling.free_at(by_account(purpose, account))


def _limits_of(purpose: Purpose) -> Sequence[Limit | Hold]:
    if purpose is Purpose.RESET:
        return limits.RESET_ANSWERS_BY_ACCOUNT
    if purpose is Purpose.CALLER:
        return limits.CALLER_ANSWERS_BY_ACCOUNT
    return limits.ANSWERS_BY_ACCOUNT


def _account(user: int, purpose: Purpose, actor: Actor) -> str:
    """Who resets a password has proved nothing yet, in whichever browser."""
    if actor == SYSTEM:  # the keys of a phone; strangers' answers on pages don't stop them
        return f"{user}:phone"
    if actor.known_browser and purpose is not Purpose.RESET:
        return f"{user}:{actor.known_browser}"
    return str(user)


def _times(actor: Actor) -> int:
    offices = parse_networks(policy.current().office_networks)
    return limits.OFFICE_TIMES if is_within(actor.origin.address, offices) else 1
