"""The form of a person in the administration."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import User

NO_CHOICE = ("", _("As the organization"))


def _zones() -> list[tuple[str, Any]]:
    return [NO_CHOICE, *((name, name) for name in sorted(zoneinfo.available_timezones()))]


class PersonForm(forms.ModelForm):
    language = forms.ChoiceField(
        label=_("Preferred language"), required=False, choices=[NO_CHOICE, *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_zones)

    class Meta:
        model = User
        fields = (
            "username",
            "full_name",
            "work_address",
            "department",
            "role",
            "groups",
            "language",
            "time_zone",
            "is_active",
        )
        help_texts = {"groups": _("Policy rules may include or exclude these groups.")}
