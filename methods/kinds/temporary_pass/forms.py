"""What a person types of a temporary access pass."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.forms import CodeInput, TypedField, clean_code

# Capital letters and digits that nobody mixes up when reading them out: 12 of them are 58 bits.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 12


class PassField(TypedField):
    """Twelve letters and digits as people type and paste them, whatever stands between them."""

    default_error_messages = {
        "required": _("Enter the pass."),
        "format": _("The pass has 12 letters and digits."),
    }
    widget = CodeInput(
        attrs={
            "autocomplete": "one-time-code",
            "spellcheck": "false",
            "autocapitalize": "characters",
            "size": "16",
        }
    )

    def cleaned(self, typed: str) -> str:
        return clean_code(typed).upper()

    def fits(self, code: str) -> bool:
        return len(code) == LENGTH and code.isascii() and code.isalnum()


class PassForm(forms.Form):
    code = PassField(label=_("Temporary access pass"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["code"].widget.attrs["autofocus"] = True
