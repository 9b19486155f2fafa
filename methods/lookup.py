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
        for each in crypto.fingerprints(_LABEL, method.channel_of(identity))
    }
    return Registration.objects.confirmed().on(channels).select_related("user")
