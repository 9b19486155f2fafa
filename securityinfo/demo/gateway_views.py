"""The addresses of Twilio's own that the demo answers itself, below `/demo/gateway/`."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from securityinfo.demo import gateway, phone, tasks
from securityinfo.demo.gateway import Resource


@login_not_required
@require_safe
def account(request: HttpRequest, sid: str) -> JsonResponse:
    """Who we are, for somebody who has the token."""
    if settings.TWILIO is None:
        raise Http404
    try:
        gateway.authorize(phone.account(), sid, request.headers.get("Authorization", ""))
    except gateway.Refused as refused:
        return JsonResponse(refused.body, status=refused.status)
    return JsonResponse(gateway.described(phone.account()))


@csrf_exempt
@login_not_required
@require_POST
def create(request: HttpRequest, sid: str, resource: Resource) -> JsonResponse:
    """A text or a call is asked for, by a worker that signs in as one does at Twilio."""
    if settings.TWILIO is None:
        raise Http404
    try:
        gateway.authorize(phone.account(), sid, request.headers.get("Authorization", ""))
        fields = gateway.read(resource, dict(request.POST.lists()))
    except gateway.Refused as refused:
        return JsonResponse(refused.body, status=refused.status)
    received = phone.take(resource, fields)
    if received.is_ringing:
        tasks.later(tasks.ring_out, received, seconds=int(fields["Timeout"]))
    created = gateway.created(resource, phone.account(), received.sid, fields)
    return JsonResponse(created, status=HTTPStatus.CREATED)
