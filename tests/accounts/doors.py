"""How the tests sign people in, and set up a method on the way, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from accounts.models import Session, User
from accounts.session_store import digest
from methods.models import Challenge, Registration
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling.models import Counter
from tests.cast import PASSWORD

SIGN_IN = "/sign-in/"
VERIFY = "/sign-in/verify/"
KEEP_SECURE = "/keep-secure/"
SUMMARY = "/keep-secure/summary/"
HOME = "/security-info/"


def post_password(
    client: Client, name: str, password: str = PASSWORD, *, to: str = "", **headers: Any
) -> Any:
    """The first step alone."""
    form = {"name": name, "password": password, "next": to}
    return client.post(SIGN_IN, form, **headers)


def post_sign_in(client: Client, name: str, password: str = PASSWORD, **options: Any) -> Any:
    """The password, and the second step of whoever is asked for one."""
    forget_what_was_sent()
    response = post_password(client, name, password, **options)
    if response.get("Location") != VERIFY:
        return response
    options.pop("to", None)
    return client.post(VERIFY, {"code": code_sent()}, **options)


def confirm(client: Client, *, to: str = "", **typed: str) -> Any:
    """ "Confirm it's you" by the one email method: the choice, then password and code."""
    forget_what_was_sent()
    query = f"?{urlencode({'next': to})}"
    page = client.get(f"/confirm/another-way/{query}")
    if page.status_code == 302:  # confirmed already
        return page
    way = page.context["cards"][0]["value"]
    client.post(f"/confirm/another-way/{query}", {"way": way})
    typed = {"password": PASSWORD, "code": code_sent()} | typed
    return client.post(f"/confirm/{query}", typed)


def forget_what_was_sent() -> None:
    """As if no code had been sent for a long time: the next one needn't wait."""
    Challenge.objects.exclude(purpose=Purpose.REGISTER).delete()
    Counter.objects.filter(key__startswith="sends").delete()


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


def at_home(user: User) -> Client:
    """A browser in which this person has signed in before, and is signed out now."""
    has_method(user)
    browser = Client()
    post_sign_in(browser, user.username)
    browser.post("/sign-out/")
    return browser


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
