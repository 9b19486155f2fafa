"""Addresses below /security-info/."""

from __future__ import annotations

from django.urls import path

from methods import views

app_name = "methods"

urlpatterns = [
    path("", views.security_info, name="list"),
    path("show-in-full/", views.show_in_full, name="show-in-full"),
    path("activity/", views.recent_activity, name="activity"),
    path("default/", views.default, name="default"),
    path("add/", views.add, name="add"),
    path("add/<slug:kind>/", views.set_up, name="set-up"),
    path("add/<slug:kind>/verify/", views.verify, name="verify"),
    path("add/<slug:kind>/verify/resend/", views.resend, name="resend"),
    path("add/<slug:kind>/verify/status/", views.status, name="status"),
    path("<uuid:uuid>/change/", views.change, name="change"),
    path("<uuid:uuid>/change/verify/", views.change_verify, name="change-verify"),
    path("<uuid:uuid>/change/verify/resend/", views.change_resend, name="change-resend"),
    path("<uuid:uuid>/change/verify/status/", views.change_status, name="change-status"),
    path("<uuid:uuid>/delete/", views.delete, name="delete"),
]
