"""Phone call: whoever answers keys in the number that the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.forms import Form
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from methods.base import (
    Enrolment,
    Factor,
    Method,
    Outgoing,
    Person,
    Prompt,
    Purpose,
    RuleState,
    Settings,
    Strength,
    Verdict,
)
from methods.kinds.call import scripts
from methods.kinds.call.forms import TYPES, CallForm, WholeLineForm
from methods.phone import PhoneNumber, channel_of, lines_meant, typed_again, why_refused
from securityinfo.messaging.content import CallContent

POUND = "#"  # keyed alone


class CallMethod(Method):
    """A phone that can be called: mobile, alternate, or one in an office with its extension."""

    kind = "call"
    label = _("Phone call")
    offer = _("Call me")
    in_words = _("phone call")
    description = _("Answer and key in a number. Mobile, alternate or office phone.")
    icon = "call"
    factor = Factor.POSSESSION
    strength = Strength.RESTRICTED
    purposes: ClassVar[frozenset[Purpose]] = frozenset(
        {Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER}
    )
    position = 30
    max_per_user = 3
    initial_maximum = 3
    initial_state = RuleState.ALLOWED
    sends = "call"
    is_keyed = True
    enrol_form = CallForm
    answer_form = Form  # nothing is typed on the page
    set_up_template = "kinds/call/set_up.html"
    verify_template = "kinds/call/verify.html"
    way = _("Call the number {value}")
    prove_heading = _("Answer your phone")
    prove_template = "kinds/call/prove.html"
    passed_over = _("Phone calls aren't working right now, so we chose another way.")
    wrong_answer = _("That wasn't the number on this page.")
    exhausted = _("Too many wrong numbers. Ask for a new call or choose another way.")
    expired = _("That call is over. Ask for a new one.")
    not_keyed = _("We haven't received the number yet. Answer the call, or choose another method.")
    not_keyed_yet = _("We haven't received the number yet. Answer the call, or choose another way.")
    already_added = _("You've already added this number.")
    change_too = _("Change it for phone calls too")
    send_limit = _("No more calls can be made to this number until {until}. Choose another way.")
    not_working = _("Phone calls aren't working right now. Choose another way.")

    first_check_template = "kinds/call/first_check.html"
    first_check_form = WholeLineForm

    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        extension = cleaned_data.get("extension", "")
        return _enrolment(cleaned_data["phone"], cleaned_data["type"], extension)

    def identity(self, details: Mapping[str, Any]) -> str:
        return _identity(details["number"], details["extension"])

    def summary(self, details: Mapping[str, Any]) -> str:
        return _number(details).mask

    def full_value(self, details: Mapping[str, Any]) -> str:
        number, extension = _number(details).international, details["extension"]
        if not extension:
            return number
        text = _("%(number)s, extension %(extension)s")
        return text % {"number": number, "extension": extension}

    def form_initial(self, details: Mapping[str, Any]) -> dict[str, Any]:
        filled_in = {"type": details["type"], "extension": details["extension"]}
        return {**typed_again(_number(details)), **filled_in}

    def suggested(
        self, known: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The first phone that isn't registered yet; its type is known under the same name."""
        taken = {each["type"] for each in others}
        for type_ in TYPES:
            if type_ in known and type_ not in taken:
                number = PhoneNumber.stored(known[type_]["number"])
                filled_in = {"type": type_, "extension": known[type_]["extension"]}
                return {**typed_again(number), **filled_in}
        return {}

    def channel_of(self, identity: str) -> str:
        return channel_of(identity)

    def identities(self, typed: str, settings: Settings) -> Sequence[str]:
        return [_identity(*line) for line in lines_meant(typed, settings)]

    def destination(self, details: Mapping[str, Any]) -> PhoneNumber:
        return _number(details)

    def moved_to(self, details: Mapping[str, Any], number: PhoneNumber) -> Enrolment:
        return _enrolment(number, details["type"])

    def is_acceptable(self, details: Mapping[str, Any], settings: Settings) -> bool:
        return why_refused(_number(details), settings, for_calls=True) is None

    def slot_of(self, details: Mapping[str, Any]) -> str:
        return details["type"]

    def prepare(
        self, details: Mapping[str, Any], *, settings: Settings, last_counter: int
    ) -> dict[str, Any]:
        return {"call_key": settings.call_key}

    def page(self, prompt: Prompt) -> dict[str, Any]:
        return {"number": _expected(prompt)}

    def compose(self, prompt: Prompt) -> Outgoing:
        return CallContent(
            to=prompt.details["number"],
            extension=prompt.details["extension"],
            script=scripts.of(prompt),
            language=get_language() or "en",
        )

    def check(self, prompt: Prompt, answer: Mapping[str, Any]) -> Verdict:
        """`keys`: what was keyed before the #. A bare # is right where policy asks for no more."""
        keys = str(answer.get("keys", ""))
        return Verdict(right=constant_time_compare(keys, _expected(prompt) or POUND))


def _expected(prompt: Prompt) -> str:
    """What the page shows; nothing where a bare # will do."""
    return "" if scripts.asks_for_nothing(prompt) else prompt.number


def _enrolment(number: PhoneNumber, type_: str, extension: str = "") -> Enrolment:
    return Enrolment(
        details={"number": number.e164, "extension": extension, "type": type_},
        identity=_identity(number.e164, extension),
    )


def _identity(number: str, extension: str) -> str:
    return f"{number};{extension}" if extension else number


def _number(details: Mapping[str, Any]) -> PhoneNumber:
    return PhoneNumber.stored(details["number"])


method = CallMethod()
