"""The forms of signing in, confirming and passwords: they know what is empty, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import password_rules, trusted_browsers
from accounts.models import User
from securityinfo.policy.rules import Settings


class _Typed(forms.CharField):
    """Takes anything that isn't empty: which characters a password has is no business of a form."""

    def run_validators(self, value: Any) -> None:
        """No further questions; Django's own refuse NUL in words of their own."""


def password_field(**attrs: Any) -> forms.Field:
    """The password that a person has now."""
    return _Typed(
        label=_("Password"),
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"} | attrs),
    )


def trust_field(user: User, settings: Settings) -> Mapping[str, forms.Field]:
    """The box beside the code, never ticked beforehand; nothing where policy has it off (TB1)."""
    if not trusted_browsers.may_be_offered(user, settings):
        return {}
    days = settings.trusted_browser_days
    label = ngettext(
        "Don't ask again on this browser for {n} day",
        "Don't ask again on this browser for {n} days",
        days,
    )
    hint = _("Only on a device that nobody else uses.")
    return {"trust": forms.BooleanField(label=label.format(n=days), help_text=hint, required=False)}


class SignInForm(forms.Form):
    REFUSED = _("Check your user name and password, then try again.")

    name = _Typed(
        label=_("User name or work email"),
        error_messages={"required": _("Enter your user name or work email.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = password_field()
    next = _Typed(required=False, widget=forms.HiddenInput)

    def refuse(self) -> None:
        """The one text for every failure."""
        self.add_error(None, self.REFUSED)


class ConfirmForm(forms.Form):
    REFUSED = _("That isn't your current password.")

    password = password_field(autofocus=True)
    next = _Typed(required=False, widget=forms.HiddenInput)

    def refuse(self) -> None:
        self.add_error("password", self.REFUSED)


class NewPasswordForm(forms.Form):
    """One field, because it can be shown; a second one where it can't (without JavaScript)."""

    DIFFERENT = _("The two passwords aren't the same.")

    new_password = _Typed(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    new_password_again = _Typed(
        label=_("New password again"),
        strip=False,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["new_password"]
        field.help_text = password_rules.guidance()
        field.error_messages["required"] = password_rules.too_short()

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        # Absent where the browser shows what is typed: then once is enough.
        twice = "new_password_again" in self.data and "new_password" in typed
        if twice and typed["new_password"] != typed.get("new_password_again"):
            self.add_error("new_password_again", self.DIFFERENT)
        return typed


class ChangePasswordForm(NewPasswordForm):
    current_password = _Typed(
        label=_("Current password"),
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["new_password"].widget.attrs["autofocus"]

    field_order = ("current_password", "new_password", "new_password_again")
