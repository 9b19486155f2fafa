"""What the stories of a forgotten password share: addresses, texts, and what the worker does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from accounts import reset_delivery
from accounts.reset_models import PasswordReset
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message
from tests import kinds

RESET = "/password-reset/"
CHECK = "/password-reset/check/"
CODE = "/password-reset/code/"
RESEND = "/password-reset/code/resend/"
CHECK_2 = "/password-reset/check-2/"
CODE_2 = "/password-reset/check-2/code/"
PASSWORD_PAGE = "/password-reset/password/"
DONE = "/password-reset/done/"
STOPPED = "/password-reset/stopped/"
NEW = "otters juggle lanterns"

NEUTRAL = "That code isn't right, or it has expired. Check it and try again, or choose another way."
STALE = "This took too long, so we started over. Nothing was changed."


def identify(client: Client, name: str = "bob", **headers: Any) -> Any:
    return client.post(RESET, {"name": name}, **headers)


def choose(client: Client, kind: str, **fields: str) -> Any:
    return client.post(CHECK, {"way": kind} | fields)


def work() -> None:
    """The worker looks whom the waiting codes are for, and sends them."""
    for reset in PasswordReset.objects.filter(is_waiting=True):
        reset_delivery.send(reset.pk)


def newest() -> PasswordReset:
    return PasswordReset.objects.order_by("created_at").last()


def code_on_the_way() -> str:
    """What the mail of the newest reset says, if one is sent."""
    return newest().shown.prompt(kinds.registry.get("email"), kinds.policy.current()).code


def code_of(app: Registration) -> dict[str, str]:
    """What this app shows, half a minute after its last code was used."""
    Registration.objects.filter(pk=app.pk).update(last_counter=-1)
    prompt = Challenge(registration=app, nonce=bytes(16), purpose="reset").prompt(app.details)
    return kinds.sample_of(app.method).right(prompt)


def settled(*registrations: Registration) -> None:
    """As if they had been there for long: none of them new, none of the pauses running."""
    Registration.objects.filter(pk__in=[each.pk for each in registrations]).update(
        trusted_from=None
    )
    kinds.pass_time(hours=1)


def settled_method(registered: Callable[..., Registration], kind: str) -> Registration:
    """A method of a kind that policy takes for a reset, had for long; `registered`: the fixture."""
    kinds.allow(kind)
    found = registered(kind)
    settled(found)
    return found


def wrong_code() -> dict[str, str]:
    return {"code": f"{(int(code_on_the_way()) + 1) % 1_000_000:06d}"}


def first_by_app(client: Client, app: Registration, name: str = "bob") -> Any:
    identify(client, name)
    choose(client, "authenticator")
    return client.post(CODE, code_of(app))


def first_by_email(client: Client, name: str = "bob") -> Any:
    identify(client, name)
    choose(client, "email")
    work()
    return client.post(CODE, {"code": code_on_the_way()})


def second(client: Client, registration: Registration) -> Any:
    """Chosen, asked and answered rightly."""
    client.post(CHECK_2, {"way": str(registration.uuid)})
    Registration.objects.filter(pk=registration.pk).update(last_counter=-1)
    asked = Challenge.objects.filter(registration=registration, purpose="reset", closed_at=None)
    return client.post(CODE_2, kinds.right(kinds.reload(asked.get())))


def set_password(client: Client, new: str = NEW) -> Any:
    return client.post(PASSWORD_PAGE, {"new_password": new})


def codes_sent() -> int:
    return Message.objects.filter(category="code").count()
