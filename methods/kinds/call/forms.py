"""The questions of this kind: which phone, which number, which extension?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.phone import PhoneForm
from methods.whole_number import WholeNumberForm

MOBILE, ALTERNATE, OFFICE = "mobile", "alternate", "office"
TYPES = {
    MOBILE: _("Mobile phone"),
    ALTERNATE: _("Alternate phone"),
    OFFICE: _("Office phone"),
}


def extension_field(**options: Any) -> forms.RegexField:
    return forms.RegexField(
        r"\A[0-9]{1,7}\Z",
        required=False,
        strip=True,
        error_messages={"invalid": _("An extension has 1 to 7 digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": "7"}),
        **options,
    )


class WholeLineForm(WholeNumberForm):
    """A number, and the extension behind it."""

    extension = extension_field(label=_("Extension (optional)"))


class CallForm(PhoneForm):
    """A number to call, and whose phone it is."""

    for_calls = True

    type = forms.ChoiceField(
        label=_("Which phone is this?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose which phone this is."),
            "invalid_choice": _("Choose which phone this is."),
        },
    )
    extension = extension_field(
        label=_("Extension (optional)"), help_text=_("Only for an office phone")
    )

    field_order = ("type", "proven_by", "country", "number", "extension")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = {details["type"] for details in self.others}
        offered = self.settings.call_types
        field = self.fields["type"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                (value, label)
                for value, label in TYPES.items()
                if value in offered and value not in taken
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("proven_by"):
            cleaned["extension"] = ""  # the line that was proved has none
        if cleaned.get("extension") and cleaned.get("type") not in (OFFICE, None):
            self.add_error("extension", _("Only an office phone has an extension."))
        return cleaned
