"""The audit log in the administration: to be searched, never to be changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from securityinfo import user_agent
from securityinfo.actor import Actor
from securityinfo.admin_site import ReadOnly
from securityinfo.audit import exports, log, tags
from securityinfo.audit.models import Event
from securityinfo.audit.search import EventSearch, SearchFilter, given_in

MOST_WORDS = 5  # each is a question of its own
Answer = Callable[[QuerySet[Event]], StreamingHttpResponse]


def last_check() -> Event | None:
    """The latest verification of the chain, whatever came of it."""
    checked = Event.objects.filter(tag__in=[tags.AUDIT_VERIFIED, tags.AUDIT_BROKEN])
    return checked.order_by("-pk").first()


class AreaFilter(admin.SimpleListFilter):
    """By the first word of the name, from the list of names: no query for what there is."""

    title = _("area")
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(area, area) for area in sorted({tag.partition(".")[0] for tag in tags.ALL})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        area = self.value()
        if not area:
            return queryset
        return queryset.filter(tag__in=[tag for tag in tags.ALL if tag.startswith(f"{area}.")])


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ["time", "tag", "result", "reason", "who", "about", "kind", "masked"]
    list_display_links = ["time", "tag"]
    list_filter = [SearchFilter, "at", "result", AreaFilter]
    change_list_template = "admin/audit/events.html"
    search_fields = ["tag"]  # shows the box; get_search_results does it
    search_help_text = _("User name of the person or of who did it, name, or request.")
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER  # they count every choice of every filter
    fields = [
        "time",
        "tag",
        "result",
        "reason",
        "who",
        "actor_role",
        "about",
        "kind",
        "masked",
        "purpose",
        "request_id",
        "address",
        "browser",
        "policy_version",
        "details",
    ]
    readonly_fields = ["time", "who", "about", "address", "browser", "details"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        people = get_user_model().objects

        def name_of(column: str) -> Subquery:
            return Subquery(people.filter(public_id=OuterRef(column)).values("username")[:1])

        events = super().get_queryset(request).select_related("origin")
        return events.annotate(actor_name=name_of("actor"), subject_name=name_of("subject"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """Each word by an index: a whole user name, the beginning of a name, a whole request."""
        for word in search_term.split()[:MOST_WORDS]:
            person = get_user_model().objects.named(word)
            if person:
                found = Q(subject=person.public_id) | Q(actor=person.public_id)
            else:
                known = [tag for tag in tags.ALL if tag.startswith(word.lower())]
                found = Q(tag__in=known) | Q(request_id=word)
            queryset = queryset.filter(found)
        return queryset, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in EventSearch.base_fields or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        files = {"csv": exports.as_csv, "jsonl": exports.as_lines}
        return [
            path(
                f"events.{suffix}",
                self.admin_site.admin_view(partial(self._download, suffix, answer)),
                name=f"audit_event_{suffix}",
            )
            for suffix, answer in files.items()
        ] + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"query": request.GET.urlencode(), "last_check": last_check()}
        return super().changelist_view(request, shown | (extra_context or {}))

    def _download(self, suffix: str, answer: Answer, request: HttpRequest) -> HttpResponseBase:
        """Of what the list shows with the same filters."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = f"{reverse('admin:audit_event_changelist')}?{request.GET.urlencode()}"
        try:
            found = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect("admin:audit_event_changelist")
        search = next(each for each in found.filter_specs if isinstance(each, SearchFilter))
        if not search.form.is_valid():
            return redirect(page)
        log.record(
            tags.EXPORT_DOWNLOADED,
            actor=Actor.of(request),
            is_alone=True,
            report=f"events.{suffix}",
            filters=given_in(request),
        )
        return answer(found.get_queryset(request))

    @admin.display(description=_("time"))
    def time(self, event: Event) -> str:
        """To the second; the order of the list is the order of writing."""
        return date_format(localtime(event.at), "j M Y, H:i:s")

    @admin.display(description=_("by"))
    def who(self, event: Any) -> str:
        return event.actor_name or (str(event.actor) if event.actor else event.actor_role)

    @admin.display(description=_("person"))
    def about(self, event: Any) -> str:
        return event.subject_name or (str(event.subject) if event.subject else "")

    @admin.display(description=_("network address"))
    def address(self, event: Event) -> str:
        return event.address

    @admin.display(description=_("browser"))
    def browser(self, event: Event) -> str:
        return user_agent.translated(event.browser)

    @admin.display(description=_("details"))
    def details(self, event: Event) -> SafeString:
        facts = json.dumps(event.facts, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="facts">{}</pre>', facts if event.facts else "")
