"""Addresses at which providers ask and report, below `/webhooks/`; each names a delivery row."""

from __future__ import annotations

from django.urls import path

from securityinfo.messaging import callbacks, gateway_callbacks

app_name = "webhooks"

urlpatterns = [
    path("twilio/text/<uuid:message_id>/", callbacks.status, name="twilio-text"),
    path("twilio/call/<uuid:message_id>/", callbacks.document, name="twilio-call"),
    path("twilio/call/<uuid:message_id>/keys/", callbacks.keys, name="twilio-call-keys"),
    path("twilio/call/<uuid:message_id>/silence/", callbacks.silence, name="twilio-call-silence"),
    path("twilio/call/<uuid:message_id>/status/", callbacks.status, name="twilio-call-status"),
    path("gateway/<uuid:message_id>/", gateway_callbacks.status, name="gateway"),
    path("gateway/<uuid:message_id>/keys/", gateway_callbacks.keys, name="gateway-keys"),
]
