"""A visit to the helpdesk, with every mistake that an agent can make."""

from __future__ import annotations

from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from accounts.models import HelpdeskAction, HelpdeskCase, User
from methods.models import Registration
from securityinfo.messaging.models import Category, Message, State
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests.i18n.visitor import Visitor, code_sent, later, wrong

CHECKED = {"reason": "#4711", "how": "in-person", "did_it": "on"}
ACTIONS = ("end-sessions", "unlock", "lift-freeze", "pass", "reregister")


def _as_carol(visitor: Visitor) -> None:
    visitor.sign_in("carol")
    dave = User.objects.get(username="dave")
    methods = list(Registration.objects.filter(user=dave))
    _search(visitor)
    _check(visitor, dave)
    visitor.get(_of(dave, "person"))
    _act(visitor, dave)
    _ask_a_second(visitor, dave)
    _limited(visitor, dave)
    User.objects.update(frozen_at=None, must_use_pass=False, skips_used=0)
    Registration.objects.bulk_create(methods)


def _of(person: User, name: str, *further: object) -> str:
    return reverse(f"helpdesk:{name}", args=[person.public_id, *further])


def _search(visitor: Visitor) -> None:
    start = reverse("helpdesk:search")
    for typed in ("", "d", "nobody at all", "dave", "x" * 300):
        visitor.post(start, typed=typed)
    User.objects.filter(username="dave").update(frozen_at=timezone.now())
    bob = User.objects.get(username="bob")
    Message.objects.filter(user=bob, category=Category.NOTICE).update(state=State.FAILED)
    User.objects.filter(username="alice").update(is_active=False)
    visitor.post(start, typed="a")
    visitor.post(start, typed="al")
    visitor.get(start)
    visitor.get(_of(User.objects.get(username="alice"), "person"))
    User.objects.filter(username="alice").update(is_active=True)


def _check(visitor: Visitor, dave: User) -> None:
    Registration.objects.update(trusted_from=None)
    visitor.get(_of(dave, "person"))
    visitor.post(_of(dave, "check"))
    visitor.post(_of(dave, "check"), **CHECKED | {"how": "manager", "did_it": "", "manager": ""})
    visitor.post(_of(dave, "check"), reason="x" * 501, how="hearsay")
    visitor.post(_of(dave, "end-sessions"), token=str(uuid4()))
    mail = Registration.objects.get(user=dave, kind="email")
    later()
    visitor.post(_of(dave, "check"), reason="#4711", how=f"code:{mail.uuid}")
    visitor.get(_of(dave, "person"))
    visitor.get(_of(dave, "code-status"))
    visitor.post(_of(dave, "code-resend"))
    right = code_sent()
    for typed in ("", wrong(right), right):
        visitor.post(_of(dave, "code"), code=typed)


def _act(visitor: Visitor, dave: User) -> None:
    visitor.client.post(reverse("accounts:sign-in"), {"name": "dave", "password": "wrong"})
    for action in ACTIONS:
        visitor.get(_of(dave, action))
        visitor.post(_of(dave, action))
    visitor.get(_of(dave, "explain"))
    visitor.get(_of(dave, "delete", Registration.objects.filter(user=dave).first().uuid))
    visitor.post(_of(dave, "lift-freeze"), token=str(uuid4()))
    visitor.post(_of(dave, "unlock"), token=str(uuid4()))
    visitor.post(_of(dave, "unlock"), token=str(uuid4()))
    token = str(uuid4())
    for _ in range(2):
        visitor.post(_of(dave, "pass"), token=token, purpose="password")
    for registration in Registration.objects.filter(user=dave):
        page = _of(dave, "delete", registration.uuid)
        visitor.get(page)
        visitor.post(page, token=str(uuid4()))
    visitor.post(_of(dave, "reregister"), token=str(uuid4()))
    visitor.post(_of(dave, "close"))


def _ask_a_second(visitor: Visitor, dave: User) -> None:
    """For everything, because dave was helped; carol is the lead who decides, for once."""
    Counter.objects.all().delete()
    OrgPolicy.objects.update(second_approver="repeated")
    visitor.post(_of(dave, "check"), **CHECKED | {"how": "manager", "manager": "47 11"})
    for action in ACTIONS:
        visitor.post(_of(dave, action), token=str(uuid4()), purpose="sign-in")
    visitor.get(_of(dave, "person"))
    admin = Visitor(visitor.language)
    admin.sign_in("admin")
    admin.get(reverse("helpdesk:search"))
    for number, asked in enumerate(HelpdeskAction.objects.filter(state="waiting")):
        page = reverse("helpdesk:decide", args=[asked.public_id])
        admin.get(page)
        if number < 2:
            admin.post(page, **{("agree", "refuse")[number]: "yes"})
            admin.post(page, agree="yes")
    HelpdeskAction.objects.filter(name="pass").update(state="agreed")
    visitor.get(_of(dave, "pass"))
    visitor.get(_of(dave, "person"))
    other = User.objects.get(username="bob")
    admin.post(_of(other, "check"), **CHECKED)
    visitor.post(_of(other, "check"), **CHECKED)
    visitor.answers += admin.answers
    OrgPolicy.objects.update(second_approver="nobody")


def _limited(visitor: Visitor, dave: User) -> None:
    OrgPolicy.objects.update(agent_actions_hour=1)
    for _ in range(2):
        visitor.post(_of(dave, "end-sessions"), token=str(uuid4()))
    OrgPolicy.objects.update(agent_actions_hour=10)
    Counter.objects.all().delete()
    HelpdeskCase.objects.all().delete()


TOURS = (_as_carol,)
