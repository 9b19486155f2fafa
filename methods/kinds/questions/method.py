"""Questions and answers: a second check of a password reset, and of nothing else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.forms import Form
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from methods.base import (
    Enrolment,
    Factor,
    Method,
    Person,
    Prompt,
    Purpose,
    Settings,
    Strength,
    Verdict,
)
from methods.kinds.questions import catalogue
from methods.kinds.questions.forms import WRONG, AnswersForm, QuestionsForm


class QuestionsMethod(Method):
    """`details`: a seed, and of each question its name or text and the hash of its answer."""

    kind = "questions"
    label = _("Security questions")
    offer = _("Security questions")
    in_words = _("security questions")
    description = _("Only for resetting your password.")
    icon = "questions"
    factor = Factor.KNOWLEDGE
    strength = Strength.NONE
    purposes = frozenset({Purpose.RESET})
    position = 50
    needs_proof = False
    # OWASP ASVS 6.4.2 forbids them; whoever allows them all the same has to have read why.
    caution = _("Answers can often be guessed or found. Prefer another method. (OWASP ASVS 6.4.2)")
    setting_choices = {"questions_off": [*catalogue.BUILT_IN.items()]}
    enrol_form = QuestionsForm
    answer_form = AnswersForm
    wrong_answer = WRONG
    exhausted = _("Too many wrong answers. Start again or choose another way.")
    expired = _("This took too long. Start again or choose another way.")
    set_up_template = "kinds/questions/set_up.html"
    verify_template = "kinds/questions/verify.html"
    way = _("Answer my security questions")
    prove_heading = _("Answer your security questions")
    prove_template = "kinds/questions/prove.html"

    def enrol(self, person: Person, cleaned_data: Mapping[str, Any]) -> Enrolment:
        questions = [
            catalogue.kept(name) | {"answer": make_password(answer)}
            for name, answer in cleaned_data["chosen"]
        ]
        return Enrolment(details={"seed": secrets.token_hex(16), "questions": questions})

    def summary(self, details: Mapping[str, Any]) -> str:
        number = len(details["questions"])
        return ngettext("{n} question", "{n} questions", number).format(n=number)

    def prepare(
        self, details: Mapping[str, Any], *, settings: Settings, last_counter: int
    ) -> dict[str, Any]:
        """The same questions until they are answered: only a right answer raises the counter."""
        order = _order(details["seed"], last_counter, len(details["questions"]))
        return {"asked": order[: settings.questions_to_answer], "round": last_counter}

    def form_for(self, prompt: Prompt, data: Mapping[str, Any] | None = None) -> Form:
        return AnswersForm(data, questions=[catalogue.text_of(each) for each in _asked(prompt)])

    def check(self, prompt: Prompt, answer: Mapping[str, Any]) -> Verdict:
        """All of them, whatever the first one is: the time must not tell which was wrong."""
        right = [
            check_password(answer.get(f"answer_{number}", ""), each["answer"])
            for number, each in enumerate(_asked(prompt), start=1)
        ]
        is_right = bool(right) and all(right)
        return Verdict(is_right, counter=prompt.context["round"] + 1 if is_right else None)


def _asked(prompt: Prompt) -> Sequence[Mapping[str, Any]]:
    return [prompt.details["questions"][position] for position in prompt.context["asked"]]


def _order(seed: str, counter: int, number: int) -> list[int]:
    """All positions, in an order that stays as long as the counter does."""

    def place(position: int) -> bytes:
        return hmac.digest(bytes.fromhex(seed), f"{counter} {position}".encode(), "sha256")

    return sorted(range(number), key=place)


method = QuestionsMethod()
