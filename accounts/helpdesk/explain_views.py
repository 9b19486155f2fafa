"""Why a method is or isn't offered to the caller: what the administration explains, too."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import explain, explain_words
from accounts.helpdesk.entrance import with_case
from accounts.helpdesk.models import HelpdeskCase
from methods.places import SignedIn
from securityinfo.actor import Actor


@require_safe
@with_case
def explained(request: SignedIn, case: HelpdeskCase) -> HttpResponse:
    explanation = explain.explain(case.person, Actor.of(request))
    context = explain_words.context(explanation) | {"person": case.person}
    return render(request, "helpdesk/explained.html", context)
