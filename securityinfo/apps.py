"""The project itself as an application, and its administration."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.contrib.auth import apps as auth_apps
from django.utils.translation import gettext_lazy as _

from securityinfo import keyring, production
from securityinfo.celery import app as celery_app


class SecurityInfoConfig(AppConfig):
    name = "securityinfo"
    default = True
    celery_app = celery_app  # the default one in every process: pages publish, too

    def ready(self) -> None:
        keyring.key_ring()  # a wrong key stops the start, not a request
        if settings.PRODUCTION:
            keyring.refuse_known_keys()
            production.refuse_unsafe_settings()


class AdminConfig(admin_apps.AdminConfig):
    """Django's administration with a site of ours."""

    default = False  # of two in this module, "securityinfo" means the one above
    default_site = "securityinfo.admin_site.SecurityInfoAdminSite"


class AuthConfig(auth_apps.AuthConfig):
    """Django's groups under their own name: nothing else of it is in the administration."""

    default = False
    verbose_name = _("Groups")
