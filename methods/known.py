"""What the organization knows beforehand of how to reach a person. It proves nothing (K1)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from methods.phone import PhoneNumber
from securityinfo import crypto
from securityinfo.text import mask_address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User

MOBILE, ALTERNATE, OFFICE, PRIVATE = "mobile", "alternate", "office", "private"
PHONES = (MOBILE, ALTERNATE, OFFICE)
LABELS: Mapping[str, StrOrPromise] = {
    MOBILE: _("Mobile phone"),
    ALTERNATE: _("Alternate phone"),
    OFFICE: _("Office phone"),
    PRIVATE: _("Private address"),
}


class Phone(TypedDict):
    """One of PHONES; `number` in its E.164 form."""

    number: str
    extension: str


Known = Mapping[str, Any]  # of PHONES each a Phone, PRIVATE an address; what isn't known is absent


class KnownContacts(models.Model):
    """One person's; a suggestion where a method is set up, and nothing anywhere else."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_contacts"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    details = crypto.EncryptedJSONField()

    class Meta:
        verbose_name = _("known contacts")
        verbose_name_plural = _("known contacts")

    def __str__(self) -> str:
        return f"known contacts of {self.user_id}"

    @property
    def opened(self) -> Known:
        """Nothing if it was damaged: there is no harm in typing a number."""
        try:
            return dict(self.details)
        except crypto.Damaged:
            return {}


def of(user: User) -> Known:
    found = KnownContacts.objects.filter(user=user).first()
    return found.opened if found else {}


def masks(known: Known) -> Iterator[tuple[StrOrPromise, str]]:
    """Label and mask of each, for whoever is not the owner (K5)."""
    for name, label in LABELS.items():
        if name in PHONES and name in known:
            yield label, PhoneNumber.stored(known[name]["number"]).mask
        elif name in known:
            yield label, mask_address(known[name])
