"""What the processes leave behind so that others see them: a sign of life, a proof of each key."""

from __future__ import annotations

import uuid

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
