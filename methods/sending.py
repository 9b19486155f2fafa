"""How often codes may be sent: the pauses of one person, the limits of everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

from methods import phone, undeliverable
from methods.models import Challenge, Registration
from methods.phone import PhoneNumber
from securityinfo import clock, throttling
from securityinfo.actor import Actor
from securityinfo.network import network_key
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits

# After the first code 30 s, after the second 60 s, then 120 s: impatience costs the least first.
COOLDOWNS = (30, 60, 120)
COOLDOWN_WINDOW = timedelta(minutes=30)  # what was sent longer ago makes nobody wait
SITE = "site"  # the one key of what is counted for everybody together


class TooEarly(Exception):
    """The next code may be asked for at `until` (aware datetime)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def charge(registration: Registration, actor: Actor, *, purpose: str) -> Sequence[throttling.Hit]:
    """Charges the limits of sending, if the number may be tried at all.

    What strangers can bring about, a reset, has pauses and counters of its own: it stops no code
    for anything else (R077). `registration` need not be stored yet. Raises
    undeliverable.Undeliverable, TooEarly or throttling.Throttled; nothing is sent then.
    """
    if not registration.method.sends:
        return []
    undeliverable.check(registration)
    throttling.check_hold(limits.CALLS_DISOWNED, _line(registration))
    check_pause(registration, purpose=purpose)
    address = network_key(actor.origin.address)
    apart = ":reset" if purpose == Purpose.RESET else _here(actor)
    account = f"{registration.user_id}:{registration.method.sends}{apart}"
    number = registration.method.destination(registration.details)
    is_proven = _is_proven(registration)
    destination = _destination(registration, number, apart, is_proven=is_proven)
    return throttling.charge(
        *throttling.wanted(address, limits.SENDS_BY_ADDRESS),
        *throttling.wanted(account, *limits.SENDS_BY_ACCOUNT),
        *throttling.wanted(destination, *limits.SENDS_BY_DESTINATION),
        *(_of_number(number, is_proven=is_proven) if number else ()),
    )


def _here(actor: Actor) -> str:
    """What sets a known browser's counters apart, as in answering.charge."""
    return f":{actor.known_browser}" if actor.known_browser else ""


def _destination(
    registration: Registration, number: PhoneNumber | None, apart: str, *, is_proven: bool
) -> str:
    """Owners and strangers are counted apart: nobody uses up what an owner needs to sign in.

    To strangers a number is one phone, whatever extension they make up behind it.
    """
    if is_proven:
        return f"{registration.channel}:proven{apart}"
    return phone.channel_of(number.e164) if number else registration.channel


def counters_of(registration: Registration, *, apart: Iterable[str]) -> list[throttling.Try]:
    """What a confirmed method has sent: by its person, to its destination, in each place `apart`.

    And whether it was reported that a call wasn't asked for.
    """
    if not registration.method.sends:
        return []
    found = throttling.wanted(_line(registration), limits.CALLS_DISOWNED)
    for place in apart:
        account = f"{registration.user_id}:{registration.method.sends}{place}"
        destination = f"{registration.channel}:proven{place}"
        found += throttling.wanted(account, *limits.SENDS_BY_ACCOUNT)
        found += throttling.wanted(destination, *limits.SENDS_BY_DESTINATION)
    return found


def disown(registration: Registration) -> None:
    """Whoever was reached did not ask for it: nothing more is sent there for this person today."""
    with suppress(throttling.Throttled):  # held back already
        throttling.hold_back(limits.CALLS_DISOWNED, _line(registration))


def _line(registration: Registration) -> str:
    """A person and the phone or mailbox reached, the same behind whatever extension."""
    number = registration.method.destination(registration.details)
    reached = phone.channel_of(number.e164) if number else registration.channel
    return f"{registration.user_id}:{registration.method.sends}:{reached}"


def _of_number(number: PhoneNumber, *, is_proven: bool) -> list[throttling.Try]:
    """What costs money: strangers' numbers by prefix and by country, then all of the day."""
    settings = policy.current()
    by_day = limits.messages_by_day(settings.messages_per_day, to_proven_number=is_proven)
    if is_proven:
        return throttling.wanted(SITE, by_day)
    by_country = limits.sends_to_new_numbers_by_country(settings.new_numbers_per_country)
    return [
        *throttling.wanted(number.prefix, limits.SENDS_TO_NEW_NUMBERS_BY_PREFIX),
        *throttling.wanted(number.region, by_country),
        *throttling.wanted(SITE, by_day),
    ]


def _is_proven(registration: Registration) -> bool:
    """Whether this person has proved this number or address, for whichever kind."""
    confirmed = Registration.objects.confirmed().filter(user=registration.user_id)
    return confirmed.filter(channel=registration.channel).exists()


def charge_notice(number: str) -> bool:
    """A notice by text, to this E.164 number, costs what a code costs.

    False: the number has had enough of them today, and mail tells the rest. Raises
    throttling.Throttled when all texts of the day are used up.
    """
    try:
        told = throttling.hit(limits.TEXT_NOTICES_BY_NUMBER, number)
    except throttling.Throttled:
        return False
    by_day = limits.messages_by_day(policy.current().messages_per_day, to_proven_number=True)
    try:
        throttling.hit(by_day, SITE)
    except throttling.Throttled:
        throttling.give_back(told)
        raise
    return True


def charge_trial(user_id: int, number: PhoneNumber | None) -> Sequence[throttling.Hit]:
    """A test message; to a number it costs what a code to a stranger's does.

    Raises throttling.Throttled; nothing is sent then.
    """
    return throttling.charge(
        *throttling.wanted(str(user_id), limits.TRIALS_BY_ACCOUNT),
        *(_of_number(number, is_proven=False) if number else ()),
    )


def check_pause(registration: Registration, *, purpose: str) -> None:
    """Raises TooEarly while the code sent last is still too young for another one."""
    until = next_send_at(registration, purpose=purpose)
    if until:
        raise TooEarly(until)
    if registration.method.sends and purpose != Purpose.RESET:
        try:
            throttling.check_hold(limits.SENDS_AFTER_CANCEL, _line(registration))
        except throttling.Throttled as wait:
            raise TooEarly(wait.retry_at) from None


def keep_pause(registration: Registration) -> None:
    """Before what was sent is forgotten: whoever must wait still must. Not in a transaction."""
    if not registration.is_damaged and next_send_at(registration, purpose=Purpose.REGISTER):
        with suppress(throttling.Throttled):  # waits already
            throttling.hold_back(limits.SENDS_AFTER_CANCEL, _line(registration))


def next_send_at(registration: Registration, *, purpose: str) -> datetime | None:
    """When another code may be asked for; None if now."""
    if not registration.method.sends:
        return None
    sent_there = Challenge.objects.filter(
        user=registration.user_id,
        destination=registration.fingerprint,
        issued_at__gt=Now() - COOLDOWN_WINDOW,
    )
    is_reset = Q(purpose=Purpose.RESET)
    alike = sent_there.filter(is_reset if purpose == Purpose.RESET else ~is_reset)
    sent = list(alike.values_list("issued_at", "generation"))
    if not sent:
        return None
    codes = sum(generation + 1 for _, generation in sent)
    wait = COOLDOWNS[min(codes, len(COOLDOWNS)) - 1]
    until = max(issued_at for issued_at, _ in sent) + timedelta(seconds=wait)
    return until if until > clock.now() else None
