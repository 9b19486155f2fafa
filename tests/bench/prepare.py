"""Makes a person with a few methods and a session, among others; prints the session's key.

`python -m tests.bench.prepare 1000`: among a thousand people with three methods each.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "securityinfo.settings"
django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402 - after setup
from django.db import connection  # noqa: E402 - after setup
from django.utils import timezone  # noqa: E402 - after setup

from accounts.models import User  # noqa: E402 - after setup
from methods import registrations, registry  # noqa: E402 - after setup
from securityinfo.policy.models import MethodRule  # noqa: E402 - after setup
from tests.bench import copying, people, traces  # noqa: E402 - after setup

PART = 50_000  # people whom one process makes at a time
LETTERS = "abc"  # of a method each; their masks differ, as most people's do


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    MethodRule.objects.filter(kind="email").update(maximum=len(LETTERS))
    user = User.objects.create_user("bob", "bob@example.org", "bench-only-password")
    for letter in LETTERS:
        _register(user, f"{letter}@example.net", is_default=letter == LETTERS[0])
    others = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if others:
        _fill(others)
    sys.stdout.write(_session(user))


def _fill(count: int) -> None:
    """Two make people at once, where it is worth it: sealing takes one core, storing another."""
    connection.close()  # each has one of its own
    parts = [(start, min(PART, count - start)) for start in range(0, count, PART)]
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        list(pool.map(_fill_part, *zip(*parts, strict=True)))
    with copying.unchecked():
        traces.leave()
    copying.settle()


def _fill_part(first: int, count: int) -> None:
    with copying.unchecked():
        people.fill(count, first=first)


def _register(user: User, address: str, *, is_default: bool) -> None:
    method = registry.get("email")
    row = registrations.draft(user, method, method.enrol(user, {"address": address}))
    row.confirmed, row.confirmed_at, row.is_default = True, timezone.now(), is_default
    row.save()


def _session(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


if __name__ == "__main__":
    main()
