"""Addresses of the helpdesk."""

from __future__ import annotations

from django.urls import path

from accounts.helpdesk import action_views, check_views, pass_views, second_views, views

app_name = "helpdesk"

PERSON = "people/<uuid:public_id>/"

urlpatterns = [
    path("", views.search, name="search"),
    path("waiting/<uuid:asked>/", second_views.decide, name="decide"),
    path(PERSON, views.person, name="person"),
    path(f"{PERSON}close/", views.close, name="close"),
    path(f"{PERSON}check/", check_views.check, name="check"),
    path(f"{PERSON}check/code/", check_views.read_out, name="code"),
    path(f"{PERSON}check/code/resend/", check_views.resend, name="code-resend"),
    path(f"{PERSON}check/code/status/", check_views.status, name="code-status"),
    path(f"{PERSON}methods/<uuid:method>/delete/", action_views.delete, name="delete"),
    path(f"{PERSON}reregister/", action_views.reregister, name="reregister"),
    path(f"{PERSON}end-sessions/", action_views.end_sessions, name="end-sessions"),
    path(f"{PERSON}pass/", pass_views.issue, name="pass"),
    path(f"{PERSON}explain/", views.explained, name="explain"),
    path(f"{PERSON}unlock/", action_views.unlock, name="unlock"),
    path(f"{PERSON}lift-freeze/", action_views.lift_freeze, name="lift-freeze"),
]
