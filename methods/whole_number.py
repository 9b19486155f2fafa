"""A number that must be typed whole, before anybody knows whose it may be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from methods import regions
from methods.phone import NotANumber, PhoneNumber
from securityinfo.policy.rules import Settings


class WholeNumberForm(forms.Form):
    """Which phone? Asked of somebody who isn't known yet, so it says nothing about the number."""

    country = forms.ChoiceField(
        label=_("Country or region"),
        required=False,
        error_messages={"invalid_choice": _("Choose a country or region.")},
    )
    number = forms.CharField(
        label=_("The whole phone number"),
        error_messages={"required": _("Enter the whole number.")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel-national"}),
    )

    def __init__(self, *args: Any, settings: Settings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries, home = settings.countries, settings.home_country
        self._home = home if home in countries else next(iter(countries), "")
        country = self.fields["country"]
        if isinstance(country, forms.ChoiceField):
            country.choices = [(each, regions.name_of(each)) for each in regions.by_name(countries)]
        country.initial = self._home

    def clean(self) -> dict[str, Any]:
        """As an enrol form has it: `phone`, `extension` and `type`."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if typed := cleaned.get("number"):
            try:
                cleaned["phone"] = PhoneNumber.parse(typed, cleaned.get("country") or self._home)
            except NotANumber:
                self.add_error("number", self.fields["number"].error_messages["required"])
        return {"extension": "", "type": ""} | cleaned
