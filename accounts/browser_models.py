"""Browsers of a person: those in which a sign-in was completed, and those that are trusted."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from securityinfo import user_agent

if TYPE_CHECKING:
    from accounts.models import User


class KnownBrowser(models.Model):
    """A browser in which this person completed a sign-in; its cookie's value is not stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_browsers"
    )
    digest = models.CharField(max_length=43, db_index=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name = _("known browser")
        verbose_name_plural = _("known browsers")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "digest"], name="accounts_browser_known_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"browser of {self.user_id}"


class TrustedBrowserQuerySet(models.QuerySet["TrustedBrowser"]):
    def of(self, user: User) -> TrustedBrowserQuerySet:
        return self.filter(user=user).order_by("-created_at", "-pk")

    def younger_than(self, days: int) -> TrustedBrowserQuerySet:
        """Judged by the policy of today: fewer days end those there are."""
        return self.filter(created_at__gt=Now() - timedelta(days=days))


class TrustedBrowser(models.Model):
    """A browser in which the second step isn't asked for; its cookie's values are not stored."""

    LONGEST: ClassVar = 365  # days: the most that the policy can give

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="trusted_browsers"
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    series = models.CharField(max_length=43, unique=True)  # digest; stays
    token = models.CharField(max_length=43)  # digest; another one after every use
    used_by = models.CharField(max_length=43, blank=True)  # the form whose sending used it last
    bound_to = models.CharField(max_length=43)  # password and methods, see trusted_browsers.py
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    last_used_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[TrustedBrowserQuerySet] = TrustedBrowserQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("trusted browser")
        verbose_name_plural = _("trusted browsers")

    def __str__(self) -> str:
        return f"trusted browser of {self.user_id}"

    @property
    def in_words(self) -> str:
        """ "Firefox on Windows"."""
        return user_agent.translated(self.browser) or str(_("Unknown browser"))
