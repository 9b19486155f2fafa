"""Temporary access pass: issued by the helpdesk, works once, lets a person in to register."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.crypto import constant_time_compare
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
from methods.forms import EnrolForm
from methods.kinds.temporary_pass.forms import ALPHABET, LENGTH, PassForm
from securityinfo import crypto

_LABEL = "temporary pass"


class TemporaryPassMethod(Method):
    """Never added, counted or listed: it stands in for the methods that somebody has lost."""

    kind = "temporary-pass"
    label = _("Temporary access pass")
    offer = _("Temporary access pass")
    in_words = _("temporary access pass")
    description = _("A pass from the helpdesk that works once.")
    icon = "temporary-pass"
    factor = Factor.POSSESSION
    strength = Strength.NONE
    purposes = frozenset({Purpose.SIGN_IN, Purpose.RESET})
    position = 60
    initial_state = RuleState.ALLOWED
    is_issued = True
    enrol_form = EnrolForm
    answer_form = PassForm
    wrong_answer = _("That pass isn't right or has expired. Check it or contact {helpdesk}.")
    exhausted = wrong_answer
    expired = wrong_answer
    way = _("Use a temporary access pass")
    prove_heading = _("Enter your temporary access pass")

    first_check = _("Use a temporary access pass")
    first_check_template = "kinds/temporary_pass/first_check.html"

    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        raise NotImplementedError("A pass is issued.")

    def issue(self, row: UUID) -> tuple[str, str]:
        """In groups of four, to be read out."""
        letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        groups = (letters[start : start + 4] for start in range(0, LENGTH, 4))
        return "-".join(groups), crypto.fingerprint(_LABEL, f"{row} {letters}")

    def summary(self, details: Mapping[str, Any]) -> str:
        return ""

    def check(self, prompt: Prompt, answer: Mapping[str, Any]) -> Verdict:
        """Under each key of the ring: a pass outlives a change of keys."""
        typed = f"{prompt.id} {answer['code']}"
        right = [
            constant_time_compare(prompt.details["digest"], each)
            for each in crypto.fingerprints(_LABEL, typed)
        ]
        return Verdict(any(right))


method = TemporaryPassMethod()
