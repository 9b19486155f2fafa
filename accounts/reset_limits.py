"""How often resets may be begun and answered: counted by what is typed, never by what exists."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.attempts import account_key
from accounts.models import User
from methods import answering
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.network import network_key
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import Hit, Throttled, limits


def may_begin(typed: str, actor: Actor) -> bool:
    """Counts one; False beyond the limits: then the pages look the same and nothing is sent."""
    try:
        throttling.charge(
            *throttling.wanted(network_key(actor.origin.address), limits.RESET_STARTS_BY_ADDRESS),
            *throttling.wanted(_key(typed), limits.RESET_STARTS_BY_ACCOUNT),
        )
    except Throttled:
        return False
    return True


def is_recorded(actor: Actor) -> bool:
    """Whether a start beyond the limits is written down: a flood would fill the log for years."""
    try:
        throttling.hit(limits.RESET_STARTS_RECORDED, network_key(actor.origin.address))
    except Throttled:
        return False
    return True


def charge_answer(typed: str, actor: Actor) -> Sequence[Hit]:
    """One answer, by address and by what was typed. Raises throttling.Throttled."""
    by_name = answering.by_account(Purpose.RESET, _key(typed))
    return throttling.charge(*answering.by_address(actor), *by_name)


def charge_person(user: User | None, typed: str) -> Sequence[Hit] | None:
    """The same answer by whose it is: a second spelling of a name gives no further tries.

    None if there have been too many. Nobody is told so: it would say which two names are one
    person. Names of nobody are counted as well, so that it takes as long.
    """
    whose = str(user.pk) if user else f"nobody:{_key(typed)}"
    try:
        return throttling.charge(*answering.by_account(Purpose.RESET, whose))
    except Throttled:
        return None


def _key(typed: str) -> str:
    return account_key(typed, "reset")
