"""The administration: Django's own, without a door of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper, wraps
from typing import Any, ClassVar, NoReturn, cast

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from securityinfo import freshness
from securityinfo.duties import Duty, may

View = Callable[..., HttpResponseBase]

# The password belongs to the application; there is one place for it.
NOT_OURS = frozenset({"password_change", "password_change_done"})
# Those that the links of Django's filters have.
COMPARISONS = frozenset({"", "exact", "isnull", "gte", "lt"})


class SecurityInfoAdminSite(admin.AdminSite):
    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Administration")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whoever has a duty here and was proved strongly: not Django's flags, nor a password.

        That opens the start page; every other page asks for a duty of its own.
        """
        return _has_duties(request) and freshness.is_strong_session(request)

    def may(self, request: HttpRequest, duties: Iterable[Duty]) -> bool:
        """Whether this is somebody with one of the duties."""
        return self.has_permission(request) and may(request.user, duties)

    def view_for(self, duties: Iterable[Duty], view: View, *, cacheable: bool = False) -> View:
        """A page that belongs to no model: for people with one of the duties."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.may(request, duties):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return self.admin_view(update_wrapper(guarded, view), cacheable)

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everybody signs in at the same place (SI7)."""
        if self.has_permission(request):
            return redirect("admin:index")
        wanted = request.GET.get("next") or reverse("admin:index")
        if _has_duties(request):
            return freshness.ask(request, wanted)
        if request.user.is_authenticated:
            raise Http404  # for everybody else there is no such page
        return redirect_to_login(wanted, reverse("accounts:sign-in"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Nor does anybody sign out here; only Django wants to know the address."""
        raise Http404

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", "") not in NOT_OURS]


def for_readers(view: View) -> View:
    """A page that only shows: for whoever may read reports and events, and take them away."""
    return _for(Duty.READ_AND_AUDIT, view)


def for_managers(view: View) -> View:
    """A page that does something, for administrators."""
    return _for(Duty.MANAGE_PEOPLE, view)


def _for(duty: Duty, view: View) -> View:
    """The site is there only when a page is asked for."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        site = cast(SecurityInfoAdminSite, admin.site)
        return site.view_for([duty], view)(request, *args, **kwargs)

    return guarded


def _has_duties(request: HttpRequest) -> bool:
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
    """An address filters by what the page offers, and by nothing else: no pattern, either.

    Django takes every column of the model: by the beginning of a password's hash, for one, the
    whole hash could be found out letter by letter (R107).
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        filters: Any = self.list_filter  # names, pairs of name and class, or classes
        offered = {
            each if isinstance(each, str) else getattr(each, "parameter_name", None) or each[0]
            for each in filters
        }
        name, _sep, comparison = lookup.partition(LOOKUP_SEP)
        return name in offered and comparison in COMPARISONS


class FreshlyChanged(admin.ModelAdmin):
    """Whoever changes something here has just been proved; looking needs no proof (SU6).

    Posted data is not carried over, so the form asks before it is filled in.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        may_only_look = object_id is not None and not self.has_change_permission(request)
        asked = None if may_only_look else asked_first(request)
        return asked or super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return asked_first(request) or super().delete_view(request, *args, **kwargs)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Only actions are posted."""
        asked = asked_first(request) if request.method == "POST" else None
        return asked or super().changelist_view(request, extra_context)


def asked_first(request: HttpRequest, page: str = "") -> HttpResponse | None:
    """Where somebody has to go first to be proved; None if that has just been done.

    `page`: what comes after that; empty for this one.
    """
    if freshness.meets(request, freshness.STAFF_NEED):
        return None
    return freshness.ask(request, page)


class ByDuty(OfferedFilters):
    """For whoever has one of these duties; for everybody else there is nothing here."""

    seen_with: ClassVar[frozenset[Duty]] = frozenset({Duty.READ_AND_AUDIT})
    changed_with: ClassVar[frozenset[Duty]] = frozenset({Duty.MANAGE_PEOPLE})

    def may_see(self, request: HttpRequest) -> bool:
        site = cast(SecurityInfoAdminSite, self.admin_site)
        return site.may(request, self.seen_with | self.changed_with)

    def may_change(self, request: HttpRequest) -> bool:
        return cast(SecurityInfoAdminSite, self.admin_site).may(request, self.changed_with)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_change(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_change(request)


class ReadOnly(ByDuty):
    """To be looked at; bulk actions obey too, because they ask for the same permission."""

    changed_with = frozenset()
    actions = None
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False
