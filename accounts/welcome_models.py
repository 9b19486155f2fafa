"""Welcome links: where an administrator whom the server has made chooses the first password."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WelcomeQuerySet(models.QuerySet["Welcome"]):
    def open(self) -> WelcomeQuerySet:
        """Those that still work: nobody has come in on this account in any other way, either."""
        waiting = models.Q(
            user__is_active=True,
            user__frozen_at=None,
            user__last_sign_in_at=None,
            user__password__startswith=UNUSABLE_PASSWORD_PREFIX,
        )
        return self.filter(waiting, expires_at__gt=Now())

    def over(self) -> WelcomeQuerySet:
        return self.filter(expires_at__lt=Now())


class Welcome(models.Model):
    """One link for one person, replaced by the next. Its token is in the link, the digest here."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="welcome"
    )
    digest = models.CharField(max_length=43, unique=True)
    expires_at = models.DateTimeField()

    objects: ClassVar[WelcomeQuerySet] = WelcomeQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("welcome link")
        verbose_name_plural = _("welcome links")

    def __str__(self) -> str:
        return f"welcome link of {self.user_id}"
