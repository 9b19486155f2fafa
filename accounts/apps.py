"""The app of the people."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Models are there only now.
        from accounts import passes, sessions
        from methods.signals import security_info_changed

        security_info_changed.connect(
            sessions.after_security_info_changed, dispatch_uid="accounts.end_other_sessions"
        )
        security_info_changed.connect(
            passes.after_security_info_changed, dispatch_uid="accounts.pass_no_longer_asked_for"
        )
