"""What happened: events that are only ever added, and the chain that shows it."""

from __future__ import annotations

import json
import uuid
from operator import attrgetter
from typing import Any, NoReturn

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

STAMPED = (
    "tag",
    "result",
    "reason",
    "actor_role",
    "kind",
    "masked",
    "purpose",
    "request_id",
    "policy_version",
    "facts",
)
_stamped = attrgetter(*STAMPED)


class AppendOnly(Exception):
    """Rows of the audit log are not changed or deleted; only retention removes old ones."""


class AppendOnlyQuerySet(models.QuerySet):
    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise AppendOnly(f"{self.model.__name__} is append-only.")

    update = delete = bulk_update = _refuse


class AppendOnlyModel(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(f"{type(self).__name__} is append-only.")
        super().save(*args, **kwargs | {"force_insert": True})

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise AppendOnly(f"{type(self).__name__} is append-only.")


class Event(AppendOnlyModel):
    """One thing that happened. People are named by their public id, contacts by their mask."""

    class Result(models.TextChoices):
        OK = "ok", _("OK")
        REFUSED = "refused", _("Refused")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    tag = models.CharField(_("name"), max_length=50)
    result = models.CharField(_("result"), max_length=10, choices=Result, default=Result.OK)
    reason = models.CharField(_("reason"), max_length=50, blank=True)
    actor = models.UUIDField(_("by"), null=True, blank=True)
    actor_role = models.CharField(_("role"), max_length=20, blank=True)
    subject = models.UUIDField(_("person"), null=True, blank=True)
    kind = models.CharField(_("method kind"), max_length=50, blank=True)
    masked = models.CharField(_("value"), max_length=300, blank=True)
    purpose = models.CharField(_("purpose"), max_length=20, blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    policy_version = models.PositiveIntegerField(_("policy version"), default=0)
    facts = models.JSONField(_("details"), default=dict, blank=True)
    # By the application when it writes: a row that somebody else inserted has none that fits.
    stamp_key = models.CharField(max_length=50, editable=False)
    stamp = models.BinaryField(max_length=32, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["subject", "-id"], name="audit_event_subject"),
            models.Index(fields=["actor", "-id"], name="audit_event_actor"),
            models.Index(fields=["tag", "-id"], name="audit_event_tag"),
            models.Index(fields=["request_id"], name="audit_event_request"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.result}"

    @property
    def address(self) -> str:
        """The network address; empty when retention has removed it."""
        return self._origin.address if self._origin else ""

    @property
    def browser(self) -> str:
        return self._origin.browser if self._origin else ""

    @property
    def _origin(self) -> EventOrigin | None:
        return getattr(self, "origin", None)

    def stamped_bytes(self) -> bytes:
        """What the application vouches for when it writes the event: all but id and time."""
        values = dict(zip(STAMPED, _stamped(self), strict=True))
        people = {name: str(getattr(self, name) or "") for name in ("uuid", "actor", "subject")}
        return _canonical(values | people)

    def sealed_bytes(self, stamped: bytes) -> bytes:
        """The whole row, as the chain seals it; `stamped` is what stamped_bytes() has given."""
        row = {"id": self.pk, "at": self.at.isoformat(), "stamp": bytes(self.stamp).hex()}
        return stamped + _canonical(row | {"stamp_key": self.stamp_key})


class EventOrigin(AppendOnlyModel):
    """Where an event came from: beside the chain, so that retention may remove it earlier."""

    event = models.OneToOneField(
        Event,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="origin",
        primary_key=True,
    )
    address = models.CharField(_("network address"), max_length=45, blank=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("origin of an event")
        verbose_name_plural = _("origins of events")

    def __str__(self) -> str:
        return self.browser


class Seal(AppendOnlyModel):
    """One link of the chain; positions have no gap, and each mac covers the one before it."""

    position = models.BigIntegerField(primary_key=True)
    # No constraint: the verifier has to be able to say that an event is gone.
    event = models.OneToOneField(Event, models.DO_NOTHING, db_constraint=False, related_name="seal")
    key_id = models.CharField(max_length=50)
    mac = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.position)


class Mark(AppendOnlyModel):
    """Signed: retention has removed everything up to this position, on purpose."""

    position = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    mac = models.BinaryField(max_length=32)  # of the last seal removed: the chain goes on from it
    key_id = models.CharField(max_length=50)
    signature = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.position)

    def signed_bytes(self) -> bytes:
        return _canonical({"mark": self.position, "mac": bytes(self.mac).hex()})


class Head(models.Model):
    """Signed: where the chain ends. The one audit row that changes, and only forward."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    mac = models.BinaryField(max_length=32, default=b"")
    # Every event up to this id has its seal; one that turns up later was not written by us.
    settled = models.BigIntegerField(default=0)
    key_id = models.CharField(max_length=50)
    signature = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        return str(self.position)

    def signed_bytes(self) -> bytes:
        mac = bytes(self.mac).hex()
        return _canonical({"head": self.position, "mac": mac, "settled": self.settled})


# Made once: verifying spells each event twice.
_SPELLING = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _canonical(values: dict[str, object]) -> bytes:
    """One spelling for the same values, whichever database they come from."""
    return _SPELLING.encode(values).encode()
