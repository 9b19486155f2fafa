"""One canonical form for an email address, so that two spellings never are two addresses."""

from __future__ import annotations

import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
LONGEST_TYPED = 4 * LONGEST  # more is refused unread: its canonical form is work for nothing

_is_valid = EmailValidator(allowlist=[])


class InvalidAddress(Exception):
    """Not an address to which mail can be sent."""


def canonical(typed: str) -> str:
    """The form that is stored: domain in lower case and in ASCII (IDNA 2008), the rest as typed.

    Letters outside ASCII before the @ are refused: few servers take them, and a look-alike of a
    known address would pass for it. Full-width forms become plain ones. Raises InvalidAddress.
    """
    if len(typed) > LONGEST_TYPED:
        raise InvalidAddress
    local, at, domain = unicodedata.normalize("NFKC", typed).strip().rpartition("@")
    if not at or not local.isascii():
        raise InvalidAddress
    address = f"{local}@{_ascii_domain(domain)}"
    if len(address) > LONGEST:
        raise InvalidAddress
    try:
        _is_valid(address)
    except ValidationError:
        raise InvalidAddress from None
    return address


def is_in_domain(address: str, domain: str) -> bool:
    """Whether the address belongs to the domain or to one below it."""
    host = _plain(address.rpartition("@")[2])
    wanted = _plain(domain.strip().lstrip("@."))
    return bool(wanted) and (host == wanted or host.endswith(f".{wanted}"))


def is_same(one: str, other: str) -> bool:
    """Whether both are one address, in whatever spelling."""
    return _comparable(one) == _comparable(other)


def _comparable(address: str) -> str:
    local, _, domain = unicodedata.normalize("NFKC", address).strip().rpartition("@")
    return f"{local}@{_plain(domain)}".lower()


def _plain(domain: str) -> str:
    """In ASCII if it can be; otherwise as it is, which is no address's domain."""
    try:
        return _ascii_domain(domain)
    except InvalidAddress:
        return domain.lower()


def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain.lower().rstrip("."), uts46=True, std3_rules=True).decode("ascii")
    except idna.IDNAError:
        raise InvalidAddress from None
