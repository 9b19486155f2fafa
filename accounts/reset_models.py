"""A password reset under way, and the right to set a password that it may end in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.pass_models import TemporaryPass
from methods.first_check import Shown
from methods.models import Registration, new_nonce
from securityinfo import crypto
from securityinfo.actor import Actor, Origin

if TYPE_CHECKING:
    from accounts.models import User

KEPT = timedelta(hours=24)
PUBLISHED_WITHIN = timedelta(seconds=5)  # longer than a worker that was told needs to take it


class PasswordResetQuerySet(models.QuerySet["PasswordReset"]):
    def waiting(self) -> PasswordResetQuerySet:
        """Those for which something is to be sent, while it is of use."""
        return self.filter(is_waiting=True, expires_at__gt=Now())

    def left_behind(self) -> PasswordResetQuerySet:
        """Waiting for so long that no worker can have been told."""
        return self.waiting().filter(issued_at__lt=Now() - PUBLISHED_WITHIN)

    def take(self, reset_id: uuid.UUID) -> PasswordReset | None:
        """The one for which something is to be sent, for one caller; None for every other."""
        if not self.waiting().filter(pk=reset_id).update(is_waiting=False):
            return None
        return self.filter(pk=reset_id).first()

    def as_read(self, reset: PasswordReset) -> PasswordResetQuerySet:
        """This one, if nothing was proved, chosen or sent for it meanwhile."""
        return self.filter(pk=reset.pk, user=None, way=reset.way, code_id=reset.code_id)

    def proved(self) -> PasswordResetQuerySet:
        """Those that know whose they are."""
        return self.exclude(user=None)

    def over(self) -> PasswordResetQuerySet:
        return self.filter(created_at__lt=Now() - KEPT)


class PasswordReset(models.Model):
    """One reset in one browser; the same row whoever was named, if anybody at all.

    The person is in it once the first check is passed, and not before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # {"name": what was typed, "address", "browser", "request": where it came from}
    asked = crypto.EncryptedJSONField(bound_to="id")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    is_limited = models.BooleanField(default=False)  # begun once too often: nothing is sent

    # --- The first check, as the page shows it ---
    way = models.SlugField(max_length=40, blank=True, db_index=False)  # the kind that was chosen
    sent_way = models.SlugField(max_length=40, blank=True, db_index=False)  # the last that sends
    line = models.CharField(max_length=43, blank=True)  # fingerprint of the number it was sent to
    code_id = models.UUIDField(default=uuid.uuid4)
    nonce = models.BinaryField(max_length=16, default=new_nonce)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    sends = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    is_waiting = models.BooleanField(default=False)  # for a worker to send it

    # --- What it has proved ---
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE)
    epoch = models.PositiveIntegerField(default=0)  # the person's access_epoch at that moment
    first = models.ForeignKey(
        Registration, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    second = models.ForeignKey(
        Registration, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    # A temporary access pass in place of both (TP3).
    by_pass = models.ForeignKey(TemporaryPass, null=True, on_delete=models.CASCADE, db_index=False)

    objects: ClassVar[PasswordResetQuerySet] = PasswordResetQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("password reset")
        verbose_name_plural = _("password resets")
        indexes = [
            models.Index(
                fields=["issued_at"],
                condition=Q(is_waiting=True),
                name="accounts_resets_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"password reset {self.id}"

    @property
    def name(self) -> str:
        """What was typed."""
        return str(self.asked["name"])

    @property
    def visitor(self) -> Actor:
        """Who began it."""
        asked = self.asked
        return Actor(origin=Origin(asked["request"], asked["address"], asked["browser"]))

    @property
    def flow(self) -> str:
        """What its challenges name as theirs."""
        return f"reset-{self.id.hex}"

    @property
    def shown(self) -> Shown:
        """What the page of the first check is about."""
        return Shown(self.code_id, bytes(self.nonce), self.issued_at, self.expires_at)

    @property
    def checks(self) -> tuple[Registration, ...]:
        """The methods that have proved the person so far."""
        return tuple(each for each in (self.first, self.second) if each is not None)


class ResetRightQuerySet(models.QuerySet["ResetRight"]):
    def of(self, user: User) -> ResetRightQuerySet:
        return self.filter(user=user)

    def unused(self) -> ResetRightQuerySet:
        return self.filter(used_at=None, expires_at__gt=Now())

    def over(self) -> ResetRightQuerySet:
        return self.filter(created_at__lt=Now() - KEPT)


class ResetRight(models.Model):
    """The right to set one person's password, once. Its token is in a cookie, only the digest here.

    `password` is the stored hash that it may replace: after any other change it is worth nothing.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    reset = models.ForeignKey(PasswordReset, on_delete=models.CASCADE)
    digest = models.CharField(max_length=43, unique=True)
    password = models.CharField(max_length=128)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects: ClassVar[ResetRightQuerySet] = ResetRightQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("right to set a password")
        verbose_name_plural = _("rights to set a password")

    def __str__(self) -> str:
        return f"right of {self.user_id}"
