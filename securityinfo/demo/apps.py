"""The demo organization, its simulated phone and mailbox; never installed in production."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "securityinfo.demo"
    label = "demo"
    verbose_name = _("Demo")
