"""The links "This wasn't me": signed, for one event, good for ten days, also when signed out."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer, b62_decode, b62_encode
from django.urls import reverse

from securityinfo import clock

GOOD_FOR = timedelta(days=10)

# A dot, because some mail programs end a link at a colon.
_signer = Signer(salt="securityinfo.disown", sep=".")


def token_for(event: int) -> str:
    """`event` is the number of the event in the audit log."""
    return _signer.sign(f"{event}.{b62_encode(int(clock.timestamp()))}")


def event_of(token: str) -> int | None:
    """The event's number; None for a token that is forged or older than ten days."""
    try:
        event, _, signed_at = _signer.unsign(token).rpartition(".")
        age = clock.timestamp() - b62_decode(signed_at)
        return int(event) if age <= GOOD_FOR.total_seconds() else None
    except (BadSignature, ValueError):
        return None


def address_for(event: int) -> str:
    """The whole link, as a message carries it."""
    return settings.PUBLIC_URL + page_for(event)


def page_for(event: int) -> str:
    return reverse("accounts:not-me", args=[token_for(event)])
