"""Makes the floor's requests for its second step, and for the first page of its reset."""

from __future__ import annotations

import os
from collections.abc import Iterator

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.floor.settings"
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - after setup
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402 - after setup
from django.contrib.sessions.models import Session  # noqa: E402 - after setup
from django.utils import timezone  # noqa: E402 - after setup

from tests.bench import posts, sites  # noqa: E402 - after setup
from tests.bench.floor.prepare import CODE, PEOPLE  # noqa: E402 - after setup

EXPIRES = timezone.now().replace(year=timezone.now().year + 1)


def right(count: int, first: int) -> Iterator[str]:
    return _verify(count, first, CODE)


def wrong(count: int, first: int) -> Iterator[str]:
    return _verify(count, first, "000000")


def forgotten(count: int, first: int) -> Iterator[str]:
    """Wrong, and nothing is written: less than any second step may do."""
    return _verify(count, first, "000000", forget="yes")


def reset(count: int, first: int) -> Iterator[str]:
    form = {"csrfmiddlewaretoken": sites.CSRF}
    for number in range(first, first + count):
        name = f"person{number % PEOPLE:06}"
        yield posts.post("/reset/", form | {"name": name}, {"csrftoken": sites.CSRF}, number=number)


def _verify(count: int, first: int, code: str, **more: str) -> Iterator[str]:
    people = get_user_model().objects.exclude(username="bob").order_by("pk")
    start = first % max(PEOPLE - count, 1)
    store, sessions = SessionStore(), []
    for user in people[start : start + count]:
        key = store._get_new_session_key()
        data = store.encode({"person": user.pk})
        sessions.append(Session(session_key=key, session_data=data, expire_date=EXPIRES))
    Session.objects.bulk_create(sessions)
    form = {"csrfmiddlewaretoken": sites.CSRF, "code": code} | more
    for number, session in enumerate(sessions):
        cookies = {"sessionid": session.session_key, "csrftoken": sites.CSRF}
        yield posts.post("/verify/", form, cookies, number=number)


if __name__ == "__main__":
    posts.serve({"right": right, "wrong": wrong, "forgotten": forgotten, "reset": reset})
