"""The app of everything that leaves the house."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register

from securityinfo.messaging import checks


class MessagingConfig(AppConfig):
    name = "securityinfo.messaging"
    label = "messaging"
    verbose_name = "Messages"

    def ready(self) -> None:
        register(checks.plain_mail_stays_at_home)
        register(checks.nothing_of_the_tests_in_production)
