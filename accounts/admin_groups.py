"""Who is in a group, in the list of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from securityinfo.duties import ordinary_groups

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST = 200  # more links than anybody reads beside a list


class GroupFilter(admin.SimpleListFilter):
    """Ordinary groups; who holds a duty stands on the page of the person."""

    title = _("group")
    parameter_name = "group"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, StrOrPromise]]:
        groups = ordinary_groups().order_by("name")[:MOST]
        return [(str(group.pk), group.name) for group in groups]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(groups=int(self.value() or 0)) if self.value() in known else queryset
