"""Telephone numbers: one stored form, what policy takes, and the fields that ask for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Self

import phonenumbers
from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from methods import regions
from methods.forms import LONGEST_ANSWER, EnrolForm
from securityinfo.policy.rules import Settings

_INTERNATIONAL = re.compile(r"\A[^\w+]*0[^\w+]*0")  # dialed before the country in most of the world


class Line(StrEnum):
    """What kind of line a number is, as far as that matters here."""

    MOBILE = "mobile"
    EITHER = "either"  # where the number doesn't tell: North America
    FIXED = "fixed"
    INTERNET = "internet"
    OTHER = "other"  # premium, shared cost, toll-free, pager, personal, voicemail, satellite


_LINES = {
    PhoneNumberType.MOBILE: Line.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Line.EITHER,
    PhoneNumberType.FIXED_LINE: Line.FIXED,
    PhoneNumberType.VOIP: Line.INTERNET,
}


class NotANumber(Exception):
    """Nothing that anybody could be reached by."""


@dataclass(frozen=True)
class PhoneNumber:
    """One number, whoever spelled it. Its E.164 form is stored, compared and counted."""

    e164: str = field(repr=False)
    region: str  # two letters; "001" for numbers of no country
    line: Line

    @classmethod
    def parse(cls, typed: str, region: str = "") -> Self:
        """Any punctuation, national form; a leading + or 00 wins over `region`.

        Raises NotANumber.
        """
        number, extension = cls.parse_line(typed, region)
        if extension:
            raise NotANumber
        return number

    @classmethod
    def parse_line(cls, typed: str, region: str = "") -> tuple[Self, str]:
        """Like parse(), with the extension that was typed behind the number."""
        if len(typed) > LONGEST_ANSWER:
            raise NotANumber
        try:
            number = phonenumbers.parse(_dialable(typed), region or None)
        except phonenumbers.NumberParseException:
            raise NotANumber from None
        if not phonenumbers.is_valid_number(number):
            raise NotANumber
        found = cls(
            phonenumbers.format_number(number, PhoneNumberFormat.E164),
            phonenumbers.region_code_for_number(number) or "",
            _LINES.get(phonenumbers.number_type(number), Line.OTHER),
        )
        return found, number.extension or ""

    @classmethod
    def stored(cls, e164: str) -> Self:
        """One that was parsed when it was registered; numbering plans may have changed since.

        What no longer exists is shown as it is, and belongs to no country: nothing is sent there.
        """
        try:
            return cls.parse(e164)
        except NotANumber:
            return cls(e164, "", Line.OTHER)

    @property
    def international(self) -> str:
        """As the owner sees it: "+31 6 12345678"."""
        return self._as(PhoneNumberFormat.INTERNATIONAL)

    @property
    def national(self) -> str:
        return self._as(PhoneNumberFormat.NATIONAL)

    @property
    def mask(self) -> str:
        """Safe to show anywhere: "ending 78"."""
        return _("ending %(digits)s") % {"digits": self.e164[-2:]}

    @property
    def prefix(self) -> str:
        """All but the last four digits: neighbors of one owner share it."""
        return self.e164[:-4]

    def _as(self, form: int) -> str:
        try:
            return phonenumbers.format_number(phonenumbers.parse(self.e164), form)
        except phonenumbers.NumberParseException:  # see `stored`
            return self.e164


class Refusal(StrEnum):
    """Why a number is not taken, although it exists."""

    COUNTRY = "country"
    LANDLINE = "landline"
    LINE = "line"


def why_refused(number: PhoneNumber, settings: Settings, *, for_calls: bool) -> Refusal | None:
    """Country and kind of line, as policy has them at this moment; None if the number is taken."""
    if number.region not in settings.countries:
        return Refusal.COUNTRY
    if number.line is Line.FIXED:
        return None if for_calls else Refusal.LANDLINE
    if number.line is Line.INTERNET:
        return None if settings.allow_voip else Refusal.LINE
    return Refusal.LINE if number.line is Line.OTHER else None


def example(region: str) -> str:
    """A mobile number of this country that belongs to nobody, as people there write it."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) if number else ""


def channel_of(identity: str) -> str:
    """Whoever can be texted there can be called there: one proof, however it is reached."""
    return f"phone:{identity}"


def lines_meant(typed: str, settings: Settings) -> list[tuple[str, str]]:
    """E.164 form and extension of each number that this can be, in whichever country we take."""
    found = []
    for region in settings.countries or ("",):
        try:
            number, extension = PhoneNumber.parse_line(typed, region)
        except NotANumber:
            continue
        found.append((number.e164, extension))
    return list(dict.fromkeys(found))


