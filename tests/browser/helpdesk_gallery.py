"""The pages of the helpdesk, in the states in which they look different."""

from __future__ import annotations

from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import HelpdeskAction, HelpdeskCase, Role, User
from methods.models import Challenge, Registration
from securityinfo.messaging.models import Message, State
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.browser.gallery import LONG_ADDRESS, Gallery, latest_code

APP, MAIL, CALL, PASS = "authenticator", "email", "call", "temporary-pass"
LONG_REASON = "Lost the phone on the way home, and the bag with it. " * 8


def walk(gallery: Gallery) -> None:
    for kind in (APP, MAIL, CALL, PASS):
        kinds.allow(kind)
    carla = gallery.person("carla", role=Role.HELPDESK)
    dora = gallery.person("dora", employee_number="E-12", department="Sales")
    for kind in (APP, CALL):
        kinds.register(dora, kind)
    kinds.register(dora, MAIL, {"address": LONG_ADDRESS})
    Registration.objects.filter(user=dora).update(trusted_from=None)
    gallery.become(carla)
    search(gallery, dora)
    check(gallery, dora)
    case(gallery, dora)
    passes(gallery, dora)
    second(gallery, dora)
    limited(gallery, dora)
    OrgPolicy.objects.update(second_approver="nobody", agent_actions_hour=10)
    HelpdeskCase.objects.all().delete()


def of(person: User, name: str, *further: object) -> str:
    return reverse(f"helpdesk:{name}", args=[person.public_id, *further])


def forget_what_was_sent() -> None:
    for model in (Challenge, Counter):
        model.objects.all().delete()


def search(gallery: Gallery, dora: User) -> None:
    gallery.visit(reverse("helpdesk:search"), "helpdesk")
    gallery.send("helpdesk-too-short", typed="d")
    gallery.send("helpdesk-nobody", typed="nobody like this")
    User.objects.filter(pk=dora.pk).update(frozen_at=timezone.now())
    gone = gallery.person("dorian", is_active=False)
    gallery.send("helpdesk-found", typed="dor")
    User.objects.filter(pk=dora.pk).update(frozen_at=None)
    gallery.visit(of(gone, "person"), "helpdesk-person-deactivated")
    gallery.visit(of(dora, "person"), "helpdesk-person")


def check(gallery: Gallery, dora: User) -> None:
    page, address = gallery.page, of(dora, "check")
    gallery.visit(address, "helpdesk-check")
    gallery.send("helpdesk-check-refused")
    forget_what_was_sent()
    by_kind = {each.kind: each for each in Registration.objects.filter(user=dora)}
    for kind in (CALL, MAIL):
        page.goto(address)
        page.locator("main [name=reason]").fill(LONG_REASON[:400])
        page.locator(f"main [value='code:{by_kind[kind].uuid}']").check()
        gallery.send(f"helpdesk-code-{kind}")
    gallery.send("helpdesk-code-refused", form="main form.stack", code="000000")
    gallery.visit(of(dora, "person"), "helpdesk-person-being-checked")
    page.goto(of(dora, "code"))
    gallery.send("helpdesk-case", form="main form.stack", code=latest_code())
    gallery.visit(reverse("methods:list"), "list-of-an-agent")


def case(gallery: Gallery, dora: User) -> None:
    browser = Client()
    browser.post(reverse("accounts:sign-in"), {"name": dora.username, "password": "wrong"})
    Registration.objects.filter(user=dora, kind=CALL).update(suspended_at=timezone.now())
    User.objects.filter(pk=dora.pk).update(frozen_at=timezone.now(), must_change_password=True)
    Message.objects.filter(user=dora, category="notice").update(state=State.FAILED)
    gallery.visit(of(dora, "person"), "helpdesk-case-frozen")
    gallery.visit(reverse("helpdesk:search"), "helpdesk-attention")
    for name in ("reregister", "end-sessions", "unlock", "pass", "explain", "lift-freeze"):
        gallery.visit(of(dora, name), f"helpdesk-{name}")
    gallery.send("helpdesk-done")
    first = Registration.objects.filter(user=dora).first()
    gallery.visit(of(dora, "delete", first.uuid), "helpdesk-delete")
    Registration.objects.filter(user=dora).exclude(pk=first.pk).delete()
    gallery.visit(of(dora, "delete", first.uuid), "helpdesk-delete-last")
    owner = Client()
    owner.force_login(dora)
    words = HelpdeskCase.objects.of(dora).latest("pk").words
    assert words in owner.get(reverse("methods:list")).content.decode()


def passes(gallery: Gallery, dora: User) -> None:
    gallery.visit(of(dora, "pass"), "helpdesk-pass-choice")
    token = gallery.page.locator("main [name=token]").input_value()
    gallery.page.locator("main [name=purpose]").first.check()
    gallery.send("helpdesk-pass-issued")
    gallery.page.goto(of(dora, "pass"))
    gallery.page.evaluate(
        "value => document.querySelector('main [name=token]').value = value", token
    )
    gallery.page.locator("main [name=purpose]").first.check()
    gallery.send("helpdesk-pass-shown-already")


def second(gallery: Gallery, dora: User) -> None:
    OrgPolicy.objects.update(second_approver="removal")
    gallery.page.goto(of(dora, "reregister"))
    gallery.send("helpdesk-case-waits")
    lena = gallery.person("lena", role=Role.ADMINISTRATOR)
    gallery.become(lena)
    gallery.visit(reverse("helpdesk:search"), "helpdesk-to-decide")
    asked = HelpdeskAction.objects.latest("pk")
    gallery.visit(reverse("helpdesk:decide", args=[asked.public_id]), "helpdesk-decide")
    gallery.send("helpdesk-decided")
    gallery.become(User.objects.get(username="carla"))


def limited(gallery: Gallery, dora: User) -> None:
    OrgPolicy.objects.update(agent_actions_hour=1, second_approver="nobody")
    browser = Client()
    browser.force_login(User.objects.get(username="carla"))
    browser.post(of(dora, "end-sessions"), {"token": str(uuid4())})
    gallery.page.goto(of(dora, "end-sessions"))
    gallery.send("helpdesk-limited")
