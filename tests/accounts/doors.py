"""How the tests sign people in, and set up a method on the way, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.test import Client

from accounts.models import Session, User
from accounts.session_store import digest
from methods.models import Challenge, Registration
from securityinfo.policy.models import MethodRule, OrgPolicy
from tests.cast import PASSWORD

SIGN_IN = "/sign-in/"
KEEP_SECURE = "/keep-secure/"
SUMMARY = "/keep-secure/summary/"
HOME = "/security-info/"


def post_sign_in(
    client: Client, name: str, password: str = PASSWORD, *, to: str = "", **headers: Any
) -> Any:
    form = {"name": name, "password": password, "next": to}
    return client.post(SIGN_IN, form, **headers)


def policy(**settings: Any) -> None:
    OrgPolicy.objects.update(**settings)


def allow(kind: str = "email", **rule: Any) -> None:
    MethodRule.objects.filter(kind=kind).update(**rule)


def has_method(user: User, address: str = "private@example.net") -> Registration:
    """A confirmed email method, as if it had been registered long ago."""
    return Registration.objects.create(
        user=user,
        kind="email",
        confirmed=True,
        is_default=True,
        details={"address": address},
        fingerprint=address[:43],
        channel=address[:43],
    )


def set_up_email(client: Client, address: str = "private@example.net") -> Any:
    """Both pages of the wizard; the answer to the right code."""
    client.post("/keep-secure/email/", {"address": address})
    return client.post("/keep-secure/email/verify/", {"code": code_sent()})


def code_sent() -> str:
    """What stands in the newest message."""
    challenge = Challenge.objects.order_by("created_at").last()
    return challenge.prompt(challenge.registration.details).code


def is_signed_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def key(client: Client) -> str:
    return client.cookies["session"].value


def row(client: Client) -> Session:
    return Session.objects.get(digest=digest(key(client)))


def proved_at(moment: datetime | None) -> None:
    """When everybody who is signed in was proved last; None: long ago."""
    Session.objects.update(fresh_at=moment)


def main_of(response: Any) -> str:
    """The content between header and footer."""
    html = response.content.decode()
    return html[html.index("<main") : html.index("</main>")]
