"""Finds who has confirmed a number or an address, by its fingerprint: no value is opened."""

from __future__ import annotations

from methods import registry
from methods.base import Method
from methods.models import Registration, RegistrationQuerySet
from securityinfo import crypto
from securityinfo.policy import service as policy

_LABEL = "channel"


def channel_of(method: Method, identity: str) -> str:
    """What is stored of the channel on which this identity is proved."""
    return crypto.fingerprint(_LABEL, method.channel_of(identity))


def channels_of(method: Method, identity: str) -> list[str]:
    """The same under each key of the ring."""
    return crypto.fingerprints(_LABEL, method.channel_of(identity))


def is_on(registration: Registration, channel: str) -> bool:
    """Whether it proves this channel, whichever key has made the one or the other."""
    if registration.channel == channel or not crypto.has_older_keys() or registration.is_damaged:
        return registration.channel == channel
    identity = registration.method.identity(registration.details)
    return channel in channels_of(registration.method, identity)


def find(typed: str) -> RegistrationQuerySet:
    """Confirmed methods, of whatever kind, that can be meant by this; each with its person.

    A number may be spelled as in any country that policy takes, an address in any case; the value
    must be whole. Nothing for what is neither.
    """
    settings = policy.current()
    channels = {
        each
        for method in registry.all_methods()
        for identity in method.identities(typed, settings)
        for each in channels_of(method, identity)
    }
    return Registration.objects.confirmed().on(channels).select_related("user")
