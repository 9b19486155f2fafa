"""What people registered, and the requests for proof of it."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager, TimestampMixin

from methods import references, registry
from methods.base import Method, Prompt, Purpose
from methods.known import KnownContacts as KnownContacts  # a table like the others
from methods.outcomes import Keyed, Outcome
from securityinfo import clock, crypto, times

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User

__all__ = ["Challenge", "Keyed", "Outcome", "Registration", "RegistrationQuerySet"]

ENTERED_WITHIN = timedelta(minutes=30)
NEVER_COUNTED = -1  # before the first time step or signature count


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def confirmed(self) -> RegistrationQuerySet:
        """Only these are offered, counted, shown, told or used."""
        return self.filter(confirmed=True)

    def of(self, user: User) -> RegistrationQuerySet:
        return self.filter(user=user)

    def on(self, channels: Collection[str]) -> RegistrationQuerySet:
        """Those that prove one of these channels, named by their fingerprints."""
        return self.filter(channel__in=channels)

    def under_way(self) -> RegistrationQuerySet:
        return self.filter(confirmed=False)

    def just_entered(self) -> RegistrationQuerySet:
        """Under way for no longer than a flow lasts, the latest one first."""
        since = clock.now() - ENTERED_WITHIN
        return self.under_way().filter(created_at__gt=since).order_by("-pk")

    def named(self) -> RegistrationQuerySet:
        """Those of kinds that people name."""
        return self.exclude(name="")

    def in_flow(self, *flows: str) -> RegistrationQuerySet:
        """Set up in any of these."""
        return self.filter(challenges__flow__in=flows).distinct()

    def reached_by(self, channel: str, destination: str) -> RegistrationQuerySet:
        """Whosever they are: those at this destination whose kind sends by this channel."""
        kinds = [method.kind for method in registry.all_methods() if method.sends == channel]
        return self.filter(channel=destination, kind__in=kinds)


class RegistrationManager(DeviceManager.from_queryset(RegistrationQuerySet)):  # type: ignore[misc]  # built by Django at run time
    pass


class Registration(TimestampMixin, Device):
    """One registered way of one person: this number, that app.

    From django-otp: user, name, confirmed, created_at, last_used_at.
    """

    created_at = models.DateTimeField(default=clock.now, null=True, blank=True, editable=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.SlugField(max_length=40)
    details = crypto.EncryptedJSONField(bound_to="uuid")
    fingerprint = models.CharField(max_length=43, blank=True, editable=False)
    channel = models.CharField(max_length=43, blank=True, editable=False)
    last_counter = models.BigIntegerField(default=NEVER_COUNTED, editable=False)
    is_default = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    trusted_from = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    # A reset has proved this channel alone: until then it is no second step (PR8).
    held_until = models.DateTimeField(null=True, blank=True, editable=False)
    # What the provider said when it refused the number for good; empty while it can be reached.
    undeliverable = models.CharField(max_length=20, blank=True, editable=False)
    undeliverable_at = models.DateTimeField(null=True, blank=True, editable=False)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replacements"
    )

    siblings: Iterable[Registration] = ()  # the person's methods, where they were read together

    objects: ClassVar[RegistrationManager] = RegistrationManager()

    class Meta:
        verbose_name = _("method")
        verbose_name_plural = _("methods")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "fingerprint"],
                condition=Q(confirmed=True) & ~Q(fingerprint=""),
                name="methods_same_value_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(confirmed=True) & ~Q(name=""),
                name="methods_name_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="methods_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(confirmed=True),
                name="methods_default_is_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["channel"], name="methods_channel"),
            models.Index(
                fields=["created_at"], condition=Q(confirmed=False), name="methods_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @cached_property
    def method(self) -> Method:
        """Raises registry.UnknownKind if the kind's folder is gone."""
        return registry.get(self.kind)

    @property
    def label(self) -> str:
        """What kind it is; the bare slug if the kind's folder is gone."""
        return str(self.method.label) if registry.has(self.kind) else self.kind

    @property
    def summary(self) -> str:
        """Masked: safe to show anywhere. Empty where the label says it all, or nothing is known."""
        if not registry.has(self.kind):
            return self.name
        if self.name:
            return "" if self.name in registry.labels_of(self.kind) else self.name
        return "" if self.is_damaged else self.method.summary(self.details)

    @property
    def shown(self) -> StrOrPromise:
        """The summary as its person reads it, told apart from a twin of the same mask."""
        twins = self._twins
        if not twins:
            return self.summary
        moment = times.apart_lazy(self.added_at, [each.added_at for each in twins])
        added = format_lazy(_("added {moment}"), moment=moment)
        return format_lazy("{} ({})", self.summary, added) if self.summary else added

    @cached_property
    def _twins(self) -> list[Registration]:
        others = [each for each in self.siblings if each.kind == self.kind and each.id != self.id]
        if not others or not registry.has(self.kind):
            return []
        summary = self.summary
        return [each for each in others if each.summary == summary]

    @cached_property
    def is_damaged(self) -> bool:
        """Its sealed details don't open any more; the log has said so."""
        try:
            _opened = self.details
        except crypto.Damaged:
            return True
        return False

    @property
    def added_at(self) -> datetime:
        """When it was proved; a registration under way is younger than everything."""
        return self.confirmed_at or clock.now()

    def is_new(self, now: datetime | None = None) -> bool:
        """In its first hours a method added beside others is not yet fully trusted."""
        return self.trusted_from is not None and self.trusted_from > (now or clock.now())

    def is_held(self, now: datetime | None = None) -> bool:
        """For some hours one channel doesn't open both doors."""
        return self.held_until is not None and self.held_until > (now or clock.now())


