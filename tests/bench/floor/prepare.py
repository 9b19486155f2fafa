"""Makes the floor's tables, a person with notes and a session, and others; prints the key."""

from __future__ import annotations

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.floor.settings"
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402 - after setup
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 - after setup
from django.core.management import call_command  # noqa: E402 - after setup

from tests.bench.floor.models import Note  # noqa: E402 - after setup

CODE = "123456"
PEOPLE = 1_000


def main() -> None:
    call_command("migrate", "auth", verbosity=0)  # before the table that refers to it
    call_command("migrate", run_syncdb=True, verbosity=0)
    user = get_user_model().objects.create_user("bob")
    Note.objects.bulk_create(Note(user=user, text=f"Note {number}") for number in range(3))
    others = [get_user_model()(username=f"person{number:06}") for number in range(PEOPLE)]
    get_user_model().objects.bulk_create(others)
    Note.objects.bulk_create(Note(user=other, text=CODE) for other in others)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    sys.stdout.write(session.session_key)


if __name__ == "__main__":
    main()
