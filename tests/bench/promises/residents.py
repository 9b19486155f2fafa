"""People who take part: in a database that is filled, some get a password and a browser.

Runs in a process of the installation: `move_in` prints what those outside need to know.
"""

from __future__ import annotations

import json
import secrets
import sys
from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts import passwords
from accounts.models import KnownBrowser, User
from accounts.session_store import SessionStore, digest
from accounts.signin import BACKEND
from methods.models import Registration
from securityinfo.policy.models import MethodRule, OrgPolicy
from tests import kinds
from tests.bench import copying, sites


def move_in(*, apps: int, texts: int, readers: int) -> None:
    """So many with an authenticator app, with a phone that is texted, and signed in already."""
    _open_policy()
    everybody = {
        "apps": _with_default("authenticator", apps),
        "texts": _with_default("sms", texts),
    }
    keys = [row.user_id for rows in everybody.values() for row in rows]
    # One hash for all: comparing with it costs each of them the same.
    User.objects.filter(pk__in=keys).update(password=passwords.encoded(sites.PASSWORD))
    told: dict[str, Any] = {name: list(map(_told, rows)) for name, rows in everybody.items()}
    copying.insert(KnownBrowser, map(_browser, keys, _known_in(told)))
    told["sessions"] = [_session(row.user_id) for row in everybody["apps"][:readers]]
    json.dump(told, sys.stdout)


def _open_policy() -> None:
    """Everything is allowed to everybody, and as many texts as anybody sends here."""
    policy = OrgPolicy.objects.get()
    policy.messages_per_day = 1_000_000
    policy.save()
    for kind in ("authenticator", "sms", "email"):
        kinds.allow(kind)
    for rule in MethodRule.objects.all():
        rule.include_everyone = True
        rule.include_groups.clear()
        rule.exclude_groups.clear()
        rule.save()


def _with_default(kind: str, count: int) -> list[Registration]:
    chosen = Registration.objects.filter(
        kind=kind, is_default=True, user__username__startswith="person"
    )
    found = list(chosen.select_related("user").order_by("pk")[:count])
    assert len(found) == count, f"there are {len(found)} people with {kind}, not {count}"
    return found


def _told(row: Registration) -> dict[str, str]:
    details = row.details
    return {
        "name": row.user.username,
        "secret": details.get("key") or details["number"],
        "public_id": str(row.user.public_id),
        "known_browser": secrets.token_hex(16),
    }


def _known_in(told: dict[str, Any]) -> list[str]:
    return [each["known_browser"] for people in told.values() for each in people]


def _browser(user: int, key: str) -> KnownBrowser:
    """Known for long enough to have counters of its own."""
    then = timezone.now() - timedelta(days=2)
    return KnownBrowser(user_id=user, digest=digest(key), created_at=then, last_used_at=then)


def _session(key: int) -> str:
    user, session = User.objects.get(pk=key), SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key or ""