def new_nonce() -> bytes:
    return secrets.token_bytes(16)


# Not by `closed_at`, whose index would mislead a statement about one challenge.
IS_OPEN = Q(outcome="") & Q(expires_at__gt=Now())


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def open(self) -> ChallengeQuerySet:
        """Neither answered nor ended nor expired, by the database's clock."""
        return self.filter(IS_OPEN)

    def with_openness(self) -> ChallengeQuerySet:
        """Each can say by `was_open` what `open` said in the moment it was read."""
        return self.annotate(open_when_read=ExpressionWrapper(IS_OPEN, models.BooleanField()))

    def as_read(self, challenge: Challenge) -> ChallengeQuerySet:
        """This one, if it is open and nothing newer was sent for it meanwhile."""
        return self.open().filter(pk=challenge.pk, generation=challenge.generation)

    def asking(self, registration: Registration, purpose: str) -> ChallengeQuerySet:
        """Those of the same person, purpose and registration; one of them at most is not closed."""
        return self.filter(user=registration.user_id, purpose=purpose, registration=registration)

    def for_proof_of(self, registration: Registration) -> ChallengeQuerySet:
        return self.filter(registration=registration)

    def close(self, outcome: Outcome) -> int:
        """End those that are not closed yet; the number of rows is the verdict."""
        return self.filter(outcome="").update(closed_at=Now(), outcome=outcome)


class Challenge(models.Model):
    """One request to prove one method, for one purpose, in one browser. Never holds a code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="challenges")
    purpose = models.CharField(max_length=10)
    flow = models.CharField(max_length=64)
    destination = models.CharField(max_length=43, blank=True)
    nonce = models.BinaryField(max_length=16, default=new_nonce, editable=False)
    generation = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    keyed = models.CharField(max_length=5, choices=Keyed, blank=True)
    max_tries = models.PositiveSmallIntegerField()
    context = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    issued_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    objects: ClassVar[ChallengeQuerySet] = ChallengeQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    class Meta:
        verbose_name = _("challenge")
        verbose_name_plural = _("challenges")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "purpose", "registration"],
                condition=Q(closed_at=None),
                name="methods_one_open_challenge",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="") | ~Q(closed_at=None) & ~Q(outcome=""),
                name="methods_closed_with_an_outcome",
            ),
        ]
        indexes = [models.Index(fields=["user", "destination", "created_at"])]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"

    @property
    def reference(self) -> str:
        """The same on the page and in the message, another one for each resend."""
        return references.of(bytes(self.nonce), self.generation)

    @property
    def was_open(self) -> bool:
        """By the database's clock, at one moment with everything else that was read of it."""
        return bool(vars(self)["open_when_read"])

    @property
    def is_keyed_right(self) -> bool:
        """The phone has given the right answer; the page that waits for it may go on."""
        return self.keyed == Keyed.RIGHT

    def prompt(self, details: Mapping[str, Any], person_name: str = "") -> Prompt:
        """This challenge as its kind sees it."""
        return Prompt(
            id=self.id,
            nonce=bytes(self.nonce),
            generation=self.generation,
            purpose=Purpose(self.purpose),
            details=details,
            context=self.context,
            reference=self.reference,
            expires_at=self.expires_at,
            person_name=person_name,
        )
