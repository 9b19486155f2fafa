"""Forms of the pages that manage methods: choose a kind, choose the default, agree to delete."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ChooseForm(forms.Form):
    """Which of the kinds that are offered?"""

    kind = forms.ChoiceField(
        label=_("Which method would you like to set up?"),
        error_messages={
            "required": _("Choose a method."),
            "invalid_choice": _(
                "Your organization no longer allows this method. Choose another one."
            ),
        },
    )

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["kind"], kinds)


class DefaultForm(forms.Form):
    """Which of the person's methods is asked for first?"""

    method = forms.ChoiceField(
        label=_("Which method should we ask for first?"),
        error_messages={
            "required": _("Choose a method."),
            "invalid_choice": _("Choose a method."),
        },
    )

    def __init__(self, *args: Any, uuids: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["method"], uuids)


class PasswordOnlyForm(forms.Form):
    """Deleting the last method, where the organization doesn't ask for one."""

    password_only = forms.BooleanField(
        label=_("Sign in with my password only"),
        error_messages={"required": _("Tick the box if that is what you want.")},
    )


def _offer(field: forms.Field, values: list[str]) -> None:
    """The pages draw the choices as cards; the field only has to know which there are."""
    if isinstance(field, forms.ChoiceField):
        field.choices = [(value, value) for value in values]