class PhoneForm(EnrolForm):
    """Country and number, or one that is proved; what it found is `cleaned_data["phone"]`."""

    for_calls: ClassVar[bool] = False

    proven_by = forms.ChoiceField(
        label=gettext_lazy("Number"), required=False, widget=forms.RadioSelect
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country or region"),
        required=False,  # a leading + says it too
        error_messages={"invalid_choice": gettext_lazy("Choose a country or region.")},
    )
    number = forms.CharField(
        label=gettext_lazy("Phone number"),
        error_messages={"required": gettext_lazy("Enter a phone number.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel-national"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = self.settings.countries
        home = self.initial.get("country") or self._home
        country = self.fields["country"]
        if isinstance(country, forms.ChoiceField):
            country.choices = [(each, regions.name_of(each)) for each in regions.by_name(countries)]
        country.initial = home
        self._offer_proven()
        for key, label in self.shared.items():
            self.fields[box_of(key)] = forms.BooleanField(label=label, required=False, initial=True)
        chosen = self.data.get(self.add_prefix("country"))
        shown = example(chosen if chosen in countries else home)
        if shown:
            self.fields["number"].help_text = _("For example %(number)s") % {"number": shown}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed, proven_by = cleaned.get("number"), cleaned.get("proven_by")
        if typed and typed != self.initial.get("number"):
            # Whoever types a number means that one, whatever was chosen beforehand.
            proven_by = cleaned["proven_by"] = ""
        if proven_by:
            cleaned["phone"] = self.proven[proven_by]
        elif typed == "":
            self.add_error("number", self.fields["number"].error_messages["required"])
        elif typed and "country" in cleaned:
            try:
                cleaned["phone"] = self._number(typed, cleaned["country"])
            except forms.ValidationError as error:
                self.add_error("number", error)
        cleaned["also"] = [key for key in self.shared if cleaned.get(box_of(key))]
        return cleaned

    def _offer_proven(self) -> None:
        """What this person has proved already needs neither typing nor a code (SM3, CA7)."""
        offered = [
            (key, _("Use the number %(mask)s") % {"mask": number.mask})
            for key, number in self.proven.items()
            if why_refused(number, self.settings, for_calls=self.for_calls) is None
        ]
        field = self.fields["proven_by"]
        if not offered:
            del self.fields["proven_by"]
        elif isinstance(field, forms.ChoiceField):
            field.choices = [*offered, ("", _("Use another number"))]
            field.initial = offered[0][0]
            self.fields["number"].required = False

    @property
    def _home(self) -> str:
        home, countries = self.settings.home_country, self.settings.countries
        return home if home in countries else next(iter(countries), "")

    def _number(self, typed: str, country: str) -> PhoneNumber:
        region = country or self._home
        try:
            number = PhoneNumber.parse(typed, region)
        except NotANumber:
            text = _("That isn't a phone number in %(country)s. Check it.")
            named = {"country": regions.name_of(region)}
            raise forms.ValidationError(text % named, code="invalid") from None
        refusal = why_refused(number, self.settings, for_calls=self.for_calls)
        if refusal:
            raise forms.ValidationError(_refused(refusal, number, self.call_url), code=refusal)
        return number


def box_of(key: str) -> str:
    """The field by which a method on the same number follows a change (CA7)."""
    return f"also-{key}"


def typed_again(number: PhoneNumber) -> Mapping[str, str]:
    """The fields as they were filled in, to correct a mistyped number."""
    return {"country": number.region, "number": number.national}


def _refused(refusal: Refusal, number: PhoneNumber, call_url: str) -> str:
    match refusal:
        case Refusal.LANDLINE:
            what, instead = _("This looks like a landline."), _("Choose a phone call instead.")
            if not call_url:
                return f"{what} {instead}"
            return format_html('{} <a href="{}">{}</a>', what, call_url, instead)
        case Refusal.COUNTRY:
            text = _(
                "Numbers in %(country)s can't be used here. Use another number or another method."
            )
            return text % {"country": regions.name_of(number.region)}
        case Refusal.LINE:
            return _("We can't send codes to this kind of number. Use another number.")


def _dialable(typed: str) -> str:
    """Without what nobody sees; full-width characters are plain ones, a leading 00 is a +."""
    plain = unicodedata.normalize("NFKC", typed)
    visible = "".join(each for each in plain if unicodedata.category(each) != "Cf")
    return _INTERNATIONAL.sub("+", visible, count=1)
