"""The forms of a reset up to its first check: who is it, and which way?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import SignInForm
from methods.base import Method
from methods.whole_number import WholeNumberForm
from securityinfo.policy.rules import Settings


class NameForm(forms.Form):
    """Takes anything that isn't empty, and says nothing about it."""

    name = SignInForm.base_fields["name"]


class FirstCheckForm(forms.Form):
    """One of the ways that are offered to everybody; some ask for the number as well."""

    way = forms.ChoiceField(
        label=_("Choose a way."),
        error_messages={
            "required": _("Choose a way."),
            "invalid_choice": _(
                "Your organization no longer allows this method. Choose another one."
            ),
        },
    )

    def __init__(
        self, *args: Any, methods: tuple[Method, ...], settings: Settings, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._methods = {method.kind: method for method in methods}
        typed = {self.data.get("way"): self.data}  # for the others nothing was to be typed
        self.numbers = {
            method.kind: method.first_check_form(
                typed.get(method.kind),
                prefix=method.kind,
                settings=settings,
            )
            for method in methods
            if method.first_check_form is not None
        }
        way = self.fields["way"]
        if isinstance(way, forms.ChoiceField):
            way.choices = [(kind, kind) for kind in self._methods]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        number = self.numbers.get(typed.get("way", ""))
        if number is not None and not number.is_valid():
            self.add_error("way", [error for errors in number.errors.values() for error in errors])
        return typed

    @property
    def method(self) -> Method:
        """Which was chosen."""
        return self._methods[self.cleaned_data["way"]]

    @property
    def number(self) -> WholeNumberForm | None:
        """What else was typed for it."""
        return self.numbers.get(self.cleaned_data["way"])
