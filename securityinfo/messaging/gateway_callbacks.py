"""What the organization's own gateway reports: signed JSON below `/webhooks/gateway/`."""

from __future__ import annotations

import json
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation

from securityinfo.messaging import calls, reports, signed
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports import webhook
from securityinfo.messaging.transports.base import for_channel

Fields = dict[str, str]


def _is_signed(request: HttpRequest, message_id: UUID) -> bool:
    """By the gateway, a moment ago, and about the message that the address names."""
    gateway = settings.GATEWAY
    if not gateway or not webhook.is_genuine(request.body, request.headers, gateway.secret):
        return False
    return _fields(request).get("message") == str(message_id)  # only the body is signed


_callback = signed.callback(_is_signed)


@_callback
def status(request: HttpRequest, message: Message) -> HttpResponse:
    """Forward only. The answer says whether a call that was just answered is still wanted."""
    transport = for_channel(message.channel)
    if not isinstance(transport, webhook.WebhookTransport):
        return HttpResponse(status=signed.GONE)
    reports.take(message, transport.parse_status(_fields(request)))
    return JsonResponse({"wanted": calls.is_wanted(message)})


@_callback
def keys(request: HttpRequest, message: Message) -> HttpResponse:
    """The keys of the one try, without #; the answer is the sentence to say before hanging up."""
    fields = _fields(request)
    reports.adopt(message, fields.get("id", ""))
    script = calls.script_of(message)
    with translation.override(message.language):
        keyed = calls.keys_pressed(message, fields.get("digits", calls.SILENCE))
    return JsonResponse({"keyed": keyed.value, "say": getattr(script, keyed.value)})


def _fields(request: HttpRequest) -> Fields:
    """An object of strings, or nothing."""
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict) or not all(isinstance(each, str) for each in fields.values()):
        return {}
    return fields
