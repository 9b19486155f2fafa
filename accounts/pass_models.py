"""Temporary access passes: what is kept of what an agent has read out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from securityinfo import clock

if TYPE_CHECKING:
    from accounts.models import User

KEPT = timedelta(hours=24)
SESSION_LASTS = timedelta(minutes=15)  # enough to set up two methods (SE4)


class TemporaryPassQuerySet(models.QuerySet["TemporaryPass"]):
    def of(self, user: User) -> TemporaryPassQuerySet:
        return self.filter(user=user)

    def open(self) -> TemporaryPassQuerySet:
        """Not ended: unused, or its session may still go on. One at most for each person."""
        return self.filter(ended_at=None)

    def live(self) -> TemporaryPassQuerySet:
        """Those that still open a sign-in, by the database's clock."""
        return self.open().filter(used_at=None, expires_at__gt=Now())

    def for_reset(self) -> TemporaryPassQuerySet:
        """Those that are the first check of a reset, which they are once."""
        return self.live().filter(sets_password=True, reset_at=None)

    def carrying(self) -> TemporaryPassQuerySet:
        """Those whose session goes on: it ends with the pass, and after a quarter of an hour."""
        return self.open().filter(used_at__gt=Now() - SESSION_LASTS, expires_at__gt=Now())

    def run_out(self) -> TemporaryPassQuerySet:
        """Those that time has ended, and nobody has noted it."""
        return self.open().filter(Q(expires_at__lte=Now()) | Q(used_at__lte=Now() - SESSION_LASTS))

    def over(self) -> TemporaryPassQuerySet:
        return self.filter(created_at__lt=Now() - KEPT)


class TemporaryPass(models.Model):
    """One pass of one person. Only a keyed hash of it is here; who reads this table can't use it.

    `sets_password`: it was issued for a new password, and then for the sign-in that follows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    digest = models.CharField(max_length=43)
    sets_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    expires_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True)  # it was the first check of a reset
    used_at = models.DateTimeField(null=True)  # it opened a sign-in
    used_in = models.CharField(max_length=64, blank=True)  # which: a double click is one use
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[TemporaryPassQuerySet] = TemporaryPassQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("temporary access pass")
        verbose_name_plural = _("temporary access passes")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="accounts_one_pass_per_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(ended_at=None), name="accounts_passes_open"
            ),
        ]

    def __str__(self) -> str:
        return f"pass of {self.user_id}"

    @property
    def carries_until(self) -> datetime:
        """When the session that it has just opened is over."""
        return min(self.expires_at, clock.now() + SESSION_LASTS)
