"""Every address of the application."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from securityinfo import views

preferences = [
    path("language/", views.language, name="language"),
    path("theme/", views.theme, name="theme"),
]

branding = [
    path("accent.css", views.accent, name="accent"),
    path("logo", views.logo, name="logo"),
]

urlpatterns = [
    path("", views.home, name="home"),
    # Before the forty of accounts, which the most visited page would be compared with.
    path("security-info/", include("methods.urls")),
    path("helpdesk/", include("accounts.helpdesk.urls")),
    path("", include("accounts.urls")),
    path("preferences/", include((preferences, "preferences"))),
    path("branding/", include((branding, "branding"))),
    path("webhooks/", include("securityinfo.messaging.urls")),
    path("admin/reports/", include("accounts.reports.urls")),
    path("admin/", admin.site.urls),
    path("", include("securityinfo.operations.urls")),
]

if settings.DEMO or settings.TESTING:
    urlpatterns.append(path("demo/", include("securityinfo.demo.urls")))

handler400 = "securityinfo.errors.bad_request"
handler403 = "securityinfo.errors.forbidden"
handler404 = "securityinfo.errors.not_found"
handler500 = "securityinfo.errors.server_error"
