"""Refuses to serve real people with settings that belong to development, wherever they came from.

`securityinfo.settings` alone can't have most of these; a settings module of somebody's own can.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from securityinfo import keyring

SHORTEST_TOKEN = 32  # characters: nobody counts how often it is guessed
# Twilio makes its own.
MADE_BY_US = (
    "SECURITYINFO_SECRET_KEY",
    "SECURITYINFO_GATEWAY_SECRET",
    "SECURITYINFO_MONITORING_TOKEN",
)


def refuse_unsafe_settings() -> None:
    """Raises ImproperlyConfigured, and names no value (R134)."""
    if settings.DEBUG:
        raise ImproperlyConfigured("DEBUG shows everybody our insides: turn it off.")
    if any("*" in host or host.startswith(".") for host in settings.ALLOWED_HOSTS):
        raise ImproperlyConfigured("ALLOWED_HOSTS names hosts of others: name one.")
    if apps.is_installed("securityinfo.demo"):
        raise ImproperlyConfigured("The demo is installed: its pages show every code.")
    _refuse_equal_secrets()


def _refuse_equal_secrets() -> None:
    """Whoever learns one of them must not have learned another (R114)."""
    named = {"SECURITYINFO_SECRET_KEY": settings.SECRET_KEY, **_of_telephony()}
    if settings.MONITORING_TOKEN:
        named["SECURITYINFO_MONITORING_TOKEN"] = settings.MONITORING_TOKEN
    keys = [pair.partition(":")[2] for pair in settings.ENCRYPTION_KEYS]
    known: dict[str, str] = dict.fromkeys(keys, "a key of SECURITYINFO_ENCRYPTION_KEYS")
    for name, secret in named.items():
        if secret in known:
            raise ImproperlyConfigured(f"{name} equals {known[secret]}: make another one.")
        known[secret] = name
        if name in MADE_BY_US and len(set(secret)) < keyring.LEAST_VARIETY:
            raise ImproperlyConfigured(f"{name} was not made at random.")
    if 0 < len(settings.MONITORING_TOKEN) < SHORTEST_TOKEN:
        raise ImproperlyConfigured(
            f"SECURITYINFO_MONITORING_TOKEN must have {SHORTEST_TOKEN} characters or more."
        )


def _of_telephony() -> dict[str, str]:
    found = {}
    if settings.TWILIO:
        found["TWILIO_AUTH_TOKEN"] = settings.TWILIO.auth_token
    if settings.GATEWAY:
        found["SECURITYINFO_GATEWAY_SECRET"] = settings.GATEWAY.secret
    return found
