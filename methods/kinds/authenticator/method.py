"""Authenticator app: a key that the phone and the server share, and the code of the half minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from methods.base import (
    Enrolment,
    Factor,
    Method,
    Person,
    Prompt,
    Purpose,
    RuleState,
    Strength,
    Verdict,
)
from methods.forms import CodeForm, EnrolForm
from methods.kinds.authenticator import qr, totp
from securityinfo.messaging import letterhead


class AuthenticatorMethod(Method):
    """Any app for time-based codes. Its key is made here, and shown only while it is set up."""

    kind = "authenticator"
    label = _("Authenticator app")
    offer = _("Authenticator app")
    in_words = _("authenticator app")
    description = _("An app on your phone shows a code. Works without a network.")
    icon = "authenticator"
    factor = Factor.POSSESSION
    strength = Strength.STRONG
    purposes: ClassVar[frozenset[Purpose]] = frozenset(
        {Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER}
    )
    position = 10
    max_per_user = 5
    initial_maximum = 5
    initial_state = RuleState.RECOMMENDED
    asks_first = False
    is_named = True
    replacing = _("Move to another phone")
    enrol_form = EnrolForm
    answer_form = CodeForm
    exhausted = _("Too many wrong codes. Start again or choose another way.")
    expired = _("This took too long. Start again or choose another way.")
    wrong_answer = _(
        "That code isn't right. Codes change every 30 seconds: wait for the next one and try again."
    )
    took_too_long = _("This QR code has expired. Scan the new one.")
    after_deletion = _("Also delete the entry in the app.")
    verify_template = "kinds/authenticator/verify.html"
    way = _("Use the code from your authenticator app")
    prove_heading = _("Open your authenticator app")
    prove_template = "kinds/authenticator/prove.html"

    first_check = _("Enter a code from my authenticator app")
    first_check_template = "kinds/authenticator/first_check.html"

    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        key = totp.new_key()  # never from the form: only the server knows what is random
        return Enrolment(details={"key": key}, identity=key)

    def identity(self, details: Mapping[str, Any]) -> str:
        return details["key"]

    def summary(self, details: Mapping[str, Any]) -> str:
        return ""  # its name tells it apart

    def page(self, prompt: Prompt) -> dict[str, Any]:
        """The key as QR code, as link and as text; only for the phone that is being set up."""
        if prompt.purpose is not Purpose.REGISTER:
            return {}
        key, account = prompt.details["key"], prompt.person_name
        uri = totp.uri(key, issuer=letterhead.current().name, account=account)
        return {"qr": qr.draw(uri), "uri": uri, "account": account, "key": _in_fours(key)}

    def counter_of(self, moment: datetime) -> int | None:
        return totp.step_at(moment) + totp.STEPS_BESIDE

    def check(self, prompt: Prompt, answer: Mapping[str, Any]) -> Verdict:
        step = totp.matching_step(prompt.details["key"], answer["code"])
        return Verdict(right=step is not None, counter=step)


def _in_fours(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


method = AuthenticatorMethod()
