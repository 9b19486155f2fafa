"""Methods and challenges in the administration: to look at, masked; nothing to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import display_for_value
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from methods import registry
from methods.base import Purpose
from methods.models import Challenge, Registration
from securityinfo.admin_site import ReadOnly


def column(name: str, label: Any, *, boolean: bool | None = None) -> Callable[[Model], Any]:
    """A field under a label that can be translated: django-otp's own ones can't."""

    @admin.display(description=label, ordering=name, boolean=boolean)
    def value_of(row: Model) -> Any:
        value = getattr(row, name)
        return value if boolean else display_for_value(value, "–")

    return value_of


class Titled:
    """A filter under a title that can be translated."""

    heading: ClassVar[Any]
    title: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.heading


class Known(admin.SimpleListFilter):
    """By what the application knows: asking which values there are would read every row."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(**{str(self.parameter_name): chosen}) if chosen else queryset


class KindFilter(Known):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(method.kind, method.label) for method in registry.all_methods()]


class ConfirmedFilter(Titled, admin.BooleanFieldListFilter):
    heading = _("confirmed")


PURPOSES: dict[str, Any] = {
    Purpose.REGISTER: _("registering"),
    Purpose.SIGN_IN: _("signing in"),
    Purpose.CONFIRM: _("confirming a change"),
    Purpose.RESET: _("resetting the password"),
    Purpose.CALLER: _("checking a caller"),
}


class PurposeFilter(Known):
    title = _("purpose")
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PURPOSES.items())


class ResultFilter(Titled, admin.ChoicesFieldListFilter):
    heading = _("result")


class CreatedFilter(Titled, admin.DateFieldListFilter):
    heading = _("created")


USER = column("user", _("person"))
CREATED = column("created_at", _("created"))
CONFIRMED = column("confirmed", _("confirmed"), boolean=True)
IS_DEFAULT = column("is_default", _("default"), boolean=True)
LAST_USED = column("last_used_at", _("last used"))


@admin.register(Registration)
class RegistrationAdmin(ReadOnly):
    list_display = (USER, "value", "label", CONFIRMED, IS_DEFAULT, CREATED, LAST_USED)
    list_filter = (KindFilter, ("confirmed", ConfirmedFilter))
    list_select_related = ("user",)
    search_fields = ("user__username__istartswith", "user__work_address__istartswith")
    fields: ClassVar[Any] = (
        USER,
        column("uuid", _("public id")),
        "label",
        "value",
        CONFIRMED,
        IS_DEFAULT,
        CREATED,
        column("confirmed_at", _("confirmed at")),
        column("trusted_from", _("fully trusted from")),
        column("suspended_at", _("suspended at")),
        LAST_USED,
    )
    readonly_fields: ClassVar[Any] = fields

    @admin.display(description=_("kind"), ordering="kind")
    def label(self, registration: Registration) -> str:
        return registration.label

    @admin.display(description=_("masked value"))
    def value(self, registration: Registration) -> str:
        return registration.summary


EXPIRES = column("expires_at", _("expires"))
TRIES = column("tries", _("tries"))


@admin.register(Challenge)
class ChallengeAdmin(ReadOnly):
    list_display = (USER, "what_for", "kind", CREATED, EXPIRES, TRIES, "result")
    list_filter = (
        PurposeFilter,
        ("outcome", ResultFilter),
        ("created_at", CreatedFilter),
    )
    list_select_related = ("user", "registration")
    search_fields = ("user__username__istartswith",)
    fields: ClassVar[Any] = (
        USER,
        "what_for",
        "kind",
        column("generation", _("codes sent again")),
        TRIES,
        column("max_tries", _("tries allowed")),
        CREATED,
        column("issued_at", _("latest code at")),
        EXPIRES,
        column("closed_at", _("ended at")),
        "result",
    )
    readonly_fields: ClassVar[Any] = fields

    @admin.display(description=_("purpose"), ordering="purpose")
    def what_for(self, challenge: Challenge) -> str:
        return PURPOSES.get(challenge.purpose, challenge.purpose)

    @admin.display(description=_("result"), ordering="outcome")
    def result(self, challenge: Challenge) -> str:
        return challenge.get_outcome_display()

    @admin.display(description=_("kind"))
    def kind(self, challenge: Challenge) -> str:
        return challenge.registration.label
