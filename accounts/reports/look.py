"""What every report has in common: it is recorded, and stands in the same frame."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from securityinfo.actor import Actor
from securityinfo.audit import log, tags

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


def taken(request: HttpRequest, report: str, filters: Mapping[str, Any] | None = None) -> None:
    _record(request, tags.EXPORT_DOWNLOADED, report, filters or {})


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
