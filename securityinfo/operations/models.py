"""What the processes leave behind for those who look after them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from securityinfo.crypto import EncryptedJSONField


class Heartbeat(models.Model):
    """When the scheduler, or a worker of some queue, was last seen; by the database's clock."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class KeyProof(models.Model):
    """A value sealed by one key: whoever can't open it has another key under that id."""

    key_id = models.CharField(max_length=16, primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = EncryptedJSONField(bound_to="uuid")

    def __str__(self) -> str:
        return self.key_id


class Tally(models.Model):
    """How often something has happened since the installation began; only the scheduler counts."""

    tag = models.CharField(max_length=50)
    result = models.CharField(max_length=10)
    kind = models.CharField(max_length=50, blank=True)
    total = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tag", "result", "kind"], name="operations_one_tally"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.result} {self.kind}".strip()


class Counted(models.Model):
    """Up to which position of the audit chain events are counted: each of them once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="operations_one_position"),
        ]

    def __str__(self) -> str:
        return str(self.position)
