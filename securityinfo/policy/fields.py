"""Model fields for settings: range and default come from the table of settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from securityinfo.policy import values
from securityinfo.policy.settings_table import SPECS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# What is said of a value that doesn't have the shape of its setting.
UNFIT: dict[type, StrOrPromise] = {
    values.Text: _("Use one line of ordinary characters."),
    values.PlainText: _("Use plain letters only, as text messages have them."),
    values.ColorValue: _("Enter a color such as #17588f."),
    values.Phone: _("Enter a phone number."),
    values.EmailValue: _("Enter an email address."),
    values.WebAddress: _("Enter an address that starts with https:// or http://."),
    values.HttpsAddress: _("Enter an address that starts with https://."),
    values.Zone: _("Enter a time zone such as Europe/Amsterdam."),
    values.Country: _("Enter two letters, for example NL."),
}
UNFIT_OTHERWISE = _("This value can't be used here.")


@deconstructible
class InRange:
    """Both ends included."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def __call__(self, value: int) -> None:
        if not self.low <= value <= self.high:
            raise ValidationError(self.message)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InRange) and (self.low, self.high) == (other.low, other.high)

    __hash__ = None  # type: ignore[assignment]  # compared by migrations, never kept in a set

    @property
    def message(self) -> StrOrPromise:
        return out_of_range(self.low, self.high)


def out_of_range(low: int, high: int) -> StrOrPromise:
    return format_lazy(_("Enter a number from {low} to {high}."), low=low, high=high)


def number(name: str, label: StrOrPromise, effect: StrOrPromise) -> Any:
    """`name` as in SPECS; `effect` is the sentence before the range in the help text."""
    spec = SPECS[name]
    described = format_lazy(
        _("{effect} From {low} to {high}; at first {default}."),
        effect=effect,
        low=spec.low,
        high=spec.high,
        default=spec.default,
    )
    return models.IntegerField(
        label, default=spec.default, validators=[InRange(spec.low, spec.high)], help_text=described
    )


def flag(name: str, label: StrOrPromise, effect: StrOrPromise) -> Any:
    at_first = _("{effect} At first on.") if SPECS[name].default else _("{effect} At first off.")
    described = format_lazy(at_first, effect=effect)
    return models.BooleanField(label, default=SPECS[name].default, help_text=described)


def text(name: str, label: StrOrPromise, effect: StrOrPromise) -> Any:
    """One line; a required one where the table has a default that isn't empty."""
    spec = SPECS[name]
    described = format_lazy(_("{effect} At most {most} characters."), effect=effect, most=spec.most)
    return models.CharField(
        label,
        max_length=spec.most,
        default=spec.default,
        blank=not spec.default,
        help_text=described,
    )


def one_of(
    name: str,
    label: StrOrPromise,
    effect: StrOrPromise,
    choices: Iterable[tuple[str, StrOrPromise]],
) -> Any:
    return models.CharField(
        label,
        max_length=20,
        choices=list(choices),
        default=SPECS[name].default,
        help_text=effect,
    )


def listed(label: StrOrPromise, effect: StrOrPromise) -> Any:
    """A list of texts; the form has one line for each, or a box for each of several."""
    return models.JSONField(label, default=list, blank=True, help_text=effect)
