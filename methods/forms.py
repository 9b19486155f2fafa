"""Forms that kinds share: setting up a method, answering with a code."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from securityinfo.policy import service as policy
from securityinfo.policy.rules import Settings
from securityinfo.templatetags import ui

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_ANSWER = 64  # more is refused unread
_JOINERS = dict.fromkeys(map(ord, " -\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014"))


class EnrolForm(forms.Form):
    """Base of the forms that set up a method: they know the person and the organization."""

    def __init__(
        self,
        *args: Any,
        person: Any,
        settings: Settings,
        others: Sequence[Mapping[str, Any]] = (),
        proven: Mapping[str, Any] | None = None,
        shared: Mapping[str, StrOrPromise] | None = None,
        call_url: str = "",
        **kwargs: Any,
    ) -> None:
        """`others`: the details of this person's other methods of the kind.

        `proven`: numbers that other methods of this person have proved, by the id of the method.
        `call_url`: where a call can be set up instead of a text; empty if it can't.
        `shared`: what the boxes say that let other methods follow a change, by the id of each.
        """
        self.person = person
        self.settings = settings
        self.others = others
        self.proven = proven or {}
        self.shared = shared or {}
        self.call_url = call_url
        super().__init__(*args, **kwargs)

    def organization_domains(self) -> frozenset[str]:
        """Mail domains that belong to the organization, looked up when they are needed."""
        return policy.organization_domains()


class CodeInput(forms.TextInput):
    """Never shows what was typed: a code is typed anew after every mistake."""

    def format_value(self, value: object) -> None:
        return None

    def render(
        self, name: str, value: object, attrs: Any = None, renderer: Any = None
    ) -> SafeString:
        """As Django's three templates do it, for a thirtieth of what a wrong answer costs."""
        written = ui.attributes(self.build_attrs(self.attrs, attrs))
        return format_html('<input type="{}" name="{}"{}>', self.input_type, name, written)


class TypedField(forms.Field):
    """What is read off elsewhere, whatever people type and paste between its characters."""

    def to_python(self, value: object) -> str:
        typed = value if isinstance(value, str) else ""
        if len(typed) > LONGEST_ANSWER:
            raise forms.ValidationError(self.error_messages["format"], code="format")
        code = self.cleaned(typed)
        if code and not self.fits(code):
            raise forms.ValidationError(self.error_messages["format"], code="format")
        return code

    def cleaned(self, typed: str) -> str:
        return clean_code(typed)

    def fits(self, code: str) -> bool:
        """Whether this can be one at all."""
        raise NotImplementedError


class CodeField(TypedField):
    """Six digits as people type and paste them: with spaces, dashes, full-width digits."""

    default_error_messages = {
        "required": _("Enter the 6-digit code."),
        "format": _("The code has 6 digits."),
    }
    widget = CodeInput(
        attrs={
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "spellcheck": "false",
            "autocapitalize": "off",
            "size": "10",
        }
    )

    def fits(self, code: str) -> bool:
        return len(code) == 6 and code.isascii() and code.isdigit()


class CodeForm(forms.Form):
    """The page's one question: which code did you get?"""

    code = CodeField(label=_("Enter code"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # On a fresh page the code is all there is to do; on a refused one the problems come first.
        if not self.is_bound:
            self.fields["code"].widget.attrs["autofocus"] = True


def clean_code(typed: str) -> str:
    """Without spaces, dashes and invisible characters; full-width digits become plain ones."""
    plain = unicodedata.normalize("NFKC", typed).translate(_JOINERS)
    return "".join(
        character
        for character in plain
        if unicodedata.category(character) != "Cf" and not character.isspace()
    )
