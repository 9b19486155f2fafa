"""Text message: a mobile phone that gets a code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from methods.base import (
    CodeMethod,
    Contact,
    Enrolment,
    Factor,
    Outgoing,
    Person,
    Prompt,
    Purpose,
    RuleState,
    Settings,
    Strength,
)
from methods.kinds.sms import texts
from methods.kinds.sms.forms import TextForm
from methods.phone import (
    PhoneNumber,
    channel_of,
    lines_meant,
    typed_again,
    why_refused,
)
from methods.whole_number import WholeNumberForm
from securityinfo.messaging.content import TextContent


class TextMethod(CodeMethod):
    """A phone number that can be texted."""

    kind = "sms"
    label = _("Text message")
    offer = _("Text me a code")
    in_words = _("text message")
    description = _("A text message to your mobile phone. Less safe than an app.")
    icon = "sms"
    factor = Factor.POSSESSION
    strength = Strength.RESTRICTED
    purposes: ClassVar[frozenset[Purpose]] = frozenset(
        {Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER}
    )
    position = 20
    max_per_user = 2
    initial_state = RuleState.ALLOWED
    sends = "text"
    enrol_form = TextForm
    set_up_template = "kinds/sms/set_up.html"
    verify_template = "kinds/sms/verify.html"
    way = _("Text a code to the number {value}")
    prove_heading = _("Check your phone")
    prove_template = "kinds/sms/prove.html"
    passed_over = _("Text messages aren't working right now, so we chose another way.")
    already_added = _("You've already added this number.")
    change_too = _("Change it for text messages too")
    send_limit = _("No more codes can be sent to this number until {until}. Choose another way.")
    not_working = _("Text messages aren't working right now. Choose another way.")

    first_check_template = "kinds/sms/first_check.html"
    first_check_form = WholeNumberForm

    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        return self.moved_to({}, cleaned_data["phone"])

    def identity(self, details: Mapping[str, Any]) -> str:
        return details["number"]

    def summary(self, details: Mapping[str, Any]) -> str:
        return _number(details).mask

    def full_value(self, details: Mapping[str, Any]) -> str:
        return _number(details).international

    def form_initial(self, details: Mapping[str, Any]) -> dict[str, Any]:
        return dict(typed_again(_number(details)))

    def suggested(
        self, known: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        mobile = known.get("mobile")
        if mobile is None or mobile["number"] in {each["number"] for each in others}:
            return {}
        return dict(typed_again(PhoneNumber.stored(mobile["number"])))

    def channel_of(self, identity: str) -> str:
        return channel_of(identity)

    def destination(self, details: Mapping[str, Any]) -> PhoneNumber:
        return _number(details)

    def moved_to(self, details: Mapping[str, Any], number: PhoneNumber) -> Enrolment:
        return Enrolment(details={"number": number.e164}, identity=number.e164)

    def is_acceptable(self, details: Mapping[str, Any], settings: Settings) -> bool:
        return why_refused(_number(details), settings, for_calls=False) is None

    def identities(self, typed: str, settings: Settings) -> Sequence[str]:
        return [number for number, extension in lines_meant(typed, settings) if not extension]

    def contact(self, details: Mapping[str, Any]) -> Contact:
        number = _number(details)
        return Contact("text", number.e164, number.mask, country=number.region)

    def compose(self, prompt: Prompt) -> Outgoing:
        return TextContent(
            to=prompt.details["number"],
            text=texts.of(prompt),
            valid_for=texts.seconds_until(prompt.expires_at),
        )


def _number(details: Mapping[str, Any]) -> PhoneNumber:
    return PhoneNumber.stored(details["number"])


method = TextMethod()
