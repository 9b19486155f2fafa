"""What was reported with "This wasn't me"."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Disowning(models.Model):
    """One event that its person has disowned: its link works no more."""

    # By its number alone: events have their own end, and nothing may keep them.
    event = models.BigIntegerField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="disownings"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("disowned event")
        verbose_name_plural = _("disowned events")

    def __str__(self) -> str:
        return f"event {self.event}"
