"""A walk through every page, in the states in which it looks different."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pyotp
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounts import disown, duties, welcome
from accounts.models import Role, Session, User
from methods.models import Challenge, Registration
from securityinfo import crypto, disown_links
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.demo.models import DemoMessage
from securityinfo.duties import Duty
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.policy.models import MethodRule, OrgPolicy
from tests import kinds
from tests.browser import people_gallery
from tests.cast import PASSWORD

KIND, APP = "email", "authenticator"
LONG_ADDRESS = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example.net"
WRONG_PASSWORD = "not the password"


@dataclass
class Gallery:
    """`inspect("name of the picture")` is called wherever there is something to see."""

    page: Page
    home: str
    inspect: Callable[[str], None]
    make_person: Callable[..., User]
    suffix: str = ""  # makes every name long
    seen: set[str] = field(default_factory=set)  # names of addresses

    def look(self, picture: str) -> None:
        with suppress(Resolver404):
            self.seen.add(resolve(urlsplit(self.page.url).path).view_name)
        self.inspect(picture)

    def visit(self, address: str, picture: str) -> None:
        self.page.goto(address)
        self.look(picture)

    def send(self, picture: str, form: str = "main form", **fields: str) -> None:
        """Fill in and press the first button of the form."""
        for name, value in fields.items():
            self.page.locator(f"{form} [name={name}]").fill(value)
        with self.page.expect_navigation():
            self.page.locator(f"{form} button[type=submit]").first.click()
        self.look(picture)

    def press(self, button: str, picture: str) -> None:
        with self.page.expect_navigation():
            self.page.locator(button).first.click()
        self.look(picture)

    def become(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": f"{self.home}/"}]
        )

    def person(self, name: str, **fields: object) -> User:
        full_name = f"{name.title()} {self.suffix or 'Miller'}"[:150]
        return self.make_person(name, full_name=full_name, **fields)

    def sign_in(self, user: User) -> None:
        self.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        self.page.goto(reverse("accounts:sign-in"))
        self.page.locator("[name=name]").fill(user.username)
        self.page.locator("[name=password]").fill(PASSWORD)
        with self.page.expect_navigation():
            self.page.locator("main form button[type=submit]").first.click()


def walk(gallery: Gallery) -> None:
    kinds.allow(KIND)
    doors(gallery)
    errors(gallery)
    wizard(gallery)
    first_method(gallery)
    new_password_due(gallery)
    password_and_sessions(gallery)
    several_methods(gallery)
    review(gallery)
    not_allowed(gallery)
    authenticator_app(gallery)
    not_me(gallery)
    welcomed(gallery)


def doors(gallery: Gallery) -> None:
    gallery.visit(reverse("accounts:sign-in"), "sign-in")
    gallery.send("sign-in-empty")
    gallery.send("sign-in-wrong", name="nobody", password=WRONG_PASSWORD)
    gallery.visit(reverse("accounts:sign-out"), "sign-out")
    gallery.send("signed-out")


def errors(gallery: Gallery) -> None:
    for name in ("not-there", "forbidden", "too-many", "busy", "broken"):
        gallery.visit(f"/{name}/", f"error-{name}")
    gallery.page.goto(reverse("accounts:sign-in"))
    gallery.page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    gallery.send("error-form-token")


def wizard(gallery: Gallery) -> None:
    OrgPolicy.objects.update(grace_days=5, grace_skips=3)
    gallery.sign_in(gallery.person("alice"))
    gallery.look("wizard-start-with-skip")
    OrgPolicy.objects.update(grace_days=0, grace_skips=0)
    MethodRule.objects.update(state="off")
    gallery.visit(reverse("accounts:keep-secure"), "wizard-nothing-possible")
    kinds.allow(KIND, state="recommended")
    gallery.visit(reverse("accounts:keep-secure"), "wizard-start")
    gallery.visit(reverse("accounts:keep-secure-choose"), "wizard-choose")
    gallery.send("wizard-choose-nothing")
    gallery.visit(reverse("accounts:keep-secure-set-up", args=[KIND]), "wizard-set-up")
    set_up_with_mistakes(gallery, "wizard", reverse("accounts:keep-secure-set-up", args=[KIND]))
    User.objects.update(access_epoch=7)
    gallery.visit(reverse("accounts:keep-secure-summary"), "sign-in-started-over")


def set_up(gallery: Gallery, name: str, address: str, typed: str) -> None:
    """From the empty form to the proof."""
    gallery.visit(address, f"{name}-set-up")
    gallery.send(f"{name}-verify", address=typed)
    gallery.send(f"{name}-done", code=latest_code())


def set_up_with_mistakes(gallery: Gallery, name: str, address: str) -> None:
    gallery.page.goto(address)
    gallery.send(f"{name}-set-up-refused", address="alice@example.org")
    gallery.page.locator("main [name=address]").fill("alice@example.net")
    with gallery.page.expect_navigation():
        gallery.page.locator("main .button-main").click()
    code = latest_code()
    gallery.send(f"{name}-verify-wrong", code="000000" if code != "000000" else "111111")
    Message.objects.update(state=State.SENT, sent_at=timezone.now())
    gallery.page.goto(gallery.page.url)
    gallery.page.locator("details summary").click()
    gallery.look(f"{name}-verify-sent")
    Message.objects.update(state=State.FAILED, reason=Reason.UNDELIVERABLE)
    gallery.visit(gallery.page.url, f"{name}-verify-failed")
    gallery.send(f"{name}-verified", code=code)


def latest_code() -> str:
    challenge = Challenge.objects.latest("issued_at")
    return crypto.derived_code(challenge.pk, bytes(challenge.nonce), challenge.generation)


def first_method(gallery: Gallery) -> None:
    bob = gallery.person("bob")
    gallery.become(bob)
    gallery.visit(reverse("methods:list"), "list-empty")
    gallery.visit(reverse("methods:activity"), "activity-empty")
    gallery.visit(reverse("methods:add"), "add")
    set_up(gallery, "add", reverse("methods:set-up", args=[KIND]), LONG_ADDRESS)
    only = Registration.objects.confirmed().get(user=bob)
    gallery.visit(reverse("methods:delete", args=[only.uuid]), "delete-refused")
    Session.objects.update(fresh_at=timezone.now() - timedelta(hours=1))
    gallery.visit(reverse("methods:list"), "list-masked")


def new_password_due(gallery: Gallery) -> None:
    gallery.sign_in(gallery.person("olga", must_change_password=True))
    gallery.look("new-password")
    gallery.send("new-password-refused", new_password="short")


def password_and_sessions(gallery: Gallery) -> None:
    pia = gallery.person("pia")
    Client().force_login(pia)
    Session.objects.of(pia).update(browser="Firefox on Windows", address="2001:db8::1319:7")
    gallery.become(pia)
    gallery.visit(reverse("accounts:password"), "password")
    gallery.send(
        "password-refused", current_password=WRONG_PASSWORD, new_password="password123456789"
    )
    gallery.page.evaluate("document.querySelector('[data-session-end] > *').hidden = false")
    gallery.look("session-end")
    gallery.visit(reverse("accounts:sign-out-everywhere"), "sign-out-everywhere")
    gallery.send("signed-out-everywhere")


def several_methods(gallery: Gallery) -> None:
    eve = gallery.person("eve")
    for address in ("eve@example.net", "eve.evans@example.net", "eve.suspended@example.net"):
        kinds.register(eve, KIND, {"address": address})
    first, second, third = Registration.objects.confirmed().filter(user=eve)
    Registration.objects.filter(pk=second.pk).update(
        trusted_from=timezone.now() + timedelta(hours=20)
    )
    Registration.objects.filter(pk=third.pk).update(suspended_at=timezone.now())
    gallery.become(eve)
    gallery.visit(reverse("methods:list"), "list-several")
    gallery.visit(reverse("methods:default"), "default")
    gallery.visit(reverse("methods:delete", args=[third.uuid]), "delete")
    gallery.visit(reverse("methods:add"), "add-nothing")
    kinds.pass_time(hours=1)
    set_up(gallery, "change", reverse("methods:change", args=[first.uuid]), "new@example.net")
    with transaction.atomic():
        for _ in range(60):
            log.record(tags.SIGN_IN_COMPLETED, actor=SYSTEM, subject=eve.public_id)
    gallery.visit(reverse("methods:activity"), "activity")
    OrgPolicy.objects.update(registration_required=False)
    Registration.objects.filter(user=eve).exclude(pk=first.pk).delete()
    gallery.visit(reverse("methods:delete", args=[first.uuid]), "delete-with-consent")
    gallery.send("delete-without-tick")
    OrgPolicy.objects.update(registration_required=True)


def review(gallery: Gallery) -> None:
    rita = gallery.person("rita")
    for address in ("rita@example.net", LONG_ADDRESS):
        kinds.register(rita, KIND, {"address": address})
    kinds.pass_time(hours=1)
    User.objects.filter(pk=rita.pk).update(reviewed_at=timezone.now() - timedelta(days=200))
    gallery.sign_in(rita)
    gallery.page.locator("[name=code]").fill(latest_code())
    with gallery.page.expect_navigation():
        gallery.page.locator("main form button[type=submit]").first.click()
    gallery.look("review")
    User.objects.filter(pk=rita.pk).update(reviews_postponed=3)
    gallery.visit(reverse("accounts:review"), "review-last-time")


def not_allowed(gallery: Gallery) -> None:
    gallery.become(User.objects.get(username="bob"))
    MethodRule.objects.update(state="off")
    gallery.visit(reverse("methods:list"), "list-not-allowed")
    kinds.allow(KIND)


def authenticator_app(gallery: Gallery) -> None:
    kinds.allow(APP)
    gallery.become(gallery.person("zoe"))
    gallery.visit(reverse("methods:set-up", args=[APP]), "app-set-up")
    for summary in gallery.page.locator("main summary").all():
        if summary.is_visible():
            summary.click()
    gallery.look("app-set-up-open")
    gallery.send("app-refused", code="12345", name="x" * 41)
    gallery.page.locator("details:has([name=name]) summary").click()
    gallery.send("app-added", code=app_code(), name="W" * 40)
    app = Registration.objects.confirmed().get(kind=APP)
    gallery.visit(reverse("methods:change", args=[app.uuid]), "app-change")
    gallery.send("app-change-refused", name="")
    gallery.visit(reverse("methods:change-verify", args=[app.uuid]), "app-move")
    gallery.visit(reverse("methods:delete", args=[app.uuid]), "app-delete")


def not_me(gallery: Gallery) -> None:
    nina = gallery.person("nina")
    registration = kinds.register(nina, KIND, {"address": "nina@example.net"})
    added = Event.objects.filter(tag=tags.METHOD_REGISTERED).latest("pk")
    address = disown_links.page_for(added.pk)
    gallery.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    gallery.visit(address, "not-me")
    gallery.send("not-me-done")
    gallery.visit(address, "not-me-gone")
    gallery.sign_in(nina)
    gallery.look("sign-in-frozen")
    Registration.objects.filter(pk=registration.pk).update(suspended_at=None)
    gallery.become(nina)
    gallery.visit(reverse("methods:list"), "list-frozen")


def welcomed(gallery: Gallery) -> None:
    link = welcome.invite("first", "first@example.org", actor=SYSTEM)
    address = link.address.removeprefix(settings.PUBLIC_URL)
    gallery.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    gallery.visit(address, "welcome")
    gallery.send("welcome-refused", new_password="short")
    gallery.send("welcome-keep-secure", new_password="seven otters juggle lanterns")
    gallery.visit(address, "welcome-gone")


def app_code() -> str:
    return pyotp.TOTP(Registration.objects.latest("pk").details["key"]).now()


def demo_phone(gallery: Gallery) -> None:
    DemoMessage.objects.create(
        id="0b1d5f0e-0000-4000-8000-000000000000",
        user=gallery.person("dave"),
        channel="email",
        to=LONG_ADDRESS,
        subject="Your Example Org verification code",
        body="Example Org\n\nUse this code:\n\n073040\n\nNever share it.\n",
    )
    gallery.visit(reverse("demo:phone"), "demo-phone")


def administration(gallery: Gallery) -> None:
    """Every list, every form; and a policy that is refused."""
    ada = gallery.person("ada", role=Role.ADMINISTRATOR, is_superuser=True)
    kinds.register(gallery.person("eric"), KIND)
    Group.objects.create(name=f"Contractors {gallery.suffix}"[:150])
    gallery.become(ada)
    gallery.visit(reverse("admin:index"), "admin-index")
    client = Client()
    client.force_login(ada)
    for model in sorted(admin.site._registry, key=lambda each: each._meta.label):
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        newest = model._default_manager.order_by("-pk").first()
        pages = {"changelist": (), "add": ()}
        if newest is not None:
            pages |= dict.fromkeys(("change", "delete", "history"), (newest.pk,))
        for page, arguments in pages.items():
            address = reverse(f"admin:{name}_{page}", args=arguments)
            if client.get(address).status_code == 200:
                gallery.visit(address, f"admin-{name}-{page}")
    gallery.page.goto(reverse("admin:accounts_user_changelist"))
    gallery.page.locator("tr:has-text('eric') [name=_selected_action]").check()
    gallery.page.locator("[name=action]").select_option("sign_out")
    gallery.press(".actions button", "admin-sign-out")
    gallery.press("[name=confirmed]", "admin-signed-out")
    people_gallery.imports(gallery)
    disown.protect(Event.objects.filter(tag=tags.METHOD_REGISTERED).latest("pk"), SYSTEM)
    gallery.page.goto(reverse("admin:accounts_user_changelist"))
    gallery.page.locator("tr:has-text('eric') [name=_selected_action]").check()
    gallery.page.locator("[name=action]").select_option("lift_freeze")
    gallery.press(".actions button", "admin-lift-freeze")
    gallery.press("[name=confirmed]", "admin-freeze-lifted")
    gallery.page.goto(reverse("admin:policy_orgpolicy_change", args=[1]))
    gallery.page.locator("details:has([name=methods_to_register]) > summary").click()
    gallery.page.locator("[name=methods_to_register]").fill("99")
    with gallery.page.expect_navigation():
        gallery.page.locator("[name=_save]").first.click()
    gallery.look("admin-policy-refused")
    what_an_auditor_sees(gallery, ada)


def what_an_auditor_sees(gallery: Gallery, ada: User) -> None:
    """The same pages, to be read."""
    auditor = gallery.person("audrey")
    duties.give(auditor, [Duty.READ_AND_AUDIT])
    gallery.become(auditor)
    gallery.visit(reverse("admin:index"), "admin-read-index")
    gallery.visit(reverse("admin:accounts_user_change", args=[ada.pk]), "admin-read-person")
    gallery.visit(reverse("admin:policy_orgpolicy_change", args=[1]), "admin-read-policy")
