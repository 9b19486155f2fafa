"""What the stories of proving a person share: methods of long ago, answers, addresses and texts."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.session_store import SessionStore
from methods import names, registrations, registry
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message
from securityinfo.policy.rules import Purpose
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.accounts.doors import VERIFY, post_password
from tests.flows.steps import text_of

RESEND = f"{VERIFY}resend/"
STATUS = f"{VERIFY}status/"
OTHER = "/sign-in/another-way/"
CONFIRM = "/confirm/"
CONFIRM_OTHER = "/confirm/another-way/"

CHOOSE = "Choose how you want to sign in."
NO_WAY_IN = "You can't sign in with your methods right now. Contact"
NO_WAY = "You can't confirm with the methods you have. Contact"
ONLY_METHOD = "This is your only method. If you can't use it, contact"
NOT_WORKING = "Not working right now"
TOO_MANY = "Too many tries"

SIGNING_IN = [
    method.kind
    for method in registry.strongest_first()
    if Purpose.SIGN_IN in method.purposes and not method.is_issued
]
SENDING = [kind for kind in SIGNING_IN if registry.get(kind).sends]
TYPED = [kind for kind in SIGNING_IN if not registry.get(kind).is_keyed]

each_kind = pytest.mark.parametrize("kind", SIGNING_IN)
each_sending_kind = pytest.mark.parametrize("kind", SENDING)
each_typed_kind = pytest.mark.parametrize("kind", TYPED)


_HANDLER = Client().handler


def has(user: User, kind: str, form: dict | None = None, name: str = "") -> Registration:
    """A method of this kind, as if it had been set up long ago and not been used since."""
    kinds.allow(kind)
    method = registry.get(kind)
    enrolment = method.enrol(user, kinds.fill_in(user, method, form))
    registration = registrations.draft(user, method, enrolment)
    registration.name = names.of_new(method, name, user)
    registration.confirmed = True
    registration.confirmed_at = timezone.now() - timedelta(days=30)
    registration.is_default = not Registration.objects.of(user).exists()
    registration.save()
    return Registration.objects.get(pk=registration.pk)


def is_default(registration: Registration) -> Registration:
    Registration.objects.filter(user=registration.user_id).update(is_default=False)
    Registration.objects.filter(pk=registration.pk).update(is_default=True)
    return registration


def forget_codes() -> None:
    """As if nothing had been sent or counted for a day."""
    Challenge.objects.all().delete()
    Message.objects.all().delete()
    Counter.objects.all().delete()


def forget_limits() -> None:
    """As if the windows of the limits had moved on."""
    Counter.objects.all().delete()


def new_browser(**headers: Any) -> Client:
    """As Client(), but all share one handler: each new one loads every middleware first."""
    client = Client(**headers)
    client.handler = _HANDLER
    return client


def proving(user: User, **headers: Any) -> Client:
    """A browser in which the password was right, and the default was asked for."""
    client = new_browser(**headers)
    assert post_password(client, user.username)["Location"] == VERIFY
    return client


def newest(**of: Any) -> Challenge:
    return Challenge.objects.filter(**of).latest("created_at", "issued_at")


def right(**of: Any) -> dict:
    return kinds.right(newest(**of))


def wrong(**of: Any) -> dict:
    return kinds.wrong(newest(**of))


def app_code(app: Registration) -> dict:
    """What an authenticator app shows; its challenge may begin with this answer."""
    return kinds.sample_of(app.method).right(SimpleNamespace(details=app.details))


def mistake(client: Client, page: str = VERIFY) -> Any:
    """A wrong answer; where a phone is called, the next try takes another call."""
    response = client.post(page, wrong())
    if newest().registration.method.is_keyed and not newest().closed_at:
        kinds.pass_time(minutes=2)
        Counter.objects.filter(key__startswith="sends").delete()
        client.post(RESEND)
    return response


def choose(client: Client, registration: Registration, page: str = OTHER) -> Any:
    return client.post(page, {"way": str(registration.uuid)})


def ways(response: Any) -> list[str]:
    """What another way offers, in its order."""
    return [str(card["label"]) for card in response.context["cards"]]


def is_said(response: Any, text: str) -> bool:
    """On the page, in whatever element."""
    return text in text_of(response)


def older(client: Client, seconds: int, *, key: str = "", name: str = "touched") -> None:
    """As if so much time had passed since the last step; `name="started"`: since the password."""
    session = SessionStore(client.cookies["session"].value)
    for each in [each for each in session.keys() if each.startswith(key or "flow:")]:  # noqa: SIM118 - a session is no dict
        session[each] |= {name: session[each][name] - seconds}
    session.save()
