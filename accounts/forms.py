"""The forms of signing in and confirming: they know what is empty, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.base import Method


class _Typed(forms.CharField):
    """Takes anything that isn't empty: which characters a password has is no business of a form."""

    def run_validators(self, value: Any) -> None:
        """No further questions; Django's own refuse NUL in words of their own."""


class SignInForm(forms.Form):
    REFUSED = _("Check your user name and password, then try again.")

    name = _Typed(
        label=_("User name or work email"),
        error_messages={"required": _("Enter your user name or work email.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = _Typed(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    next = _Typed(required=False, widget=forms.HiddenInput)

    def refuse(self) -> None:
        """The one text for every failure."""
        self.add_error(None, self.REFUSED)


class ConfirmForm(forms.Form):
    REFUSED = _("That isn't your current password.")

    password = _Typed(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    next = _Typed(required=False, widget=forms.HiddenInput)

    def refuse(self) -> None:
        self.add_error("password", self.REFUSED)


class ChooseForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Which method would you like to set up?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a method."), "invalid_choice": _("Choose a method.")},
    )

    def __init__(self, *args: Any, methods: Iterable[Method], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = cast(forms.ChoiceField, self.fields["kind"])
        kind.choices = [(method.kind, method.offer) for method in methods]
