"""What makes two registrations the same value, or one channel: also while the keys change.

All fingerprints of one person that stand for the same are equal, always: what is added takes over
what is there under an older key, and `renew` moves everything that a person has at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from methods import changes, lookup, registry
from methods.base import Method
from methods.models import Challenge, Registration
from securityinfo import crypto
from securityinfo.messaging.models import Message

if TYPE_CHECKING:
    from accounts.models import User


def of_value(kind: str, identity: str) -> list[str]:
    """One under each key; none for what has no identity."""
    return crypto.fingerprints(f"identity:{kind}", identity) if identity else []


def beside_others(user: User, method: Method, identity: str) -> dict[str, str]:
    """Both fingerprints of a new registration."""
    channel = lookup.channel_of(method, identity)
    value = crypto.fingerprint(f"identity:{method.kind}", identity) if identity else ""
    if crypto.has_older_keys():
        theirs = Registration.objects.of(user)
        value = _known(theirs.values_list("fingerprint"), of_value(method.kind, identity), value)
        channels = lookup.channels_of(method, identity)
        channel = _known(theirs.values_list("channel"), channels, channel)
    return {"fingerprint": value, "channel": channel}


def _known(stored: Iterable[tuple[Any, ...]], same: list[str], otherwise: str) -> str:
    there = {each for (each,) in stored}
    return next((each for each in same if each in there), otherwise)


def is_same(registration: Registration, destination: str) -> bool:
    """Whether what was sent there was sent to this registration, whichever key has named it.

    In the moment in which a person's fingerprints are made anew, one request has read the old one
    and another the new one.
    """
    if destination == registration.fingerprint:
        return True
    if not crypto.has_older_keys() or registration.is_damaged:
        return False
    method = registration.method
    same = of_value(method.kind, method.identity(registration.details))
    return {destination, registration.fingerprint} <= set(same)


def renew(user: User) -> int | None:
    """All of one person's under the current key; how many were changed, None if it can't be.

    It can't be where one value is there twice: only its owner can say which one is to go.
    """
    try:
        with transaction.atomic():
            changes.lock(user)
            return sum(_renew(each) for each in Registration.objects.of(user))
    except IntegrityError:
        return None


def _renew(registration: Registration) -> bool:
    """Details that are damaged, or of a kind that is gone, keep what they have."""
    if not registry.has(registration.kind) or registration.is_damaged:
        return False
    method = registration.method
    identity = method.identity(registration.details)
    if not identity:
        return False
    value = crypto.fingerprint(f"identity:{method.kind}", identity)
    channel = lookup.channel_of(method, identity)
    before = registration.fingerprint, registration.channel
    if (value, channel) == before:
        return False
    Registration.objects.filter(pk=registration.pk).update(fingerprint=value, channel=channel)
    open_ones = Challenge.objects.filter(registration=registration, destination=before[0])
    open_ones.update(destination=value)
    # By the channel it is remembered whether a number can be reached.
    sent = Message.objects.filter(user=registration.user_id).exclude(destination="")
    sent.filter(destination=before[1]).update(destination=channel)
    return True
