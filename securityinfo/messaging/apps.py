"""The app of everything that leaves the house."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from securityinfo.messaging import checks


class MessagingConfig(AppConfig):
    name = "securityinfo.messaging"
    label = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        register(checks.plain_mail_stays_at_home)
        register(checks.texts_name_our_site)
        for error in checks.nothing_of_the_tests_in_production():
            raise ImproperlyConfigured(error.msg)  # web server and worker run no checks
