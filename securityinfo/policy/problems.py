"""What is wrong with a posted policy page, each problem with the field that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.utils import ErrorList
from django.utils.text import capfirst

from securityinfo.policy.forms import NOT_UNDERSTOOD


@dataclass(frozen=True)
class Problem:
    """One line above the form: a link to the field."""

    anchor: str
    text: str


def of_fields(forms: Sequence[Any]) -> list[Problem]:
    """Of all fields, in the order of the forms."""
    return [problem for form in forms for problem in _of_form(form)]


def set_cautions_aside(form: Any, formsets: Sequence[Any]) -> bool:
    """Take "not understood" out of the errors, for it is none; whether any error is left."""
    errors = form.errors.get(NON_FIELD_ERRORS)
    if errors is not None:
        _set_aside(errors)
        if not errors:
            del form.errors[NON_FIELD_ERRORS]
    for formset in formsets:
        _set_aside(formset.non_form_errors())
    return bool(form.errors) or any(
        any(formset.errors) or formset.non_form_errors() for formset in formsets
    )


def _set_aside(errors: ErrorList) -> None:
    errors.data = [error for error in errors.data if error is not NOT_UNDERSTOOD]


def _of_form(form: Any) -> Iterator[Problem]:
    for field in form:
        anchor = field.id_for_label or f"{field.auto_id}_0"
        label = field.field.widget.attrs.get("aria-label") or capfirst(field.label)
        for text in field.errors:
            names_itself = text.lower().startswith(label.lower())
            yield Problem(anchor, text if names_itself else f"{label}: {text}")
