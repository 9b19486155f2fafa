"""Addresses of the simulated phone, below `/demo/`."""

from __future__ import annotations

from django.urls import path

from securityinfo.demo import gateway_views, views
from securityinfo.demo.gateway import VERSION, Resource

app_name = "demo"

urlpatterns = [
    path("phone/", views.phone, name="phone"),
    path("phone.json", views.phone_json, name="phone-json"),
    path("phone/calls/<uuid:call_id>/answer/", views.answer, name="answer"),
    path("phone/calls/<uuid:call_id>/keys/", views.keys, name="keys"),
    path("phone/calls/<uuid:call_id>/press/", views.press, name="press"),
    path("phone/calls/<uuid:call_id>/hang-up/", views.hang_up, name="hang-up"),
    path(
        f"gateway/{VERSION}/Accounts/<str:sid>.json", gateway_views.account, name="gateway-account"
    ),
    path(
        f"gateway/{VERSION}/Accounts/<str:sid>/Messages.json",
        gateway_views.create,
        {"resource": Resource.MESSAGES},
        name="gateway-texts",
    ),
    path(
        f"gateway/{VERSION}/Accounts/<str:sid>/Calls.json",
        gateway_views.create,
        {"resource": Resource.CALLS},
        name="gateway-calls",
    ),
]
