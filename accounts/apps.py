"""The app of the people."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Models are there only now.
        from django.contrib.auth.models import Group

        from accounts import duties, impact, passes, sessions, staff_news
        from accounts.models import User
        from methods.signals import security_info_changed
        from securityinfo.policy import changes, effects

        effects.use(impact.affected)
        changes.on_saved(staff_news.tell_policy_saved)
        security_info_changed.connect(
            sessions.after_security_info_changed, dispatch_uid="accounts.end_other_sessions"
        )
        security_info_changed.connect(
            passes.after_security_info_changed, dispatch_uid="accounts.pass_no_longer_asked_for"
        )
        post_migrate.connect(duties.ensure_groups, sender=self, dispatch_uid="accounts.duties")
        m2m_changed.connect(duties.after_groups_changed, sender=User.groups.through)
        m2m_changed.connect(duties.after_permissions_changed, sender=Group.permissions.through)
        post_delete.connect(duties.after_permissions_changed, sender=Group)
