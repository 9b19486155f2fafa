"""What an administrator has entered and not yet saved: between the form and the preview."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from securityinfo.policy.version_models import LONGEST_REASON

KEPT = timedelta(days=1)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def outlived(self) -> ProposalQuerySet:
        return self.filter(created_at__lt=Now() - KEPT)


class Proposal(models.Model):
    """Changes of the policy that somebody looks at before they are saved; theirs alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    # New values by name, see `draft.State`: what somebody else changes meanwhile stays.
    changes = models.JSONField()
    reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    restores = models.PositiveIntegerField(null=True)
    # The cautions that were ticked on the page before.
    understood = models.JSONField(default=list)
    # Another logo, none if it is empty; null where it stays.
    logo = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=20, blank=True)

    objects: ClassVar[ProposalQuerySet] = ProposalQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    def __str__(self) -> str:
        return f"proposal {self.id}"

    @property
    def new_logo(self) -> tuple[bytes, str] | None:
        return None if self.logo is None else (bytes(self.logo), self.logo_type)
