"""The forms of the helpdesk: what is looked for, how the caller is checked, what is agreed to."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.helpdesk import people
from accounts.helpdesk.models import CODE, MANAGER
from methods.models import Registration

CODE_OF = f"{CODE}:"  # then the public id of the method


class SearchForm(forms.Form):
    typed = forms.CharField(
        label=_("User name, work email or name"),
        help_text=_("Or an employee number, or a whole phone number or address."),
        strip=True,
        min_length=people.SHORTEST,
        max_length=people.LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Enter at least 2 characters."),
            "min_length": _("Enter at least 2 characters."),
            "max_length": _("Enter at most 254 characters."),
        },
    )


class CheckForm(forms.Form):
    """Why there is a case, and how the caller was checked (HD3, HD4)."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=3,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Give a reason of at least 3 characters."),
            "min_length": _("Give a reason of at least 3 characters."),
            "max_length": _("Give a reason of at most 500 characters."),
        },
    )
    ticket = forms.CharField(label=_("Ticket (optional)"), max_length=50, required=False)
    how = forms.ChoiceField(
        label=_("How do you check the caller?"),
        error_messages={
            "required": _("Choose how you checked the caller."),
            "invalid_choice": _("Choose how you checked the caller."),
        },
    )
    manager = forms.CharField(label=_("The manager's name"), max_length=150, required=False)
    did_it = forms.BooleanField(
        label=_("I did this myself, now."),
        help_text=_("For every check but a code."),
        required=False,
    )

    def __init__(
        self, *args: Any, ways: Mapping[str, Registration], checks: Collection[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        by_code = [f"{CODE_OF}{uuid}" for uuid in ways]
        how = self.fields["how"]
        if isinstance(how, forms.ChoiceField):
            how.choices = [(each, each) for each in [*by_code, *checks]]

    @property
    def by_code(self) -> str:
        """Public id of the method that is to prove the caller; empty for the other checks."""
        how: str = self.cleaned_data["how"]
        return how.removeprefix(CODE_OF) if how.startswith(CODE_OF) else ""

    def clean(self) -> dict[str, Any]:
        given, how = self.cleaned_data, self.cleaned_data.get("how", "")
        if not how or how.startswith(CODE_OF):
            return given
        if how == MANAGER and len(given.get("manager", "")) < 2:
            self.add_error("manager", _("Enter the manager's name."))
        if not given.get("did_it"):
            self.add_error("did_it", _("Tick the box when you have done it."))
        return given


class ActionForm(forms.Form):
    """Nothing but that it was sent; a second click sends the same token."""

    AGAIN = _("Press the button once more.")

    token = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": AGAIN, "invalid": AGAIN}
    )

    @cached_property
    def next_token(self) -> uuid.UUID:
        """Of the form as it is shown now: never one that was sent before."""
        return uuid.uuid4()


class DeleteForm(ActionForm):
    """Where nothing is left to sign in with, a pass may follow."""

    pass_next = forms.BooleanField(
        label=_("Issue a temporary access pass next"), required=False, initial=True
    )

    def __init__(self, *args: Any, offers_pass: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not offers_pass:
            del self.fields["pass_next"]


class PassForm(ActionForm):
    """What the pass opens; without a choice once a second person has agreed to one."""

    SIGN_IN, PASSWORD = "sign-in", "password"
    # By whether it sets a password.
    PURPOSES = (
        (False, _("For signing in")),
        (True, _("For a new password and signing in")),
    )

    purpose = forms.ChoiceField(
        label=_("What is the pass for?"),
        choices=[(SIGN_IN, PURPOSES[0][1]), (PASSWORD, PURPOSES[1][1])],
        initial=SIGN_IN,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the pass is for.")},
    )

    def __init__(self, *args: Any, is_agreed: bool, may_reset: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purpose"]
        if is_agreed:
            del self.fields["purpose"]
        elif not may_reset and isinstance(field, forms.ChoiceField):
            field.choices = [(self.SIGN_IN, self.PURPOSES[0][1])]


class LiftForm(ActionForm):
    """Which suspended methods shall work again?"""

    restore = forms.MultipleChoiceField(
        label=_("Restore"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, suspended: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["restore"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = list(suspended.items())
        if not suspended:
            del self.fields["restore"]
