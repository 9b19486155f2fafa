"""The arithmetic of the chain: what each mac covers, with which key."""

from __future__ import annotations

import hmac

from securityinfo import crypto
from securityinfo.audit.models import Event, Head, Mark

Binary = bytes | memoryview  # the one or the other, depending on the database


def link(position: int, previous: bytes, sealed: bytes, *, key_id: str) -> bytes:
    """The mac of one seal: its place, the mac before it, and the whole event."""
    place = position.to_bytes(8, "big")
    return crypto.audit_mac(place + bytes(previous) + sealed, key_id=key_id)


def sign(row: Head | Mark) -> None:
    """Sets `key_id` and `signature` with the current key; the caller saves."""
    row.key_id = crypto.current_key_id()
    row.signature = crypto.audit_mac(row.signed_bytes(), key_id=row.key_id)


def is_signed(row: Head | Mark) -> bool:
    return _fits(row.signed_bytes(), row.signature, row.key_id)


def is_stamped(event: Event, stamped: bytes) -> bool:
    """Whether the application itself wrote this event; `stamped`: see Event.stamped_bytes."""
    return _fits(stamped, event.stamp, event.stamp_key)


def is_linked(position: int, previous: bytes, sealed: bytes, *, key_id: str, mac: Binary) -> bool:
    try:
        expected = link(position, previous, sealed, key_id=key_id)
    except KeyError:
        return False
    return hmac.compare_digest(expected, bytes(mac))


def _fits(data: bytes, mac: Binary, key_id: str) -> bool:
    if not key_id:
        return False
    try:
        return hmac.compare_digest(crypto.audit_mac(data, key_id=key_id), bytes(mac))
    except KeyError:  # signed with a key that this installation doesn't have
        return False
