"""Files of people that were uploaded and looked at, but not imported yet."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from securityinfo.crypto import EncryptedJSONField

if TYPE_CHECKING:
    from accounts.models import User

KEPT = timedelta(hours=24)


class PeopleFileQuerySet(models.QuerySet["PeopleFile"]):
    def of(self, user: User) -> PeopleFileQuerySet:
        return self.filter(by=user)

    def over(self) -> PeopleFileQuerySet:
        return self.filter(created_at__lt=Now() - KEPT)


class PeopleFile(models.Model):
    """One administrator's, until it is imported or given up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="people_files")
    created_at = models.DateTimeField(db_default=Now())
    content = EncryptedJSONField(bound_to="id")  # its text: names, numbers and addresses

    objects: ClassVar[PeopleFileQuerySet] = PeopleFileQuerySet.as_manager()  # type: ignore[assignment]  # a manager of this queryset

    def __str__(self) -> str:
        return str(self.id)
