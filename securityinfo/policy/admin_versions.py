"""The versions of the policy in the administration: who changed what, when and why."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from securityinfo.admin_site import ReadOnly
from securityinfo.duties import Duty
from securityinfo.policy import differences
from securityinfo.policy.models import PolicyVersion

MOST_NAMED = 5  # in the list; the version's own page has all of them


class PolicyVersionAdmin(ReadOnly):
    seen_with = frozenset({Duty.READ_AND_AUDIT, Duty.EDIT_POLICY})
    list_display = ["number", "time", "who", "what", "reason"]
    list_filter = ["at"]
    search_fields = ["reason"]  # shows the box; get_search_results does it
    search_help_text = _("Words of the reason, the number, or a user name.")
    show_facets = admin.ShowFacets.NEVER
    change_form_template = "admin/policy/version.html"
    fields = ["number", "time", "who", "reason", "restored"]
    readonly_fields = ["time", "who", "restored"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        people = get_user_model().objects.filter(public_id=OuterRef("author"))
        versions = super().get_queryset(request).defer("state")
        return versions.annotate(author_name=Subquery(people.values("username")[:1]))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PolicyVersion], search_term: str
    ) -> tuple[QuerySet[PolicyVersion], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        found = Q(reason__icontains=words)
        if words.isdecimal() and len(words) < 10:
            found |= Q(number=int(words))
        person: Any = get_user_model().objects.named(words)
        if person is not None:
            found |= Q(author=person.public_id)
        return queryset.filter(found), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["title"] = str(context["original"])
        context["subtitle"] = None
        context["differences"] = differences.described(context["original"].changes)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("time"), ordering="at")
    def time(self, version: PolicyVersion) -> str:
        return date_format(localtime(version.at), "j M Y, H:i:s")

    @admin.display(description=_("by"))
    def who(self, version: Any) -> str:
        return version.author_name or str(version.author or version.author_role)

    @admin.display(description=_("what changed"))
    def what(self, version: PolicyVersion) -> str:
        """The first few names."""
        if not version.changes:
            return gettext("What was there before")
        names = list(version.changes)
        named = differences.labels(names[:MOST_NAMED])
        return f"{named} …" if len(names) > MOST_NAMED else named

    @admin.display(description=_("goes back to"))
    def restored(self, version: PolicyVersion) -> str:
        return str(version.restores or "–")
