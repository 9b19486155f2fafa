"""The pages of "Get back into your account", in the states in which they look different."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from accounts.models import User
from methods.models import Registration
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.browser.gallery import WRONG_PASSWORD, Gallery
from tests.flows import reset_steps as steps

APP, MAIL, QUESTIONS, PAID = "authenticator", "email", "questions", ("sms", "call")


def reset(gallery: Gallery) -> None:
    for kind in (APP, MAIL, QUESTIONS, *PAID):
        kinds.allow(kind)
    rosa = gallery.person("rosa")
    methods = {kind: kinds.register(rosa, kind) for kind in (MAIL, APP, QUESTIONS)}
    steps.settled(*methods.values())
    gallery.page.context.clear_cookies()
    first_check(gallery)
    second_check(gallery, methods)
    new_password(gallery, rosa)
    alone(gallery)
    stopped(gallery)


def begin(page: Page, name: str = "rosa") -> None:
    page.goto(reverse("accounts:reset"))
    page.locator("main [name=name]").fill(name)
    _press(page)


def choose(page: Page, value: str) -> None:
    page.locator(f"main [value='{value}']").check()
    _press(page)


def _press(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()


def first_check(gallery: Gallery) -> None:
    gallery.visit(reverse("accounts:reset"), "reset")
    gallery.send("reset-empty")
    begin(gallery.page)
    gallery.look("reset-check")
    gallery.send("reset-check-nothing")
    choose(gallery.page, APP)
    gallery.look("reset-code-app")
    OrgPolicy.objects.update(paid_first_check=True)
    gallery.visit(reverse("accounts:reset-check"), "reset-check-paid")
    choose(gallery.page, "sms")
    gallery.look("reset-check-number")
    gallery.page.locator("main [name=call-number]").fill("06 12345678")
    choose(gallery.page, "call")
    gallery.look("reset-code-call")
    OrgPolicy.objects.update(paid_first_check=False)
    gallery.page.goto(reverse("accounts:reset-check"))
    choose(gallery.page, MAIL)
    steps.work()
    gallery.look("reset-code")
    gallery.send("reset-code-refused", code="000000")
    gallery.send("reset-check-2", code=steps.code_on_the_way())


def second_check(gallery: Gallery, methods: dict[str, Registration]) -> None:
    gallery.send("reset-check-2-nothing")
    choose(gallery.page, str(methods[QUESTIONS].uuid))
    gallery.look("reset-questions")
    gallery.page.goto(reverse("accounts:reset-check-2"))
    choose(gallery.page, str(methods[APP].uuid))
    gallery.look("reset-code-2")
    gallery.send("reset-code-2-refused", code="000000")
    gallery.send("reset-password", **steps.code_of(methods[APP]))


def new_password(gallery: Gallery, person: User) -> None:
    gallery.send("reset-password-refused", new_password="short")
    gallery.send("reset-done", new_password=steps.NEW)
    gallery.send("reset-sign-in")
    assert not Client().login(username=person.username, password=WRONG_PASSWORD)


def alone(gallery: Gallery) -> None:
    """One check, whose channel is held afterwards."""
    OrgPolicy.objects.update(methods_to_reset=1)
    Counter.objects.all().delete()
    begin(gallery.page)
    choose(gallery.page, APP)
    code = steps.code_of(Registration.objects.get(user__username="rosa", kind=APP))
    gallery.send("reset-password-again", **code)
    gallery.send("reset-done-held", new_password=f"{steps.NEW} again")
    OrgPolicy.objects.update(methods_to_reset=2)


def stopped(gallery: Gallery) -> None:
    sara = gallery.person("sara")
    mail = kinds.register(sara, MAIL, {"address": "sara@example.net"})
    steps.settled(mail)
    begin(gallery.page, "sara")
    choose(gallery.page, MAIL)
    steps.work()
    gallery.send("reset-stopped", code=steps.code_on_the_way())
    begin(gallery.page, "nobody")
    choose(gallery.page, APP)
    for _ in range(5):
        gallery.page.locator("main [name=code]").fill("000000")
        _press(gallery.page)
    gallery.send("reset-too-many", code="000000")
    Counter.objects.all().delete()
