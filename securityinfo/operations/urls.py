"""What machines ask: is the process alive, can it work, how much is there to do."""

from __future__ import annotations

from django.urls import path

from securityinfo.operations import views

app_name = "operations"

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
