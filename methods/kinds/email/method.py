"""Email: a private address that gets a code."""

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
from methods.kinds.email.address import InvalidAddress, canonical
from methods.kinds.email.forms import EmailForm
from securityinfo.messaging import letters
from securityinfo.text import mask_address


class EmailMethod(CodeMethod):
    """A private mailbox; also a contact for notices."""

    kind = "email"
    label = _("Email")
    offer = _("Email")
    in_words = _("email")
    description = _("We email you a code. Use an address that isn't your work address.")
    icon = "email"
    factor = Factor.POSSESSION
    strength = Strength.WEAK
    purposes: ClassVar[frozenset[Purpose]] = frozenset(
        {Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET, Purpose.CALLER}
    )
    position = 40
    max_per_user = 3
    initial_state = RuleState.ALLOWED
    sends = "email"
    enrol_form = EmailForm
    verify_template = "kinds/email/verify.html"
    way = _("Email a code to {value}")
    prove_heading = _("Check your email")
    prove_template = "kinds/email/prove.html"
    passed_over = _("Email isn't working right now, so we chose another way.")
    already_added = _("You've already added this address.")
    send_limit = _("No more codes can be sent to this address until {until}. Choose another way.")
    not_working = _("Email isn't working right now. Choose another way.")

    first_check = _("Email me a code")
    first_check_template = "kinds/email/first_check.html"

    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        address = cleaned_data["address"]
        return Enrolment(details={"address": address}, identity=address.lower())

    def identity(self, details: Mapping[str, Any]) -> str:
        return details["address"].lower()

    def identities(self, typed: str, settings: Settings) -> Sequence[str]:
        try:
            return [canonical(typed).lower()]
        except InvalidAddress:
            return []

    def summary(self, details: Mapping[str, Any]) -> str:
        return mask_address(details["address"])

    def full_value(self, details: Mapping[str, Any]) -> str:
        return details["address"]

    def form_initial(self, details: Mapping[str, Any]) -> dict[str, Any]:
        return {"address": details["address"]}

    def suggested(
        self, known: Mapping[str, Any], others: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        address = known.get("private", "")
        taken = {each["address"].lower() for each in others}
        return {"address": address} if address and address.lower() not in taken else {}

    def contact(self, details: Mapping[str, Any]) -> Contact:
        return Contact("email", details["address"], self.summary(details))

    def compose(self, prompt: Prompt) -> Outgoing:
        return letters.code(
            to=prompt.details["address"],
            code=prompt.code,
            purpose=prompt.purpose,
            reference="" if prompt.purpose is Purpose.CALLER else prompt.reference,
            expires_at=prompt.expires_at,
            caller_words=prompt.words,
        )


method = EmailMethod()
