"""Addresses of the reports, below /admin/."""

from __future__ import annotations

from django.urls import path

from accounts.reports import views

app_name = "reports"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("people/", views.people, name="people"),
    path("people.csv", views.people_csv, name="people-csv"),
    path("recent/", views.recent, name="recent"),
    path("recent.csv", views.recent_csv, name="recent-csv"),
    path("over-time/", views.over_time, name="over-time"),
    path("over-time.csv", views.over_time_csv, name="over-time-csv"),
    path("test-message/", views.trial, name="trial"),
    path("delivery/", views.delivery, name="delivery"),
    path("delivery.csv", views.delivery_csv, name="delivery-csv"),
]
