"""The forms of signing in and confirming: they know what is empty, nothing else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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
