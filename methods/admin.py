"""Methods and challenges in the administration: to look at, masked; nothing to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from methods import registry
from methods.models import Challenge, Registration


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Registration)
class RegistrationAdmin(ReadOnlyAdmin):
    list_display = (
        "user",
        "kind",
        "value",
        "confirmed",
        "is_default",
        "created_at",
        "last_used_at",
    )
    list_filter = ("kind", "confirmed")
    list_select_related = ("user",)
    search_fields = ("user__username__istartswith", "user__work_address__istartswith")
    fields = (
        "user",
        "uuid",
        "kind",
        "value",
        "confirmed",
        "is_default",
        "created_at",
        "confirmed_at",
        "trusted_from",
        "suspended_at",
        "last_used_at",
    )

    @admin.display(description=_("masked value"))
    def value(self, registration: Registration) -> str:
        return registration.summary if registry.has(registration.kind) else ""


@admin.register(Challenge)
class ChallengeAdmin(ReadOnlyAdmin):
    list_display = ("user", "purpose", "kind", "created_at", "expires_at", "tries", "outcome")
    list_filter = ("purpose", "outcome", "created_at")
    list_select_related = ("user", "registration")
    search_fields = ("user__username__istartswith",)
    fields = (
        "user",
        "purpose",
        "kind",
        "generation",
        "tries",
        "max_tries",
        "created_at",
        "issued_at",
        "expires_at",
        "closed_at",
        "outcome",
    )

    @admin.display(description=_("kind"))
    def kind(self, challenge: Challenge) -> str:
        return challenge.registration.kind
