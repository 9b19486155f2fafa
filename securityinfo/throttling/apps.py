"""The app that counts."""

from __future__ import annotations

from django.apps import AppConfig


class ThrottlingConfig(AppConfig):
    name = "securityinfo.throttling"
    label = "throttling"
