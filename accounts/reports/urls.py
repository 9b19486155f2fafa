"""Addresses of the reports, below /admin/."""

from __future__ import annotations

from django.urls import path

from accounts.reports import views

app_name = "reports"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("people/", views.people, name="people"),
    path("people.csv", views.people_csv, name="people-csv"),
]
