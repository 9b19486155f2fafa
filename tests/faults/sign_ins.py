"""People with an authenticator app who sign in all the time, whatever happens to the site."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from methods.kinds.authenticator import totp
from tests.servers.processes import wait_until
from tests.servers.site import Site
from tests.servers.visitor import Visitor

PASSWORD = "correct horse battery staple 77"
# Visitors come from as many addresses, through a proxy that is trusted.
BEHIND_A_PROXY = {"SECURITYINFO_TRUSTED_PROXIES": "127.0.0.1"}
SIGN_IN, VERIFY, HOME = "/sign-in/", "/sign-in/verify/", "/security-info/"
THREADS = 6
USED = 422  # what the page of a wrong answer says

_MAKE = """
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from accounts.models import User
from methods import registrations, registry
from methods.base import Enrolment
from securityinfo.policy.models import OrgPolicy
OrgPolicy.objects.update(methods_to_register=1)
method, password = registry.get("authenticator"), make_password({password!r})
for name, key in {keys!r}.items():
    person = User.objects.create(
        username=name, full_name=name, work_address=f"{{name}}@example.org", password=password
    )
    app = registrations.draft(person, method, Enrolment(details={{"key": key}}, identity=key))
    app.name, app.confirmed, app.is_default = "Phone", True, True
    app.confirmed_at = timezone.now()
    app.save()
"""


@dataclass(frozen=True)
class Person:
    name: str
    key: str
    address: str

    def code(self, *, steps: int = 0) -> str:
        """What the app shows now, or some half minutes later."""
        return totp.code_at(self.key, totp.step_now() + steps)


def people(site: Site, count: int) -> list[Person]:
    """So many of them, in the database of this site."""
    made = [
        Person(f"person{number}", totp.new_key(), f"192.0.2.{number + 1}")
        for number in range(count)
    ]
    site.run(_MAKE.format(password=PASSWORD, keys={each.name: each.key for each in made}))
    return made


@dataclass
class Asked:
    """One request: what was asked for, and what came back."""

    page: str
    status: int
    retry_after: str = ""


@dataclass
class Browser:
    """Somebody's, from the password on; what came back is kept."""

    person: Person
    visitor: Visitor
    asked: list[Asked] = field(default_factory=list)

    @classmethod
    def of(cls, person: Person, site: Site) -> Self:
        return cls(person, Visitor(site.url, address=person.address))

    def password(self) -> bool:
        """Whether the second step is asked for next."""
        self.post(SIGN_IN, name=self.person.name, password=PASSWORD)
        return self.is_at(VERIFY)

    def code(self, code: str) -> bool:
        """Whether that signed in."""
        self.post(VERIFY, code=code)
        return self.is_at(HOME)

    def is_signed_in(self) -> bool:
        self.get(HOME)
        return self.is_at(HOME)

    def is_at(self, page: str) -> bool:
        return self.visitor.status == 200 and urlsplit(self.visitor.at).path == page

    def get(self, page: str) -> str:
        said = self.visitor.get(page)
        self._note(page)
        return said

    def post(self, page: str, **fields: str) -> str:
        said = self.visitor.post(page, **fields)
        self._note(page)
        return said

    def _note(self, page: str) -> None:
        self.asked.append(Asked(page, self.visitor.status, self.visitor.retry_after))


class Crowd:
    """`with Crowd(site, people) as crowd:` they sign in, one after the other, until all have.

    Whoever is told to come back begins again at once, with the same code; with the next one if it
    turns out to be used: its answer was on the way when the line broke.
    """

    def __init__(self, site: Site, everybody: Iterable[Person]) -> None:
        self.site = site
        self.everybody = list(everybody)
        self.waiting = list(self.everybody)
        self.asked: list[Asked] = []
        self.accepted: list[tuple[str, str]] = []  # who with which code
        self.failed: list[BaseException] = []
        self._end = time.monotonic() + 60
        self._threads = [threading.Thread(target=self._come) for _ in range(THREADS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(90)
        assert self.failed == []

    def await_answers(self, status: int, *, more: int = 1) -> None:
        """Until some more came back with it."""
        wanted = self.count(status) + more
        wait_until(lambda: self.count(status) >= wanted, 30, f"for {status}")

    def await_sign_ins(self, *, more: int = 1) -> None:
        """Or all there are."""
        wanted = min(len(self.accepted) + more, len(self.everybody))
        wait_until(lambda: len(self.accepted) >= wanted, 30, "for sign-ins")

    def count(self, status: int) -> int:
        return sum(each.status == status for each in list(self.asked))

    def check(self) -> None:
        """All are in, and nobody was told anything but that it worked, or to come back."""
        assert sorted(name for name, _ in self.accepted) == sorted(
            each.name for each in self.everybody
        )
        assert {each.status for each in self.asked} - {USED} == {200, 503}
        assert {each.retry_after for each in self.asked if each.status == 503} == {"60"}

    def _come(self) -> None:
        try:
            while self.waiting and time.monotonic() < self._end:
                self._sign_in(self.waiting.pop(0))
        except BaseException as error:  # noqa: BLE001 - the test is told
            self.failed.append(error)

    def _sign_in(self, person: Person) -> None:
        browser = Browser.of(person, self.site)
        browser.asked = self.asked
        steps = 0
        while time.monotonic() < self._end:
            code = person.code(steps=steps)
            if browser.password() and browser.code(code):
                self.accepted.append((person.name, code))
                return
            steps = int(browser.visitor.status == USED)
            browser.visitor = Visitor(self.site.url, address=person.address)
