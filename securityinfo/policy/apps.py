"""What the organization allows."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.core.signals import request_finished, request_started
from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _

from securityinfo.messaging import letterhead


class PolicyConfig(AppConfig):
    name = "securityinfo.policy"
    verbose_name = _("Organization")

    def ready(self) -> None:
        # Models exist only from here on.
        from securityinfo.policy import checks, initial, memory, models, stationery

        register(checks.kinds_to_be_careful_with, Tags.security, deploy=True)
        letterhead.use(stationery.letterhead)
        request_started.connect(memory.begin, dispatch_uid="policy")
        request_finished.connect(memory.end, dispatch_uid="policy")
        post_migrate.connect(initial.ensure_policy, sender=self, dispatch_uid="policy")
        for groups in (
            models.MethodRule.include_groups,
            models.MethodRule.exclude_groups,
            models.OrgPolicy.reset_groups,
        ):
            m2m_changed.connect(models.renew_token, sender=groups.through)
        for signal in (post_save, post_delete):  # a group that goes takes its place along
            signal.connect(models.renew_token, sender=models.GroupPart)
