"""What the stories of the helpdesk share: addresses, and what an agent does on each page."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db.models.functions import Now
from django.test import Client

from accounts.models import HelpdeskCase, Session, User
from methods.models import Challenge, Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message

DESK = "/helpdesk/"
RECORDED = {"reason": "Lost the phone", "ticket": "T-1", "how": "call-back", "did_it": "on"}


def page_of(person: User) -> str:
    return f"{DESK}people/{person.public_id}/"


def check_of(person: User) -> str:
    return f"{page_of(person)}check/"


def code_of(person: User) -> str:
    return f"{check_of(person)}code/"


def action_of(person: User, name: str) -> str:
    return f"{page_of(person)}{name}/"


def deletion_of(registration: Registration) -> str:
    return f"{page_of(registration.user)}methods/{registration.uuid}/delete/"


def search(agent: Client, typed: str):
    return agent.post(DESK, {"typed": typed}, follow=True)


def by_code(registration: Registration, **given) -> dict:
    return {"reason": "Lost the phone", "how": f"code:{registration.uuid}"} | given


def open_case(agent: Client, person: User, **given):
    """By a check that is recorded; the case is open then."""
    return agent.post(check_of(person), RECORDED | given, follow=True)


def press(agent: Client, address: str, /, **given):
    """Open the page of an action and press its button."""
    return agent.post(address, {"token": token_on(agent.get(address))} | given, follow=True)


def token_on(response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', response.content.decode())
    assert found, "the page has no form of an action"
    return found[1]


def latest_challenge() -> Challenge:
    return Challenge.objects.order_by("issued_at").last()


def events(tag: str) -> list[Event]:
    return list(Event.objects.filter(tag=tag).order_by("pk"))


def sentences(person: User) -> dict[str, list[str]]:
    """What each contact has been told, by the address or number."""
    told: dict[str, list[str]] = {}
    for each in Message.objects.filter(user=person, category="notice").order_by("created_at"):
        told.setdefault(each.sealed["to"], []).extend(each.sealed["sentences"])
    return told


def case_of(person: User) -> HelpdeskCase:
    return HelpdeskCase.objects.of(person).latest("pk")


def let_case_end(person: User) -> None:
    HelpdeskCase.objects.of(person).update(ends_at=Now() - timedelta(seconds=1))


def not_fresh() -> None:
    Session.objects.update(fresh_at=Now() - timedelta(minutes=11))
