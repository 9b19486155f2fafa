"""Fills a database with people who have three confirmed methods each, sealed as in life."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from methods import registrations, registry
from methods.models import Registration
from methods.phone import Line, PhoneNumber
from securityinfo import crypto
from tests.bench import copying

BATCH = 5_000  # people at a time: what is made of them fits into memory
FIRST = ("Anna", "Bram", "Chloé", "Daan", "Emma", "Finn", "Grace", "Hugo", "Iris", "Jan", "Kim")
LAST = ("Bakker", "de Vries", "Jansen", "Meijer", "Smit", "Visser", "Mulder")
DEPARTMENTS = ("Sales", "Finance", "Research", "Support", "Warehouse")
# Everybody has a number; whoever has no app is called there too.
KINDS = (("authenticator", "sms", "email"), ("sms", "call", "email"))


def fill(count: int, *, first: int = 0) -> None:
    """Add `count` people, numbered from `first`; each number always gives the same values."""
    numbers = iter(range(first, first + count))
    while batch := list(itertools.islice(numbers, BATCH)):
        people = User.objects.bulk_create(_people(batch))
        pairs = zip(batch, people, strict=True)
        copying.insert(
            Registration, (row for number, user in pairs for row in _methods(number, user))
        )


def user_name(number: int) -> str:
    return f"person{number:06}"


def phone_number(number: int) -> str:
    """A mobile number in its stored form."""
    return f"+3161{number:07}"


def address(number: int) -> str:
    return f"{user_name(number)}@example.net"


def _people(numbers: list[int]) -> Iterator[User]:
    nobodys = make_password(None)
    for number in numbers:
        yield User(
            username=user_name(number),
            full_name=f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}",
            work_address=f"{user_name(number)}@example.org",
            department=DEPARTMENTS[number % len(DEPARTMENTS)],
            password=nobodys,
        )


def _methods(number: int, user: User) -> Iterator[Registration]:
    now = timezone.now()
    for kind in KINDS[number % len(KINDS)]:
        method = registry.get(kind)
        row = registrations.draft(user, method, method.enrol(user, _filled_in(number)))
        row.details = crypto.seal_for(row, "details", row.details).text
        row.confirmed, row.created_at, row.confirmed_at = True, now, now
        row.is_default = kind == KINDS[number % len(KINDS)][0]
        row.name = str(method.label) if method.is_named else ""
        yield row


def _filled_in(number: int) -> dict[str, Any]:
    """What the form of any of these kinds makes of it: each takes what it knows."""
    phone = PhoneNumber(phone_number(number), "NL", Line.MOBILE)
    return {"phone": phone, "type": "mobile", "extension": "", "address": address(number)}
