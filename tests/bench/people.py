"""Fills a database with people who have three confirmed methods each, sealed as in life."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from methods import fingerprints, registry
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
_NOBODY = User()  # what is typed does not depend on who types it


def fill(count: int, *, first: int = 0) -> None:
    """Add `count` people, numbered from `first`; each number always gives the same values."""
    for start in range(first, first + count, BATCH):
        numbers = range(start, min(start + BATCH, first + count))
        pairs = zip(numbers, _people(numbers), strict=True)
        copying.insert(
            Registration, (row for number, key in pairs for row in _methods(number, key))
        )


def user_name(number: int) -> str:
    return f"person{number:06}"


def phone_number(number: int) -> str:
    """A mobile number in its stored form."""
    return f"+3161{number:07}"


def address(number: int) -> str:
    return f"{user_name(number)}@example.net"


def _people(numbers: range) -> list[int]:
    """Nothing of a person is sealed, so PostgreSQL makes them; returns their keys."""
    name = "'person' || lpad(n::text, 6, '0')"
    copying.multiply(
        User(password=make_password(None)),
        f"generate_series({numbers[0]}, {numbers[-1]}) AS n",
        public_id="gen_random_uuid()",
        username=name,
        full_name=f"{_one_of(FIRST)} || ' ' || {_one_of(LAST)}",
        work_address=f"{name} || '@example.org'",
        department=_one_of(DEPARTMENTS),
    )
    there = User.objects.filter(username__in=map(user_name, numbers)).order_by("username")
    return list(there.values_list("pk", flat=True))


def _one_of(words: tuple[str, ...]) -> str:
    array = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{array}])[n %% {len(words)} + 1]"


def _methods(number: int, user: int) -> Iterator[Registration]:
    """Each with values that are really sealed, and found by their real fingerprints."""
    first, *_others = kinds = KINDS[number % len(KINDS)]
    for kind in kinds:
        method, row = registry.get(kind), _blank(kind)
        enrolment = method.enrol(_NOBODY, _filled_in(number))
        row.user_id, row.uuid, row.is_default = user, uuid.uuid4(), kind == first
        row.details = crypto.seal_for(row, "details", enrolment.details).text
        vars(row).update(fingerprints.beside_others(_NOBODY, method, enrolment.identity))
        yield row


@cache
def _blank(kind: str) -> Registration:
    """One object for all of this kind: making it takes longer than sealing what is in it."""
    method, now = registry.get(kind), timezone.now()
    name = str(method.label) if method.is_named else ""
    return Registration(kind=kind, name=name, confirmed=True, created_at=now, confirmed_at=now)


def _filled_in(number: int) -> dict[str, Any]:
    """What the form of any of these kinds makes of it: each takes what it knows."""
    phone = PhoneNumber(phone_number(number), "NL", Line.MOBILE)
    return {"phone": phone, "type": "mobile", "extension": "", "address": address(number)}
