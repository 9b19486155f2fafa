"""Who may look behind the answer yes or no: monitoring, by its address or by its token."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from securityinfo.network import Network, client_ip, is_within, parse_networks

_NAME = "SECURITYINFO_MONITORING_NETWORKS"


def may_look(request: HttpRequest) -> bool:
    return _has_token(request) or is_within(client_ip(request), networks())


def networks() -> tuple[Network, ...]:
    """Raises ImproperlyConfigured for a bad spelling, or for everybody."""
    return _networks(tuple(settings.MONITORING_NETWORKS))


@lru_cache(maxsize=8)
def _networks(words: tuple[str, ...]) -> tuple[Network, ...]:
    try:
        found = parse_networks(words)
    except ValueError as error:
        raise ImproperlyConfigured(f"{_NAME}: {error}.") from error
    if any(network.prefixlen == 0 for network in found):
        raise ImproperlyConfigured(f"{_NAME}: not everybody.")
    return found


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.MONITORING_TOKEN
    if not expected or scheme.lower() != "bearer":
        return False
    return constant_time_compare(token.strip(), expected)
