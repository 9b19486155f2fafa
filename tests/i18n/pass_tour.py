"""A visit to the pages of a temporary access pass, with every mistake that can be made."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.urls import reverse

from accounts import passes
from accounts.models import User
from methods.models import Registration
from securityinfo.demo import organization
from securityinfo.throttling.models import Counter
from tests.i18n.visitor import Visitor, app_code
from tests.passes import issue

PASS, WRONG = reverse("accounts:sign-in-pass"), "AAAA-BBBB-CCCC"
NEW_PASSWORD = "nine badgers paint the fence"


def _with_a_pass(visitor: Visitor) -> None:
    """Beside methods that were lost: one of them is replaced, or another one set up."""
    dave = User.objects.get(username="dave")
    text = issue(dave)
    visitor.give_password("dave")
    visitor.get(reverse("accounts:another-way"))
    visitor.get(PASS)
    for typed in ("", "12", WRONG, text):
        visitor.post(PASS, code=typed)
    for name in ("keep-secure", "keep-secure-choose"):
        visitor.get(reverse(f"accounts:{name}"))
    mail = Registration.objects.confirmed().get(user=dave, kind="email")
    replacing = reverse("accounts:keep-secure-set-up", args=[mail.uuid])
    visitor.get(replacing)
    visitor.post(replacing, address="")
    adding = reverse("accounts:keep-secure-set-up", args=["authenticator"])
    visitor.get(adding)
    visitor.post(adding, code=app_code())
    visitor.post(reverse("accounts:keep-secure-summary"))
    visitor.post(reverse("accounts:sign-out"))
    Registration.objects.filter(user=dave).latest("pk").delete()


def _asked_for_a_pass(visitor: Visitor) -> None:
    """Who has to register again: without one, and with one."""
    alice = User.objects.get(username="alice")
    Counter.objects.all().delete()
    passes.require(alice)
    visitor.give_password("alice")
    visitor.get(reverse("accounts:verify"))
    visitor.post(PASS, code=issue(alice))
    visitor.post(reverse("accounts:sign-out"))
    User.objects.update(must_use_pass=False)


def _with_a_pass_for_a_new_password(visitor: Visitor) -> None:
    Counter.objects.all().delete()
    dave = User.objects.get(username="dave")
    text, code = issue(dave, sets_password=True), reverse("accounts:reset-code")
    visitor.post(reverse("accounts:reset"), name="dave")
    visitor.post(reverse("accounts:reset-check"), way="temporary-pass")
    for typed in ("", WRONG, text):
        visitor.post(code, code=typed)
    new = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    visitor.post(reverse("accounts:reset-password"), **new)
    User.objects.filter(pk=dave.pk).update(password=make_password(organization.PASSWORD))


TOURS = (_with_a_pass, _asked_for_a_pass, _with_a_pass_for_a_new_password)
