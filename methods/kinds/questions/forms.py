"""The two forms of this kind: questions and answers are chosen; some of them are answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from methods.forms import EnrolForm
from methods.kinds.questions import answers, catalogue

WRONG = gettext_lazy("Those answers aren't right. Check all of them and try again.")


class AnswerInput(forms.TextInput):
    """Shown as it is typed, and never again: answers are typed anew after every mistake."""

    def __init__(self) -> None:
        super().__init__(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "size": "40"}
        )

    def format_value(self, value: object) -> None:
        return None


class AnswerField(forms.Field):
    """Anything that can be typed, up to a length that costs nothing to look at."""

    widget = AnswerInput

    def to_python(self, value: object) -> str:
        typed = value if isinstance(value, str) else ""
        if len(typed) > answers.LONGEST_TYPED:
            raise forms.ValidationError(self.error_messages["too_long"], code="too_long")
        return typed.strip()


class QuestionsForm(EnrolForm):
    """As many pairs of a question and its answer as the organization asks for.

    Cleaned, `chosen` is a list of names of questions with their answers as they are compared.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = catalogue.offered(self.settings)
        self.numbers = range(1, self.settings.questions_to_register + 1)
        choices = [("", gettext_lazy("Select a question")), *self.offered.items()]
        for number in self.numbers:
            self.fields[f"question_{number}"] = forms.ChoiceField(
                label=format_lazy(gettext_lazy("Question {n}"), n=number),
                choices=choices,
                error_messages=dict.fromkeys(("required", "invalid_choice"), _select(number)),
            )
            self.fields[f"answer_{number}"] = AnswerField(
                label=format_lazy(gettext_lazy("Answer {n}"), n=number),
                error_messages=dict.fromkeys(("required", "too_long"), _length(number)),
            )

    def pairs(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        for number in self.numbers:
            yield self[f"question_{number}"], self[f"answer_{number}"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._refuse_repeated_questions(cleaned)
        for number in self.numbers:
            self._check_answer(number, cleaned)
        self._refuse_repeated_answers(cleaned)
        if not self.errors:
            cleaned["chosen"] = [
                (cleaned[f"question_{number}"], answers.normalized(cleaned[f"answer_{number}"]))
                for number in self.numbers
            ]
        return cleaned

    def _refuse_repeated_questions(self, cleaned: dict[str, Any]) -> None:
        seen = set()
        for number in self.numbers:
            question = cleaned.get(f"question_{number}")
            if question in seen:
                text = _("Choose a different question for question {n}.").format(n=number)
                self.add_error(f"question_{number}", text)
            elif question:
                seen.add(question)

    def _check_answer(self, number: int, cleaned: dict[str, Any]) -> None:
        typed = cleaned.get(f"answer_{number}")
        if typed is None:  # refused already
            return
        question = cleaned.get(f"question_{number}")
        person = self.person
        if not answers.is_fit(typed):
            self.add_error(f"answer_{number}", _length(number))
        elif answers.is_guessable(
            answers.normalized(typed),
            questions=catalogue.texts_of(question) if question else (),
            names=(person.username, person.full_name, person.work_address),
        ):
            text = _(
                "Answer {n} is too easy to guess. Don't use words of the question or your name."
            )
            self.add_error(f"answer_{number}", text.format(n=number))

    def _refuse_repeated_answers(self, cleaned: dict[str, Any]) -> None:
        first: dict[str, int] = {}
        for number in self.numbers:
            typed = cleaned.get(f"answer_{number}")
            if typed is None:
                continue
            same = first.setdefault(answers.normalized(typed), number)
            if same != number:
                text = _("Answers {first} and {second} are the same. Use different answers.")
                self.add_error(f"answer_{number}", text.format(first=same, second=number))


class AnswersForm(forms.Form):
    """One field for each question that is asked; cleaned, they are as they are compared."""

    def __init__(self, *args: Any, questions: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, text in enumerate(questions, start=1):
            self.fields[f"answer_{number}"] = AnswerField(
                label=text,
                error_messages={"required": _("Enter your answer."), "too_long": WRONG},
            )
        if questions and not self.is_bound:
            self.fields["answer_1"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        return {name: answers.normalized(typed) for name, typed in cleaned.items()}


def _select(number: int) -> str:
    return _("Select a question for question {n}.").format(n=number)


def _length(number: int) -> str:
    return _("Answer {n} must have 3 to 40 characters.").format(n=number)
