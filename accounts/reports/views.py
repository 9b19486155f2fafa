"""The pages of the reports, in the administration."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.reports import look, people_list, recent_list, trials, words
from accounts.reports.delivered import Delivered, DeliveryForm
from accounts.reports.over_time import Development, PeriodForm
from accounts.reports.overview import Overview
from accounts.reports.people_form import PeopleForm
from accounts.reports.people_list import PeopleList
from accounts.reports.recent_list import RecentForm
from accounts.reports.trials import TrialForm
from securityinfo import csv_files, throttling, times
from securityinfo.actor import Actor
from securityinfo.admin_site import for_managers, for_readers
from securityinfo.form_pages import UNPROCESSABLE, posted
from securityinfo.freshness import STAFF_NEED, proof_required

PER_PAGE = 50


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
    look.seen(request, "overview")
    meanings = [(words.READY[name], meaning) for name, meaning in words.MEANINGS.items()]
    return look.page(request, "overview", overview=Overview.now(), meanings=meanings)


@look.shown_by(PeopleForm, "people")
def people(request: HttpRequest, form: PeopleForm) -> HttpResponse:
    listed = PeopleList(form.cleaned_data)
    page = KeyPaginator(listed.keys(KeyPaginator.MOST), PER_PAGE).get_page(request.GET.get("page"))
    return look.page(request, "people", form=form, page=page, lines=listed.lines(list(page)))


@look.taken_by(PeopleForm, "people")
def people_csv(form: PeopleForm) -> HttpResponseBase:
    listed = PeopleList(form.cleaned_data)
    lines = listed.all_lines(listed.keys(csv_files.MOST_ROWS + 1))
    rows = (people_list.cells(line) for line in lines)
    return csv_files.response("people", people_list.HEADER, rows, note=str(people_list.MORE))


@look.shown_by(RecentForm, "recent")
def recent(request: HttpRequest, form: RecentForm) -> HttpResponse:
    lines = recent_list.lines(form.cleaned_data, PER_PAGE + 1)
    more = lines[PER_PAGE - 1].event.pk if len(lines) > PER_PAGE else None
    return look.page(request, "recent", form=form, lines=lines[:PER_PAGE], more=more)


@look.taken_by(RecentForm, "recent")
def recent_csv(form: RecentForm) -> HttpResponseBase:
    rows = (recent_list.cells(line) for line in recent_list.all_lines(form.cleaned_data))
    return csv_files.response("recent", recent_list.HEADER, rows, note=str(recent_list.MORE))


@look.shown_by(PeriodForm, "over-time")
def over_time(request: HttpRequest, form: PeriodForm) -> HttpResponse:
    return look.page(request, "over-time", form=form, development=Development.by(form.period))


@look.taken_by(PeriodForm, "over-time")
def over_time_csv(form: PeriodForm) -> HttpResponseBase:
    development = Development.by(form.period)
    return csv_files.response("over-time", development.header, development.rows)


@look.shown_by(DeliveryForm, "delivery")
def delivery(request: HttpRequest, form: DeliveryForm) -> HttpResponse:
    return look.page(request, "delivery", form=form, delivered=Delivered.since(form.days))


@look.taken_by(DeliveryForm, "delivery")
def delivery_csv(form: DeliveryForm) -> HttpResponseBase:
    delivered = Delivered.since(form.days)
    return csv_files.response("delivery", delivered.header, delivered.rows)


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
@proof_required(lambda _request: STAFF_NEED)
def trial(request: HttpRequest) -> HttpResponse:
    """DE9. What the provider answers is shown among the checks."""
    form = TrialForm(posted(request))
    if form.is_valid():
        user, cleaned = cast(User, request.user), form.cleaned_data
        try:
            trials.send(user, cleaned["channel"], cleaned.get("phone"), actor=Actor.of(request))
        except throttling.Throttled as wait:
            text = _("Too many tests. Try again at %(moment)s.")
            form.add_error(None, text % {"moment": times.clock(wait.retry_at)})
        else:
            messages.success(request, _("Sent. What became of it stands among the checks."))
            return redirect("admin:index")
    status = UNPROCESSABLE if form.errors else 200
    return look.page(request, "trial", status=status, form=form)
