"""The form of a person in the administration."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import duties
from accounts.models import Role, User
from securityinfo.duties import Duty, ordinary_groups

NO_CHOICE = ("", _("As the organization"))
NOT_YET = _(
    "A policy editor is somebody who has signed in. Until then whoever handed over the start "
    "password could sign in first."
)
ONLY_FOR_AGENTS = _("Only helpdesk agents and administrators can be helpdesk leads.")


def _zones() -> list[tuple[str, Any]]:
    return [NO_CHOICE, *((name, name) for name in sorted(zoneinfo.available_timezones()))]


class PersonForm(forms.ModelForm):
    """What PersonAdmin lists, with choices for what the model keeps as text."""

    giver: ClassVar[User]  # who fills it in

    language = forms.ChoiceField(
        label=_("Preferred language"), required=False, choices=[NO_CHOICE, *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_zones)
    duties = forms.MultipleChoiceField(
        label=_("Duties"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("You give and take what you hold yourself; other duties stay as they are."),
    )

    class Meta:
        help_texts = {"groups": _("Policy rules may include or exclude these groups.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = duties.held_by(self.instance) if self.instance.pk else frozenset[Duty]()
        if "duties" in self.fields:
            self._offer_duties()
        if "groups" in self.fields:
            field: Any = self.fields["groups"]
            field.queryset = ordinary_groups().order_by("name")

    @property
    def given(self) -> frozenset[Duty]:
        """What the person is to hold by groups: what was ticked, and what is not the giver's."""
        if "duties" not in self.fields:
            return self.held
        ticked = {Duty(each) for each in self.cleaned_data["duties"]}
        return frozenset(ticked | (self.held - self.giveable))

    @property
    def giveable(self) -> frozenset[Duty]:
        return self.giver.duties

    @property
    def _is_waiting(self) -> bool:
        """For the first sign-in, with a password that somebody else has seen or will see."""
        return self.instance.must_change_password and self.instance.last_sign_in_at is None

    def _offer_duties(self) -> None:
        offered = [each for each in duties.LABELS if each in self.giveable]
        field: Any = self.fields["duties"]
        field.choices = [(each.value, duties.LABELS[each]) for each in offered]
        self.initial["duties"] = [each.value for each in offered if each in self.held]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        role = cleaned.get("role", self.instance.role)
        if role == Role.PERSON and Duty.APPROVE_HELP in self.given:
            self.add_error("duties" if "duties" in self.fields else None, ONLY_FOR_AGENTS)
        elif self.instance.pk and Duty.EDIT_POLICY in self.given - self.held and self._is_waiting:
            self.add_error("duties", NOT_YET)
        elif self.instance.pk:
            self._keep_somebody(role, is_active=cleaned.get("is_active", self.instance.is_active))
        return cleaned

    def _keep_somebody(self, role: str, *, is_active: bool) -> None:
        try:
            duties.keep_somebody(self.instance, role=role, is_active=is_active, given=self.given)
        except duties.NobodyLeft as refused:
            raise ValidationError(duties.why_not(refused)) from None

    def _save_m2m(self) -> None:
        """The permission groups of this person are none of this field's business."""
        if "groups" in self.cleaned_data:
            kept = self.instance.groups.exclude(pk__in=ordinary_groups())
            self.instance.groups.set([*self.cleaned_data.pop("groups"), *kept])
        super()._save_m2m()  # type: ignore[misc]  # Django's, unknown to its stubs
