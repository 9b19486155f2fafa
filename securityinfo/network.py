"""Where a request comes from: the caller's address, through trusted proxies only."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponseBase

from securityinfo import logs, user_agent
from securityinfo.actor import Origin

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A provider gives every customer at least this much: one person, one count.
IPV6_PREFIX = 64
# Whoever listens on a socket file has no peer address; the word stands for it in TRUSTED_PROXIES.
UNIX_SOCKET = "unix"


class RequestOriginMiddleware:
    """Gives every request an id of our own and its `origin`; drops what only a proxy may say."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        trusted_proxies()  # a spelling mistake stops the start, not a request

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = secrets.token_hex(8)
        logs.bind_request_id(request_id)
        if not _is_trusted(request.META.get("REMOTE_ADDR", ""), trusted_proxies()):
            _drop_forwarding_headers(request)
        request.origin = Origin(  # type: ignore[attr-defined]  # ours, on every request
            request_id=request_id,
            address=client_ip(request),
            browser=user_agent.in_words(request.headers.get("User-Agent", "")),
        )
        return self.get_response(request)


def client_ip(request: HttpRequest) -> str:
    """The caller's address: the right-most hop that is not one of our own proxies.

    Everything to the left of it is what the caller claims, and counts for nothing.
    """
    trusted = trusted_proxies()
    nearest = request.META.get("REMOTE_ADDR", "")
    if not _is_trusted(nearest, trusted):
        return _normal(nearest)
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if _parse(hop) is None:
            break
        nearest = hop
        if not _is_trusted(hop, trusted):
            break
    return _normal(nearest)


def network_key(address: str) -> str:
    """What limits count: an IPv4 address, or the /64 of an IPv6 one ("2001:db8::/64")."""
    parsed = _parse(address)
    if not isinstance(parsed, IPv6Address):
        return _normal(address)
    return str(ip_network((int(parsed), IPV6_PREFIX), strict=False))


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of some networks, such as the organization's offices."""
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


def parse_networks(words: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and CIDR ranges. Raises ValueError for anything else, host bits included."""
    return tuple(ip_network(word) for word in words)


def trusted_proxies() -> tuple[Network | str, ...]:
    """The proxies of settings.TRUSTED_PROXIES. Raises ImproperlyConfigured for a bad spelling."""
    return _trusted_proxies(tuple(settings.TRUSTED_PROXIES))


@lru_cache(maxsize=8)
def _trusted_proxies(words: tuple[str, ...]) -> tuple[Network | str, ...]:
    try:
        networks = parse_networks(word for word in words if word != UNIX_SOCKET)
    except ValueError as error:
        raise ImproperlyConfigured(f"SECURITYINFO_TRUSTED_PROXIES: {error}.") from error
    if any(network.prefixlen == 0 for network in networks):
        raise ImproperlyConfigured("SECURITYINFO_TRUSTED_PROXIES: nobody can trust everybody.")
    return (*networks, UNIX_SOCKET) if UNIX_SOCKET in words else networks


@lru_cache(maxsize=1024)
def _is_trusted(hop: str, trusted: tuple[Network | str, ...]) -> bool:
    if not trusted:
        return False
    if not hop:
        return UNIX_SOCKET in trusted
    return is_within(hop, (network for network in trusted if not isinstance(network, str)))


def _drop_forwarding_headers(request: HttpRequest) -> None:
    for name in [name for name in request.META if name.startswith("HTTP_X_FORWARDED_")]:
        del request.META[name]


def _normal(hop: str) -> str:
    parsed = _parse(hop)
    return "" if parsed is None else str(parsed)


@lru_cache(maxsize=1024)
def _parse(hop: str) -> Address | None:
    """An address, with or without port or zone; IPv4 inside IPv6 becomes plain IPv4."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
