"""What a change of the policy does, before it is saved: the page, its list, and the save."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from securityinfo import csv_files
from securityinfo.actor import Actor
from securityinfo.admin_site import FreshlyChanged, SecurityInfoAdminSite, asked_first
from securityinfo.audit import log, tags
from securityinfo.duties import Duty, may
from securityinfo.policy import cautions, differences, effect_words, proposals
from securityinfo.policy.draft import RULE_GROUPS, Draft, DraftRule, changed
from securityinfo.policy.effects import MOST_NAMED, Affected, Effect
from securityinfo.policy.forms import UNDERSTOOD, TakenUp
from securityinfo.policy.models import ONLY_ROW, OrgPolicy, Proposal
from securityinfo.policy.proposals import Preview, Result

# Whoever edits the policy alone sees numbers: the names are for those who see people anyway.
SEE_PEOPLE = frozenset({Duty.MANAGE_PEOPLE, Duty.READ_AND_AUDIT})
TOO_MANY = _("There are more people than fit into one file.")
LOOK_AGAIN = {
    Result.CHANGED_MEANWHILE: _(
        "The policy was changed by somebody else. Look at the preview again."
    ),
    Result.MORE_PEOPLE: _("More people are affected by now. Look at the preview again."),
    Result.NOT_UNDERSTOOD: _("Read what this does, tick “I understand”, and save again."),
}


class Previewing(FreshlyChanged):
    """Nothing is saved that nobody has looked at."""

    def get_urls(self) -> list[URLPattern]:
        site = cast(SecurityInfoAdminSite, self.admin_site)
        page = site.view_for([Duty.EDIT_POLICY], self.preview_view)
        people = site.view_for([Duty.EDIT_POLICY], self.people_view)
        return [
            path("preview/<uuid:key>/", page, name="policy_orgpolicy_preview"),
            path("preview/<uuid:key>/people.csv", people, name="policy_orgpolicy_people"),
            *super().get_urls(),
        ]

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """With what was entered before, where somebody comes back from its preview."""
        row: Any = super().get_object(request, *args, **kwargs)
        key = request.GET.get("proposal", "")
        if request.method == "GET" and row is not None and key:
            row = _taken_up(request, key) or row
        return row

    def preview_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        proposal = _own(request, key)
        if asked := asked_first(request):
            return asked
        if request.method == "POST":
            return _save(request, proposal)
        preview = proposals.look(proposal, actor=Actor.of(request))
        context = self.admin_site.each_context(request) | _context(preview)
        if not may(request.user, SEE_PEOPLE):
            context |= {"people": [], "is_for_others": preview.impact.affected > 0}
        context |= {"title": _("Preview"), "opts": self.opts}
        return TemplateResponse(request, "admin/policy/preview.html", context)

    def people_view(self, request: HttpRequest, key: UUID) -> HttpResponseBase:
        if not may(request.user, SEE_PEOPLE):
            raise PermissionDenied
        return asked_first(request) or _people(request, _own(request, key))


def proposed(form: Any, formsets: Iterable[Any], request: HttpRequest) -> Proposal | None:
    """What was entered on the policy's page; None if nothing is different."""
    rules = [
        DraftRule(each.instance, {name: list(each.cleaned_data[name]) for name in RULE_GROUPS})
        for formset in formsets
        for each in formset.forms
    ]
    row = form.instance
    entered = Draft(row, list(form.cleaned_data["reset_groups"]), rules).state()
    values = changed(Draft.current().state(), entered)
    if not values:
        return None
    return proposals.propose(
        values,
        actor=Actor.of(request),
        reason=form.cleaned_data["note"],
        understood=request.POST.getlist(UNDERSTOOD),
        logo=(row.logo, row.logo_type) if "logo" in values else None,
    )


def to_preview(proposal: Proposal) -> HttpResponse:
    return redirect("admin:policy_orgpolicy_preview", proposal.pk)


def _taken_up(request: HttpRequest, key: str) -> Any:
    """The row as it was entered; None if nobody did, or what was entered no longer fits."""
    try:
        proposal = _own(request, UUID(key))
        draft = Draft.current()
        draft.change(proposal.changes)
    except (ValueError, Http404, ValidationError):
        return None
    row: Any = draft.row
    row.taken_up = TakenUp(draft, proposal.reason)
    return row


def _own(request: HttpRequest, key: UUID) -> Proposal:
    return get_object_or_404(Proposal, pk=key, author=Actor.of(request).person)


def _save(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    try:
        result = proposals.save(
            proposal,
            actor=Actor.of(request),
            token=request.POST.get("token", ""),
            seen=request.POST.get("seen", ""),
            understood=request.POST.getlist(UNDERSTOOD),
        )
    except ValidationError:
        return to_preview(proposal)  # which says why
    if result != Result.SAVED:
        messages.warning(request, LOOK_AGAIN[result])
        return to_preview(proposal)
    version = OrgPolicy.objects.values_list("version", flat=True).get(pk=ONLY_ROW)
    text = _("The policy was saved. It is version %(version)s and holds at once.")
    messages.success(request, text % {"version": version})
    return redirect("admin:policy_orgpolicy_change", ONLY_ROW)


def _context(preview: Preview) -> dict[str, Any]:
    impact, page = preview.impact, reverse("admin:policy_orgpolicy_change", args=[ONLY_ROW])
    return {
        "proposal": preview.proposal,
        "token": preview.token,
        "seen": impact.as_seen,
        "problems": preview.problems,
        "differences": differences.described(preview.changes),
        "sentences": effect_words.sentences(impact, preview.changes),
        "cautions": [
            {"key": each, "text": cautions.text_of(each)} for each in sorted(preview.cautions)
        ],
        "people": [(person, _named(person.effects)) for person in impact.people],
        "affected": impact.affected,
        "has_more": impact.affected > MOST_NAMED,
        "back": f"{page}?proposal={preview.proposal.pk}",
        "people_url": reverse("admin:policy_orgpolicy_people", args=[preview.proposal.pk]),
    }


def _named(found: frozenset[Effect]) -> str:
    return ", ".join(effect_words.name(effect) for effect in Effect if effect in found)


def _cells(person: Affected) -> list[csv_files.Cell]:
    return [person.user_name, person.full_name, *(each in person.effects for each in Effect)]


@require_safe
def _people(request: HttpRequest, proposal: Proposal) -> HttpResponseBase:
    """All of them, read while they are sent."""
    preview = proposals.preview(proposal)
    with transaction.atomic():
        log.record(tags.EXPORT_DOWNLOADED, actor=Actor.of(request), report="policy-preview")
    rows = (_cells(person) for person in preview.affected())
    header = ("user_name", "full_name", *(each.value for each in Effect))
    return csv_files.response("policy-preview", header, rows, note=str(TOO_MANY))
