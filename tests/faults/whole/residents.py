"""People who live in a whole installation: made in its own process, signed in from outside."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from methods import registrations, registry
from methods.models import Registration
from methods.phone import Line, PhoneNumber
from tests import kinds
from tests.servers.installation import Installation
from tests.servers.processes import wait_until
from tests.servers.visitor import Visitor

PASSWORD = "resident battery staple 4c20"
# For whoever was sent a code: the pause until the next one is over.
LATER = """
from datetime import timedelta
from django.db.models import F
from methods.models import Challenge
Challenge.objects.update(issued_at=F("issued_at") - timedelta(hours=1))
"""
LONG = 60  # seconds; only a machine that is very busy needs so many


# --- In a process of the installation -------------------------------------------------------------


def move_in(count: int, *slugs: str, first: int = 0) -> None:
    """People with a confirmed method of each kind, the first one their default; prints keys.

    They are numbered from `first`.
    """
    for slug in ("authenticator", "sms", "call", "email"):
        kinds.allow(slug)
    encoded = make_password(PASSWORD)
    numbers = range(first, first + count)
    people = User.objects.bulk_create(_person(number, encoded) for number in numbers)
    pairs = list(zip(numbers, people, strict=True))
    methods = [_method(number, user, slug) for number, user in pairs for slug in slugs]
    for method in methods:
        method.is_default = method.kind == slugs[0]
    Registration.objects.bulk_create(methods)
    keys = {each.user.username: each.details["key"] for each in methods if "key" in each.details}
    json.dump(keys, sys.stdout)


def _person(number: int, encoded: str) -> User:
    return User(
        username=name_of(number),
        full_name=f"Resident {number}",
        work_address=f"{name_of(number)}@example.org",
        password=encoded,
    )


def _method(number: int, user: User, slug: str) -> Registration:
    filled_in: dict[str, Any] = {
        "phone": PhoneNumber(number_of(number), "NL", Line.MOBILE),
        "type": "mobile",
        "extension": "",
        "address": address_of(number),
    }
    method = registry.get(slug)
    row = registrations.draft(user, method, method.enrol(user, filled_in))
    row.confirmed, row.confirmed_at = True, timezone.now()
    return row


# --- From outside ---------------------------------------------------------------------------------


def name_of(number: int) -> str:
    return f"resident{number:04}"


def number_of(number: int) -> str:
    return f"+3161{number:07}"


def address_of(number: int) -> str:
    return f"{name_of(number)}@private.example"


def settle(there: Installation, count: int, *slugs: str, first: int = 0) -> dict[str, str]:
    """`move_in` in there; the key of each app, by user name."""
    call = f"residents.move_in({count}, *{slugs!r}, first={first})"
    return json.loads(there.site.run(f"from tests.faults.whole import residents; {call}"))


@dataclass
class Resident:
    """One of them with a browser."""

    there: Installation
    number: int
    browser: Visitor

    @classmethod
    def of(cls, there: Installation, number: int) -> Resident:
        return cls(there, number, there.visitor(number))

    def enter_password(self, password: str = PASSWORD) -> str:
        return self.browser.post("/sign-in/", name=name_of(self.number), password=password)

    def answer(self, code: str) -> str:
        return self.browser.post("/sign-in/verify/", code=code)

    @property
    def is_in(self) -> bool:
        self.browser.get("/security-info/")
        return self.browser.at == f"{self.browser.url}/security-info/"

    def choose(self, way: str) -> str:
        """Another way, by the beginning of its label."""
        page = self.browser.get("/sign-in/another-way/")
        cards = re.findall(r'name="way" value="([^"]+)".*?>([^<>]*\S[^<>]*)<', page, re.S)
        (value,) = [value for value, label in cards if label.strip().startswith(way)]
        return self.browser.post("/sign-in/another-way/", way=value)

    def texts(self) -> list[str]:
        """What this phone got, the oldest first."""
        to = number_of(self.number)
        return [each.fields["Body"] for each in self.there.twilio.texts if each.fields["To"] == to]

    def texted(self, *, before: int = 0) -> str:
        """The code of the text after those."""
        wait_until(lambda: len(self.texts()) > before, LONG, "for the text")
        return code_in(self.texts()[before])

    def mailed(self, *, subject: str = "code", before: int = 0) -> str:
        def mails() -> list[Any]:
            found = self.there.mail.to(address_of(self.number))
            return [each for each in found if subject in each["Subject"]]

        wait_until(lambda: len(mails()) > before, LONG, "for the mail")
        return code_in(mails()[before].get_body(("plain",)).get_content())


def code_in(words: str) -> str:
    found = re.search(r"\b\d{6}\b", words)
    assert found, words
    return found[0]
