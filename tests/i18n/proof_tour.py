"""A visit to the second step and to "Confirm it's you", with every mistake that can be made."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import F
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, TrustedBrowser, User
from methods.models import Challenge, Registration
from securityinfo.demo import organization
from securityinfo.messaging import calls
from securityinfo.messaging.models import Message
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import RuleState
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.i18n.visitor import Visitor, code_sent, later, proof_for, wrong

APP, TEXT, CALL, EMAIL = "authenticator", "sms", "call", "email"
NUMBER = {"country": "US", "number": "+1 201-555-0178", "type": "mobile"}
TOO_MANY = 429
MANY = 20


@dataclass(frozen=True)
class Place:
    """The pages of one proof; `page` is where it leads to, empty at sign-in."""

    visitor: Visitor
    page: str = ""

    def address(self, name: str) -> str:
        names = {
            "": ("verify", "confirm"),
            "resend": ("verify-resend", "confirm-resend"),
            "status": ("verify-status", "confirm-status"),
            "other": ("another-way", "confirm-another-way"),
        }
        address = reverse(f"accounts:{names[name][bool(self.page)]}")
        return f"{address}?{urlencode({'next': self.page})}" if self.page else address

    def look(self, name: str = "") -> HttpResponse:
        return self.visitor.get(self.address(name))

    def answer(self, **typed: str) -> HttpResponse:
        return self.visitor.post(self.address(""), **typed)

    def choose(self, kind: str) -> HttpResponse:
        """Another way: what was asked for already is not offered."""
        self.look("other")
        ways = {each["value"] for each in self.visitor.page.context["cards"]}
        way = Registration.objects.filter(uuid__in=ways, kind=kind).latest("pk")
        return self.visitor.post(self.address("other"), way=str(way.uuid))

    def send_again(self) -> None:
        """Too early, then in time."""
        self.visitor.post(self.address("resend"))
        later()
        self.visitor.post(self.address("resend"))

    def answer_wrongly(self, right: str) -> None:
        """Until nothing can be answered any more."""
        for code in ("", "12", *[wrong(right)] * 5, right):
            self.answer(code=code)
            Counter.objects.all().delete()


def _with_a_text(visitor: Visitor) -> None:
    """Bob has his phone in the other coat."""
    visitor.give_password("bob")
    place = Place(visitor)
    right = proof_for(visitor.page)
    place.look("status")
    place.answer_wrongly(right)
    visitor.post(place.address("resend"))
    visitor.post(place.address("other"))
    later()
    place.choose(TEXT)
    place.look("status")
    place.send_again()
    place.answer_wrongly(code_sent())
    place.send_again()
    Challenge.objects.update(expires_at=F("created_at"))
    place.answer(code="123456")
    place.send_again()
    visitor.get(reverse("accounts:sign-in"))
    place.answer(code=code_sent())
    visitor.post(reverse("accounts:sign-out"))


def _with_a_call(visitor: Visitor) -> None:
    bob = User.objects.get(username="bob")
    kinds.register(bob, CALL, NUMBER)
    visitor.give_password("bob")
    place = Place(visitor)
    place.choose(CALL)
    place.look("status")
    place.answer()
    _key_in("00")
    place.look()
    place.send_again()
    OrgPolicy.objects.update(call_switch=False)
    visitor.post(place.address("resend"))
    OrgPolicy.objects.update(call_switch=True)
    visitor.post(reverse("accounts:sign-out"), cancel="cancel")


def _key_in(number: str) -> None:
    calls.keys_pressed(Message.objects.filter(channel="call").latest("created_at"), number)


def _with_what_does_not_work(visitor: Visitor) -> None:
    """Nothing can be sent: one way by choice, all of them by default."""
    OrgPolicy.objects.update(text_switch=False, call_switch=False, email_switch=False)
    visitor.give_password("bob")
    place = Place(visitor)
    for kind in (TEXT, CALL, EMAIL):
        place.choose(kind)
    for kind in (TEXT, CALL, EMAIL):
        _make_default(kind)
        visitor.give_password("bob")
    OrgPolicy.objects.update(text_switch=True, call_switch=True, email_switch=True)
    _make_default(APP)


def _make_default(kind: str) -> None:
    of_bob = Registration.objects.confirmed().filter(user__username="bob")
    of_bob.update(is_default=False)
    of_bob.filter(pk=of_bob.filter(kind=kind).latest("pk").pk).update(is_default=True)


def _with_what_is_gone(visitor: Visitor) -> None:
    """Taken away while it is asked for; and all of them disowned."""
    visitor.give_password("bob")
    place = Place(visitor)
    place.choose(TEXT)
    MethodRule.objects.filter(kind=TEXT).update(state=RuleState.OFF)
    place.look()
    MethodRule.objects.filter(kind=TEXT).update(state=RuleState.ALLOWED)
    Registration.objects.update(suspended_at=timezone.now())
    place.look()
    place.look("other")
    Registration.objects.update(suspended_at=None)


def _with_one_method(visitor: Visitor) -> None:
    """Nothing to choose from, too many tries, and then too much time."""
    visitor.give_password("carol")
    place = Place(visitor)
    right = proof_for(visitor.page)
    place.look("other")
    for _ in range(MANY):
        if place.answer(code=wrong(right)).status_code == TOO_MANY:
            break
    User.objects.filter(username="carol").update(access_epoch=F("access_epoch") + 1)
    place.look()


def _in_a_trusted_browser(visitor: Visitor) -> None:
    OrgPolicy.objects.update(trusted_browser_days=30)
    visitor.give_password("bob")
    Place(visitor).answer(code=proof_for(visitor.page), trust="on")
    visitor.get(reverse("methods:list"))
    visitor.get(reverse("accounts:sign-out-everywhere"))
    trusted = TrustedBrowser.objects.get()
    visitor.post(reverse("accounts:forget-browser", args=[trusted.public_id]))
    OrgPolicy.objects.update(trusted_browser_days=0)


def _before_a_change(visitor: Visitor) -> None:
    """Bob is asked again before each thing he does, and once he is not strong enough."""
    visitor.sign_in("bob")
    app = Registration.objects.filter(user__username="bob", kind=APP).earliest("pk")
    for page in ("methods:add", "methods:default", "accounts:password"):
        Session.objects.update(fresh_at=None)
        visitor.get(reverse(page))
    for page in ("methods:change", "methods:delete"):
        Session.objects.update(fresh_at=None)
        visitor.get(reverse(page, args=[app.uuid]))
        Place(visitor, reverse(page, args=[app.uuid])).look("other")
    place = Place(visitor, reverse("methods:add"))
    later()
    place.answer_wrongly(proof_for(place.look()))
    visitor.post(place.address("other"))
    later()
    place.choose(TEXT)
    place.look("status")
    place.send_again()
    place.answer(code=code_sent())
    Session.objects.update(fresh_at=None)
    Registration.objects.filter(pk=app.pk).update(suspended_at=timezone.now())
    Place(visitor, reverse("methods:delete", args=[app.uuid])).look()
    Registration.objects.filter(pk=app.pk).update(suspended_at=None)


def _with_nothing_but_email(visitor: Visitor) -> None:
    """Alice's mailbox alone changes nothing: the password goes with it."""
    visitor.sign_in("alice")
    Session.objects.update(fresh_at=None)
    place = Place(visitor, reverse("methods:default"))
    later()
    place.choose(EMAIL)
    place.answer()
    place.answer(password="not the password", code=code_sent())
    place.answer(password=organization.PASSWORD, code=wrong(code_sent()))
    place.answer(password=organization.PASSWORD, code=code_sent())


def _with_nothing_but_the_password(visitor: Visitor) -> None:
    newcomer = User.objects.get(username="dave")
    newcomer.pk, newcomer.public_id, newcomer.username = None, uuid.uuid4(), "erin"
    newcomer.work_address = "erin@example.org"
    newcomer.save()
    visitor.client.force_login(newcomer)
    Session.objects.update(fresh_at=None)
    place = Place(visitor, reverse("methods:add"))
    place.look()
    for password in ("", "not the password", organization.PASSWORD):
        place.answer(password=password)


TOURS = (
    _with_a_text,
    _with_a_call,
    _with_what_does_not_work,
    _with_what_is_gone,
    _with_one_method,
    _in_a_trusted_browser,
    _before_a_change,
    _with_nothing_but_email,
    _with_nothing_but_the_password,
)
