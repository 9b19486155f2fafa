"""Addresses below /security-info/."""

from __future__ import annotations

from django.urls import path

from methods import setup_views, views

app_name = "methods"

urlpatterns = [
    path("", views.security_info, name="list"),
    path("show-in-full/", views.show_in_full, name="show-in-full"),
    path("activity/", views.recent_activity, name="activity"),
    path("default/", views.default, name="default"),
    path("default/<uuid:uuid>/", views.default, name="default"),
    path("add/", views.add, name="add"),
    path("add/<slug:kind>/", setup_views.set_up, name="set-up"),
    path("add/<slug:kind>/verify/", setup_views.verify, name="verify"),
    path("add/<slug:kind>/verify/resend/", setup_views.resend, name="resend"),
    path("add/<slug:kind>/verify/status/", setup_views.status, name="status"),
    path("<uuid:uuid>/change/", setup_views.change, name="change"),
    path("<uuid:uuid>/change/verify/", setup_views.verify, name="change-verify"),
    path("<uuid:uuid>/change/verify/resend/", setup_views.resend, name="change-resend"),
    path("<uuid:uuid>/change/verify/status/", setup_views.status, name="change-status"),
    path("<uuid:uuid>/delete/", views.delete, name="delete"),
]
