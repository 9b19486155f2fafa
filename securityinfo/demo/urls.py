"""Addresses of the simulated phone, below `/demo/`."""

from __future__ import annotations

from django.urls import path

from securityinfo.demo import views

app_name = "demo"

urlpatterns = [
    path("phone/", views.phone, name="phone"),
    path("phone.json", views.phone_json, name="phone-json"),
]
