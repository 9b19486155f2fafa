"""Addresses of the simulated phone, below `/demo/`."""

from __future__ import annotations

from django.urls import path, re_path

from securityinfo.demo import gateway_views, views

app_name = "demo"

urlpatterns = [
    path("phone/", views.phone, name="phone"),
    path("phone.json", views.phone_json, name="phone-json"),
    path("phone/calls/<uuid:call_id>/answer/", views.answer, name="answer"),
    path("phone/calls/<uuid:call_id>/keys/", views.keys, name="keys"),
    path("phone/calls/<uuid:call_id>/press/", views.press, name="press"),
    path("phone/calls/<uuid:call_id>/hang-up/", views.hang_up, name="hang-up"),
    re_path(
        r"gateway/2010-04-01/Accounts/(?P<sid>\w+)/(?P<resource>Messages|Calls)\.json\Z",
        gateway_views.create,
        name="gateway",
    ),
]
