"""What every report has in common: it is recorded, and stands in the same frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.reports.filters import FilterForm
from securityinfo.actor import Actor
from securityinfo.admin_site import for_readers
from securityinfo.audit import log, tags
from securityinfo.form_pages import UNPROCESSABLE

Filters = TypeVar("Filters", bound=FilterForm)
View = Callable[[HttpRequest], HttpResponseBase]

TYPED = frozenset({"q", "person"})
PAGES = {
    "overview": _("Overview"),
    "people": _("People"),
    "recent": _("Recent changes and resets"),
    "over-time": _("Over time"),
    "delivery": _("Delivery"),
}
TITLES = {**PAGES, "overview": _("Reports"), "trial": _("Send a test message")}


def seen(request: HttpRequest, report: str, filters: Mapping[str, Any] | None = None) -> None:
    _record(request, tags.REPORT_VIEWED, report, filters or {})


def shown_by(
    form_class: type[Filters], report: str
) -> Callable[[Callable[[HttpRequest, Filters], HttpResponseBase]], View]:
    """A page of what the address filters; a filter that is none is told, and nobody listed."""

    def as_page(view: Callable[[HttpRequest, Filters], HttpResponseBase]) -> View:
        @require_safe
        @for_readers
        @wraps(view)
        def filtered(request: HttpRequest) -> HttpResponseBase:
            form = form_class(request.GET)
            if not form.is_valid():
                return page(request, report, status=UNPROCESSABLE, form=form)
            seen(request, report, form.filters)
            return view(request, form)

        return filtered

    return as_page


def taken_by(
    form_class: type[Filters], report: str
) -> Callable[[Callable[[Filters], HttpResponseBase]], View]:
    """The file of the same; for a filter that is none there is the page, which tells."""

    def as_file(view: Callable[[Filters], HttpResponseBase]) -> View:
        @require_safe
        @for_readers
        @wraps(view)
        def filtered(request: HttpRequest) -> HttpResponseBase:
            form = form_class(request.GET)
            if not form.is_valid():
                return redirect(f"{reverse(f'reports:{report}')}?{request.GET.urlencode()}")
            _record(request, tags.EXPORT_DOWNLOADED, report, form.filters)
            return view(form)

        return filtered

    return as_file


def _record(request: HttpRequest, tag: str, report: str, filters: Mapping[str, Any]) -> None:
    """By what it was filtered; a name that was typed is not kept, it could not be erased."""
    known = {
        name: "given" if name in TYPED else _plain(value)
        for name, value in filters.items()
        if value not in ("", None)
    }
    facts: dict[str, Any] = {"filters": known} if known else {}
    log.record(tag, actor=Actor.of(request), is_alone=True, report=report, **facts)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def page(request: HttpRequest, name: str, status: int = 200, **context: Any) -> HttpResponse:
    """The template of this name, with what the frame needs."""
    pages = [(each, label, reverse(f"reports:{each}")) for each, label in PAGES.items()]
    query = request.GET.copy()
    for moving in ("page", "before"):
        query.pop(moving, None)
    shown = {
        **admin.site.each_context(request),
        "title": TITLES[name],
        "report": name,
        "pages": pages,
        "query": query.urlencode(),
        **context,
    }
    template = f"accounts/reports/{name.replace('-', '_')}.html"
    return render(request, template, shown, status=status)
