"""How often a password may be tried: charged before it is looked at, given back when right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from accounts import crowd
from accounts.hashers import Busy
from accounts.models import User
from securityinfo import throttling
from securityinfo.actor import Origin
from securityinfo.crypto import fingerprint
from securityinfo.network import network_key
from securityinfo.throttling import Hit, limits

LONGEST_NAME = 254


def account_key(typed: str, purpose: str = "sign_in") -> str:
    """The counter of an account, by what is typed and never by what exists.

    Each purpose has its own: strangers at the door must not stop a person who is signed in from
    confirming.

    Counting by person would tell strangers which user name and which address belong together.
    So both spellings meet in the part before the @, as nearly all organizations build addresses;
    where they don't, each of the two spellings has its own counter.
    """
    name = typed.strip().lower()[:LONGEST_NAME]
    return fingerprint(f"account:{purpose}", name.partition("@")[0] or name)


def charge(
    typed: str, origin: Origin, *, purpose: str, browser: Callable[[], str] = str
) -> Sequence[Hit]:
    """One try: by address, by account and address, by account. Raises throttling.Throttled.

    The wait of the account, which strangers can bring about, doesn't hold up a browser in which
    its owner has signed in before (`browser`, see browsers.known_as). That has a wait of its own:
    whoever got hold of it must not guess on from one network after the other.

    A flood from one address stops at its own limit before it spends the owner's, and before anybody
    asks for the browser. Whoever has to wait is charged nothing, so the wait doesn't grow. Nor is
    a stranger who is sent away because too many wait already: raises hashers.Busy.
    """
    address, account = network_key(origin.address), account_key(typed, purpose)
    from_here = [
        *throttling.wanted(fingerprint("address", address), limits.PASSWORD_BY_ADDRESS),
        *throttling.wanted(_by_both(account, address), *limits.PASSWORD_BY_ACCOUNT_AND_ADDRESS),
    ]
    throttling.refuse_again(*from_here)
    known = browser()
    if not known and crowd.is_too_large():
        raise Busy
    held = throttling.wanted(known or account, limits.PASSWORD_HOLD)
    return throttling.charge(*from_here, *held)


def is_held(typed: str, *, purpose: str) -> bool:
    """Whether the latest failure made this account wait."""
    return throttling.held_until(limits.PASSWORD_HOLD, account_key(typed, purpose)) is not None


def forget(user: User, origin: Origin, *, browser: str = "") -> None:
    """Whoever has a new password needn't wait for the mistakes with the old one (PR11).

    Both spellings of the name, from anywhere, from this address, and in this browser.
    """
    for account in {account_key(each, "sign_in") for each in _names(user)}:
        throttling.clear(limits.PASSWORD_HOLD, account)
        for limit in limits.PASSWORD_BY_ACCOUNT_AND_ADDRESS:
            throttling.clear(limit, _by_both(account, network_key(origin.address)))
    if browser:
        throttling.clear(limits.PASSWORD_HOLD, browser)


def counters_of(
    user: User, addresses: Iterable[str], browsers: Iterable[str]
) -> list[throttling.Try]:
    """All that wrong passwords and begun resets have counted of this person (HD8)."""
    found = [each for name in browsers for each in throttling.wanted(name, limits.PASSWORD_HOLD)]
    networks = {network_key(each) for each in addresses}
    names = _names(user)
    for account in {account_key(name, each) for name in names for each in ("sign_in", "confirm")}:
        found += throttling.wanted(account, limits.PASSWORD_HOLD)
        for network in networks:
            both = _by_both(account, network)
            found += throttling.wanted(both, *limits.PASSWORD_BY_ACCOUNT_AND_ADDRESS)
    for account in {account_key(name, "reset") for name in names}:
        found += throttling.wanted(account, limits.RESET_STARTS_BY_ACCOUNT)
        found += throttling.wanted(f"reset:{account}", *limits.RESET_ANSWERS_BY_ACCOUNT)
    return found


def _names(user: User) -> list[str]:
    """Both spellings; not one that is the beginning of somebody else's."""
    local = user.work_address.partition("@")[0]
    if User.objects.exclude(pk=user.pk).filter(username__iexact=local).exists():
        return [user.username]
    return [user.username, user.work_address]


def _by_both(account: str, address: str) -> str:
    return fingerprint("account and address", f"{account} {address}")
