"""What the organization's own gateway reports: signed JSON below `/webhooks/gateway/`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from securityinfo.messaging import calls, reports
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports import webhook
from securityinfo.messaging.transports.base import for_channel

LARGEST = 16 * 1024  # bytes; a report needs a few hundred

BAD, FORBIDDEN, UNKNOWN, GONE, TOO_LARGE, TAKEN = 400, 403, 404, 410, 413, 204

Fields = dict[str, str]
View = Callable[[Message, Fields], HttpResponse]


def _callback(view: View) -> Callable[..., HttpResponse]:
    """Signed by the gateway a moment ago, and about the message that the address names."""

    @csrf_exempt
    @login_not_required
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, message_id: UUID) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            return HttpResponse(status=TOO_LARGE)
        gateway = settings.GATEWAY
        if not gateway or not webhook.is_genuine(request.body, request.headers, gateway.secret):
            return HttpResponse(status=FORBIDDEN)
        fields = _read(request.body)
        if fields is None:
            return HttpResponse(status=BAD)
        if fields.get("message") != str(message_id):  # the signature covers the body only
            return HttpResponse(status=FORBIDDEN)
        message = Message.objects.select_related("user").filter(pk=message_id).first()
        if message is None:
            return HttpResponse(status=UNKNOWN)
        try:
            return view(message, fields)
        except reports.Foreign:
            return HttpResponse(status=FORBIDDEN)
        except calls.Closed:
            return HttpResponse(status=GONE)

    return answer


@_callback
def status(message: Message, fields: Fields) -> HttpResponse:
    """Forward only. The answer says whether a call that was just answered is still wanted."""
    transport = for_channel(message.channel)
    if not isinstance(transport, webhook.WebhookTransport):
        return HttpResponse(status=GONE)
    reports.take(message, transport.parse_status(fields))
    return JsonResponse({"wanted": calls.is_wanted(message)})


@_callback
def keys(message: Message, fields: Fields) -> HttpResponse:
    """The keys of the one try, without #; the answer is the sentence to say before hanging up."""
    reports.adopt(message, fields.get("id", ""))
    script = calls.script_of(message)
    with translation.override(message.language):
        keyed = calls.keys_pressed(message, fields.get("digits", calls.SILENCE))
    return JsonResponse({"keyed": keyed.value, "say": getattr(script, keyed.value)})


def _read(body: bytes) -> Fields | None:
    """An object of strings, or nothing."""
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    if not isinstance(fields, dict) or not all(isinstance(each, str) for each in fields.values()):
        return None
    return fields
