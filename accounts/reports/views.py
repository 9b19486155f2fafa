"""The pages of the reports, in the administration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.reports import people_list, words
from accounts.reports.overview import Overview
from accounts.reports.people_form import PeopleForm
from accounts.reports.people_list import PeopleList
from securityinfo import csv_files
from securityinfo.actor import Actor
from securityinfo.admin_site import for_readers
from securityinfo.audit import log, tags
from securityinfo.logs import UNPROCESSABLE

PER_PAGE = 50
TYPED = frozenset({"q"})
PAGES = {
    "overview": gettext_lazy("Overview"),
    "people": gettext_lazy("People"),
}


class KeyPaginator(Paginator):
    """Of keys that were read already: nobody leafs through more."""

    MOST = 10_000

    @property
    def is_cut(self) -> bool:
        """Whether there may be more."""
        return self.count >= self.MOST


@require_safe
@for_readers
def overview(request: HttpRequest) -> HttpResponse:
    _record(request, tags.REPORT_VIEWED, "overview")
    meanings = [(words.READY[name], meaning) for name, meaning in words.MEANINGS.items()]
    return _page(request, "overview", _("Reports"), overview=Overview.now(), meanings=meanings)


@require_safe
@for_readers
def people(request: HttpRequest) -> HttpResponse:
    form = PeopleForm(request.GET)
    if not form.is_valid():
        return _page(request, "people", _("People"), status=UNPROCESSABLE, form=form)
    _record(request, tags.REPORT_VIEWED, "people", form.cleaned_data)
    listed = PeopleList(form.cleaned_data)
    page = KeyPaginator(listed.keys(KeyPaginator.MOST), PER_PAGE).get_page(request.GET.get("page"))
    lines = listed.lines(list(page))
    return _page(request, "people", _("People"), form=form, page=page, lines=lines)


@require_safe
@for_readers
def people_csv(request: HttpRequest) -> HttpResponseBase:
    form = PeopleForm(request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('reports:people')}?{request.GET.urlencode()}")
    _record(request, tags.EXPORT_DOWNLOADED, "people", form.cleaned_data)
    listed = PeopleList(form.cleaned_data)
    lines = listed.all_lines(listed.keys(csv_files.MOST_ROWS + 1))
    rows = (people_list.cells(line) for line in lines)
    note = people_list.note_of_more()
    return csv_files.response("people", people_list.HEADER, rows, note=note)


def _record(
    request: HttpRequest, tag: str, report: str, filters: Mapping[str, Any] | None = None
) -> None:
    """By what it was filtered; a name that was typed is not kept, it could not be erased."""
    known = {name: value for name, value in (filters or {}).items() if name not in TYPED}
    known |= dict.fromkeys(TYPED & set(filters or {}), "given")
    facts: dict[str, Any] = {"filters": known} if known else {}
    log.record(tag, actor=Actor.of(request), is_alone=True, report=report, **facts)


def _page(
    request: HttpRequest, name: str, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    pages = [(each, label, reverse(f"reports:{each}")) for each, label in PAGES.items()]
    query = request.GET.copy()
    query.pop("page", None)
    shown = {
        **admin.site.each_context(request),
        "title": title,
        "report": name,
        "pages": pages,
        "query": query.urlencode(),
        **context,
    }
    return render(request, f"accounts/reports/{name}.html", shown, status=status)
