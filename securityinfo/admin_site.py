"""The administration: Django's own, without a door of its own."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from securityinfo import freshness

# The password belongs to the application; there is one place for it.
NOT_OURS = frozenset({"password_change", "password_change_done"})


class SecurityInfoAdminSite(admin.AdminSite):
    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Administration")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Active administrators who were proved strongly: not Django's flags, nor a password."""
        return _is_administrator(request) and freshness.is_strong_session(request)

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everybody signs in at the same place (SI7)."""
        if self.has_permission(request):
            return redirect("admin:index")
        wanted = request.GET.get("next") or reverse("admin:index")
        if _is_administrator(request):
            return freshness.ask(request, wanted)
        if request.user.is_authenticated:
            raise Http404  # for everybody else there is no such page
        return redirect_to_login(wanted, reverse("accounts:sign-in"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Nor does anybody sign out here; only Django wants to know the address."""
        raise Http404

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", "") not in NOT_OURS]


def _is_administrator(request: HttpRequest) -> bool:
    return bool(request.user.is_active and getattr(request.user, "is_staff", False))


class BoundedPaginator(Paginator):
    """Counts no further than anybody pages: people and events are searched, not leafed through."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # The keys alone: what a list shows beside them need not be found out to count.
        return rows.order_by().values("pk")[: self.MOST].count()


class OfferedFilters(admin.ModelAdmin):
    """An address filters by what the page offers, and by nothing else.

    Django takes every column of the model: by the beginning of a password's hash, for one, the
    whole hash could be found out letter by letter (R107).
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        filters: Any = self.list_filter  # names, pairs of name and class, or classes
        offered = {
            each if isinstance(each, str) else getattr(each, "parameter_name", None) or each[0]
            for each in filters
        }
        return lookup.partition(LOOKUP_SEP)[0] in offered


class FreshlyChanged(admin.ModelAdmin):
    """Whoever changes something here has just been proved; looking at a list needs no proof (SU6).

    Posted data is not carried over, so the form asks before it is filled in.
    """

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _freshly(request) or super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _freshly(request) or super().delete_view(request, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Only actions are posted."""
        asked = _freshly(request) if request.method == "POST" else None
        return asked or super().changelist_view(request, extra_context)


def _freshly(request: HttpRequest) -> HttpResponse | None:
    """Where an administrator has to go first to be proved; None if that has just been done."""
    if freshness.meets(request, freshness.STAFF_NEED):
        return None
    return freshness.ask(request)


class ForAdministrators(OfferedFilters):
    """Administrators may do here what the page offers; nobody else may do anything."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)


class ReadOnly(ForAdministrators):
    """To be looked at; bulk actions obey too, because they ask for the same permission."""

    actions = None
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
