"""A visit to "Get back into your account", with every mistake that can be made."""

from __future__ import annotations

import pyotp
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from accounts.models import User
from methods.models import Registration
from securityinfo.demo import organization
from securityinfo.policy.models import OrgPolicy
from securityinfo.throttling.models import Counter
from tests.i18n.visitor import Visitor, code_sent, later, wrong

APP, EMAIL = "authenticator", "email"
NEW_PASSWORD = "seven otters juggle lanterns"
ANOTHER_PASSWORD = "eight herons fold umbrellas"


def _who_forgot(visitor: Visitor) -> None:
    """The password of dave, with every mistake; then who is stopped, and who has one method."""
    Registration.objects.update(trusted_from=None)
    OrgPolicy.objects.update(paid_first_check=True)
    start, check, code = (
        reverse(f"accounts:{name}") for name in ("reset", "reset-check", "reset-code")
    )
    visitor.get(start)
    visitor.post(start)
    visitor.post(start, name="dave")
    visitor.post(check)
    visitor.post(check, way="sms")
    visitor.post(check, way="call", **{"call-country": "US", "call-number": "201 555 0199"})
    visitor.post(code)
    visitor.post(check, way="sms", **{"sms-country": "US", "sms-number": "201 555 0199"})
    OrgPolicy.objects.update(paid_first_check=False)
    visitor.post(check, way=APP)
    app = Registration.objects.get(user__username="dave", kind=APP)
    for typed in ("", "000000", _shown_by(app)):
        visitor.post(code, code=typed)
    check_2 = reverse("accounts:reset-check-2")
    visitor.post(check_2)
    mail = Registration.objects.get(user__username="dave", kind=EMAIL)
    later()
    visitor.post(check_2, way=str(mail.uuid))
    code_2 = reverse("accounts:reset-code-2")
    visitor.get(f"{code_2}status/")
    visitor.post(f"{code_2}resend/")
    right = code_sent()
    for typed in ("", wrong(right), right):
        visitor.post(code_2, code=typed)
    password, done = reverse("accounts:reset-password"), reverse("accounts:reset-done")
    for new in ("", "short", organization.PASSWORD, NEW_PASSWORD):
        visitor.post(password, new_password=new, new_password_again=new)
    visitor.post(done)
    _stopped(visitor)
    _held(visitor)
    User.objects.filter(username="dave").update(password=make_password(organization.PASSWORD))


def _stopped(visitor: Visitor) -> None:
    OrgPolicy.objects.update(reset_for="nobody")
    _first_check_by_app(visitor)
    visitor.get(reverse("accounts:reset-stopped"))
    OrgPolicy.objects.update(reset_for="everyone")


def _held(visitor: Visitor) -> None:
    """One check is enough, and its channel is held afterwards."""
    OrgPolicy.objects.update(methods_to_reset=1)
    _first_check_by_app(visitor)
    new = {"new_password": ANOTHER_PASSWORD, "new_password_again": ANOTHER_PASSWORD}
    visitor.post(reverse("accounts:reset-password"), **new)
    Registration.objects.update(held_until=None)
    OrgPolicy.objects.update(methods_to_reset=2)


def _first_check_by_app(visitor: Visitor) -> None:
    Counter.objects.all().delete()
    app = Registration.objects.get(user__username="dave", kind=APP)
    visitor.post(reverse("accounts:reset"), name="dave")
    visitor.post(reverse("accounts:reset-check"), way=APP)
    visitor.post(reverse("accounts:reset-resend"))
    visitor.post(reverse("accounts:reset-code"), code=_shown_by(app))


def _shown_by(app: Registration) -> str:
    """Half a minute after its last code was used."""
    Registration.objects.filter(pk=app.pk).update(last_counter=-1)
    return pyotp.TOTP(app.details["key"]).now()


TOURS = (_who_forgot,)
