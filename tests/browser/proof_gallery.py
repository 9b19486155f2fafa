"""A walk through the second step and "Confirm it's you", in the states that look different."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, TrustedBrowser, User
from methods.models import NEVER_COUNTED, Challenge, Registration
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.browser.gallery import WRONG_PASSWORD, Gallery, latest_code
from tests.cast import PASSWORD

APP, TEXT, CALL, EMAIL = "authenticator", "sms", "call", "email"
ALL = (APP, TEXT, CALL, EMAIL)
SWITCHES = ("text_switch", "call_switch", "email_switch")
MANY = 10


def walk(gallery: Gallery) -> None:
    for kind in ALL:
        kinds.allow(kind)
    sam = _person_with(gallery, "sam", ALL)
    second_step(gallery, sam)
    further_ways(gallery, sam)
    what_is_in_the_way(gallery, sam)
    only_method(gallery)
    trusted_browser(gallery, sam)
    before_a_change(gallery, sam)
    with_the_password(gallery)


def second_step(gallery: Gallery, sam: User) -> None:
    _sign_in(gallery, sam)
    gallery.look("second-step-app")
    gallery.send("second-step-app-wrong", code="000000")
    gallery.visit(reverse("accounts:another-way"), "another-way")
    gallery.page.locator("summary").click()
    _uncheck(gallery)
    gallery.send("another-way-nothing-chosen")
    _choose(gallery, TEXT, "second-step-text")
    _say(gallery, "second-step-text-sent", state=State.SENT, sent_at=timezone.now())
    gallery.send("second-step-text-wrong", code=_wrong())
    _say(gallery, "second-step-text-failed", state=State.FAILED, reason=Reason.UNDELIVERABLE)
    _send_wrong_codes(gallery)
    gallery.visit(gallery.page.url, "second-step-text-exhausted")


def further_ways(gallery: Gallery, sam: User) -> None:
    _sign_in(gallery, sam)
    _choose(gallery, EMAIL, "second-step-email")
    Challenge.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    gallery.send("second-step-email-expired", code="000000")
    _choose(gallery, CALL, "second-step-call")
    gallery.send("second-step-call-not-keyed")
    _later()
    gallery.visit(reverse("accounts:verify"), "second-step-call-again")


def what_is_in_the_way(gallery: Gallery, sam: User) -> None:
    OrgPolicy.objects.update(**dict.fromkeys(SWITCHES, False))
    _sign_in(gallery, sam)
    gallery.visit(reverse("accounts:another-way"), "another-way-not-working")
    _choose(gallery, TEXT, "another-way-refused")
    _make_default(sam, TEXT)
    _sign_in(gallery, sam)
    gallery.look("second-step-passed-over")
    _make_default(sam, APP)
    OrgPolicy.objects.update(**dict.fromkeys(SWITCHES, True))
    _choose(gallery, TEXT, "")
    MethodRule.objects.filter(kind=TEXT).update(state="off")
    gallery.visit(reverse("accounts:verify"), "second-step-gone")
    kinds.allow(TEXT)
    Registration.objects.of(sam).update(suspended_at=timezone.now())
    _sign_in(gallery, sam)
    gallery.look("second-step-no-way")
    Registration.objects.of(sam).update(suspended_at=None)


def only_method(gallery: Gallery) -> None:
    tess = _person_with(gallery, "tess", (APP,))
    _sign_in(gallery, tess)
    gallery.look("second-step-only-method")
    for _ in range(MANY):
        gallery.page.goto(reverse("accounts:verify"))
        if gallery.page.locator("[name=code]").count() == 0:
            break
        _press(gallery, code="000000")
    gallery.visit(reverse("accounts:verify"), "second-step-app-exhausted")
    _press(gallery)
    gallery.page.goto(reverse("accounts:verify"))
    gallery.send("second-step-wait", code="000000")
    User.objects.filter(pk=tess.pk).update(access_epoch=7)
    gallery.visit(reverse("accounts:verify"), "second-step-started-over")


def trusted_browser(gallery: Gallery, sam: User) -> None:
    OrgPolicy.objects.update(trusted_browser_days=30)
    _sign_in(gallery, sam)
    gallery.look("second-step-trust")
    _choose(gallery, TEXT, "second-step-text-trust")
    gallery.page.get_by_role("checkbox").check()
    _press(gallery, code=latest_code())
    TrustedBrowser.objects.update(browser="Firefox on Windows")
    gallery.visit(reverse("methods:list"), "list-trusted-browser")
    gallery.visit(reverse("accounts:sign-out-everywhere"), "sign-out-everywhere-trusted")
    OrgPolicy.objects.update(trusted_browser_days=0)


def before_a_change(gallery: Gallery, sam: User) -> None:
    gallery.become(sam)
    _later()
    app = Registration.objects.of(sam).get(kind=APP)
    gallery.visit(reverse("methods:delete", args=[app.uuid]), "confirm-too-weak")
    gallery.send("confirm-app-wrong", code="000000")
    gallery.visit(reverse("methods:add"), "confirm-app")
    gallery.press(".below-card a", "confirm-another-way")
    _uncheck(gallery)
    gallery.send("confirm-another-way-nothing-chosen")
    _choose(gallery, TEXT, "confirm-text", page="methods:add")
    Registration.objects.filter(pk=app.pk).update(suspended_at=timezone.now())
    gallery.visit(reverse("methods:delete", args=[app.uuid]), "confirm-no-way")
    Registration.objects.filter(pk=app.pk).update(suspended_at=None)


def with_the_password(gallery: Gallery) -> None:
    gallery.become(_person_with(gallery, "uma", (EMAIL,)))
    _later()
    gallery.visit(reverse("methods:add"), "confirm-by-email")
    _choose(gallery, EMAIL, "confirm-email-and-password", page="methods:add")
    gallery.send("confirm-password-refused", password=WRONG_PASSWORD, code=latest_code())
    gallery.send("confirm-code-refused", password=PASSWORD, code=_wrong())
    gallery.become(_person_with(gallery, "vic", ()))
    _later()
    gallery.visit(reverse("methods:add"), "confirm-password")
    gallery.send("confirm-refused", password=WRONG_PASSWORD)


def _person_with(gallery: Gallery, name: str, some_kinds: tuple[str, ...]) -> User:
    person = gallery.person(name)
    for kind in some_kinds:
        kinds.register(person, kind)
    if some_kinds:
        _make_default(person, some_kinds[0])
    return person


def _make_default(person: User, kind: str) -> None:
    Registration.objects.of(person).update(is_default=False)
    Registration.objects.of(person).filter(kind=kind).update(is_default=True)


def _sign_in(gallery: Gallery, person: User) -> None:
    _later()
    gallery.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    gallery.sign_in(person)


def _later() -> None:
    """Nobody was proved, and nothing was sent, a moment ago."""
    Counter.objects.all().delete()
    kinds.pass_time(minutes=5)
    Registration.objects.update(last_counter=NEVER_COUNTED)
    Session.objects.update(fresh_at=None)


def _choose(gallery: Gallery, kind: str, picture: str, *, page: str = "") -> None:
    """Another way, at sign-in or before `page`; looks at what it leads to."""
    address = reverse("accounts:another-way")
    if page:
        address = f"{reverse('accounts:confirm-another-way')}?next={reverse(page)}"
    gallery.page.goto(address)
    kind_of = {str(each.uuid): each.kind for each in Registration.objects.confirmed()}
    for way in gallery.page.locator("[name=way]").all():
        if kind_of[way.get_attribute("value") or ""] == kind:
            way.check()
    _press(gallery)
    if picture:
        gallery.look(picture)


def _uncheck(gallery: Gallery) -> None:
    gallery.page.evaluate("document.querySelectorAll('[name=way]').forEach(e => e.checked = false)")


def _press(gallery: Gallery, **fields: str) -> None:
    for name, value in fields.items():
        gallery.page.locator(f"main form [name={name}]").fill(value)
    with gallery.page.expect_navigation():
        gallery.page.locator("main form button[type=submit]").first.click()


def _say(gallery: Gallery, picture: str, **outcome: object) -> None:
    """What became of the message."""
    Message.objects.filter(reference=Challenge.objects.latest("issued_at").pk).update(**outcome)
    gallery.visit(reverse("accounts:verify"), picture)


def _send_wrong_codes(gallery: Gallery) -> None:
    for _ in range(MANY):
        Counter.objects.all().delete()
        gallery.page.goto(reverse("accounts:verify"))
        if gallery.page.locator("[name=code]").count() == 0:
            return
        _press(gallery, code=_wrong())


def _wrong() -> str:
    return "000000" if latest_code() != "000000" else "111111"
