"""The app for those who run the installation."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "securityinfo.operations"
    label = "operations"
