"""The project itself as an application, and its administration."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _

from securityinfo import keyring, production
from securityinfo.celery import app as celery_app


class SecurityInfoConfig(AppConfig):
    name = "securityinfo"
    default = True
    celery_app = celery_app  # the default one in every process: pages publish, too

    def ready(self) -> None:
        keyring.key_ring()  # a wrong key stops the start, not a request
        # All that the administration shows of it; "Authentication and Authorization" says more.
        apps.get_app_config("auth").verbose_name = _("Groups")
        if settings.PRODUCTION:
            keyring.refuse_known_keys()
            production.refuse_unsafe_settings()


class AdminConfig(admin_apps.AdminConfig):
    """Django's administration with a site of ours."""

    default = False  # of two in this module, "securityinfo" means the one above
    default_site = "securityinfo.admin_site.SecurityInfoAdminSite"
