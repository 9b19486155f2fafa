"""The authenticator apps of the demo's people, as their phones show them."""

from __future__ import annotations

import time
from typing import Any

import pyotp
from django.db.models import Exists, OuterRef, Q, QuerySet

from methods.models import Challenge, Registration
from securityinfo.messaging import letterhead

KIND = "authenticator"
PERIOD = 30  # seconds
SHOWN = 50


def apps(username: str = "") -> list[dict[str, Any]]:
    """Entries of `/demo/phone.json`, newest first; an empty name means everybody's."""
    issuer = letterhead.current().name
    return [
        {
            "user": app.user.username,
            "account": f"{issuer}: {app.user.username}",
            "code": code(app),
            "pending": not app.confirmed,
        }
        for app in _on_phones(username)
    ]


def seconds_left() -> int:
    """Until every app shows another code."""
    return PERIOD - int(time.time()) % PERIOD


def code(app: Registration) -> str:
    return pyotp.TOTP(app.details["key"]).now()


def answer(challenge: Challenge) -> dict[str, str]:
    return {"code": code(challenge.registration)}


def _on_phones(username: str) -> QuerySet[Registration]:
    """Set up, or just being set up; what was begun and left is on no phone."""
    asked = Challenge.objects.open().filter(registration=OuterRef("pk"))
    found = Registration.objects.filter(Q(confirmed=True) | Exists(asked), kind=KIND)
    if username:
        found = found.filter(user__username=username)
    return found.select_related("user").order_by("-pk")[:SHOWN]
