"""Answers for machines, without words to translate."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from securityinfo.operations import exposition, monitoring, readiness


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 or 503; what is wrong is told to monitoring alone."""
    found = readiness.recent()
    answer: dict[str, object] = {"ready": found.is_ready}
    if monitoring.may_look(request):
        answer["checks"] = found.checks
    status = HTTPStatus.OK if found.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse(answer, status=status)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, in its text format."""
    if not monitoring.may_look(request):
        refusal = HttpResponse("For monitoring only.\n", content_type="text/plain", status=401)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    return HttpResponse(exposition.text(), content_type=exposition.CONTENT_TYPE)
