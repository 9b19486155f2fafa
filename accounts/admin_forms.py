"""The form of a person in the administration."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

NO_CHOICE = ("", _("As the organization"))


def _zones() -> list[tuple[str, Any]]:
    return [NO_CHOICE, *((name, name) for name in sorted(zoneinfo.available_timezones()))]


class PersonForm(forms.ModelForm):
    """What PersonAdmin lists, with choices for what the model keeps as text."""

    language = forms.ChoiceField(
        label=_("Preferred language"), required=False, choices=[NO_CHOICE, *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_zones)

    class Meta:
        help_texts = {"groups": _("Policy rules may include or exclude these groups.")}
