"""What a new key means for one person: the same value and the same trust under another name."""

from __future__ import annotations

from django.db import transaction

from accounts import trusted_browsers
from accounts.models import User
from methods import changes, fingerprints


@transaction.atomic
def renew(user: User) -> int | None:
    """Everything at once; how many methods were changed, None if that can't be."""
    changes.lock(user)
    trusted = trusted_browsers.what_binds(user)
    renewed = fingerprints.renew(user)
    trusted_browsers.bind_anew(user, trusted)
    return renewed
