"""Forms of the pages that manage methods: choose a kind or the default, name, agree to delete."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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


class WayForm(forms.Form):
    """Which of the person's methods is to prove it?"""

    way = forms.ChoiceField()

    def __init__(
        self,
        *args: Any,
        uuids: list[str],
        label: StrOrPromise,
        error: StrOrPromise,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["way"]
        field.label = label
        field.error_messages.update(required=error, invalid_choice=error)
        _offer(field, uuids)


class PasswordOnlyForm(forms.Form):
    """Deleting the last method, where the organization doesn't ask for one."""

    password_only = forms.BooleanField(
        label=_("Sign in with my password only"),
        error_messages={"required": _("Tick the box if that is what you want.")},
    )


class NameField(forms.CharField):
    """What a person calls a method; no two of one person are called the same."""

    LONGEST = 40
    LONGEST_TYPED = 4 * LONGEST  # letters may be typed as many code points

    default_error_messages = {"required": _("Enter a name.")}

    def __init__(self, *, taken: Collection[str], **options: Any) -> None:
        super().__init__(label=_("Name"), max_length=self.LONGEST, **options)
        self._taken = {each.casefold() for each in taken}
        self.widget.attrs.update(autocomplete="off", spellcheck="false")

    def to_python(self, value: object) -> str:
        """On one line, without what can't be seen."""
        typed = super().to_python(value) or ""
        if (
            len(typed) > self.LONGEST_TYPED
        ):  # refused unread: accents in a heap take minutes to sort
            return typed
        typed = unicodedata.normalize("NFC", typed)
        seen = (" " if sign.isspace() else sign for sign in typed)
        return " ".join("".join(each for each in seen if each == " " or _shows(each)).split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if value.casefold() in self._taken:
            raise forms.ValidationError(
                _("You already have a method with this name."), code="taken"
            )


class RenameForm(forms.Form):
    """What should this method be called?"""

    def __init__(self, *args: Any, taken: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = NameField(taken=taken)


def _shows(sign: str) -> bool:
    return not unicodedata.category(sign).startswith("C")


def _offer(field: forms.Field, values: list[str]) -> None:
    """The pages draw the choices as cards; the field only has to know which there are."""
    if isinstance(field, forms.ChoiceField):
        field.choices = [(value, value) for value in values]
