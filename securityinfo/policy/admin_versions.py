"""The versions of the policy in the administration: who changed what, when and why."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from securityinfo.actor import Actor
from securityinfo.admin_site import ReadOnly, SecurityInfoAdminSite, asked_first
from securityinfo.duties import Duty, may
from securityinfo.policy import differences, proposals
from securityinfo.policy.admin_preview import to_preview
from securityinfo.policy.models import PolicyVersion

MOST_NAMED = 5  # in the list; the version's own page has all of them


class Restoring(admin.ModelAdmin):
    """Going back to a version leads to the preview of what that does."""

    def get_urls(self) -> list[URLPattern]:
        site = cast(SecurityInfoAdminSite, self.admin_site)
        view = site.view_for([Duty.EDIT_POLICY], self.restore_view)
        name = "policy_policyversion_restore"
        return [path("<int:number>/restore/", view, name=name), *super().get_urls()]

    def restore_view(self, request: HttpRequest, number: int) -> HttpResponse:
        version = get_object_or_404(PolicyVersion, number=number)
        page = reverse("admin:policy_policyversion_change", args=[version.pk])
        if asked := asked_first(request, page):
            return asked
        if request.method != "POST":
            return redirect(page)
        try:
            values = proposals.restoring(version)
        except ValidationError as refused:
            for problem in differences.problems(refused):
                messages.error(request, problem)
            return redirect(page)
        if not values:
            text = _("The policy is already as it was in version %(number)s.")
            messages.info(request, text % {"number": number})
            return redirect(page)
        return to_preview(
            proposals.propose(values, actor=Actor.of(request), restores=version.number)
        )


class PolicyVersionAdmin(Restoring, ReadOnly):
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
        context["may_restore"] = may(request.user, [Duty.EDIT_POLICY])
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
