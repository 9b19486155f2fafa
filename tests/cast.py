"""The cast of the tests: four people, and what surrounds them."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts import duties
from accounts.models import Role, User
from methods import registry
from methods.models import Registration
from securityinfo import freshness
from securityinfo.duties import Duty
from securityinfo.freshness import Proof
from securityinfo.messaging import breaker
from securityinfo.messaging.transports.memory import MemoryTransport, Sent
from securityinfo.policy.rules import Rule, Ruleset, RuleState, Settings, Strength
from securityinfo.throttling import refusals
from securityinfo.throttling import service as throttling
from tests import kinds

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def django_db_keepdb(pytestconfig: pytest.Config) -> bool:
    """PostgreSQL's databases go with the server, whatever thread still holds a connection."""
    return pytestconfig.getoption("database") == "postgresql"


@pytest.fixture(autouse=True)
def _fresh_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """All windows of the limits begin with the test: none of them ends while it counts.

    And nothing is remembered of a test before: what it moves in the database holds at once.
    """
    monkeypatch.setattr(throttling, "WINDOWS_FROM", int(time.time()))
    monkeypatch.setattr(refusals, "KEPT", 0)
    refusals.forget()


@pytest.fixture(autouse=True)
def _providers_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page asks the database whether one fails, or remembers it of the test before."""
    monkeypatch.setattr(breaker, "_latest", (math.inf, frozenset()))


@pytest.fixture(autouse=True)
def _forced_sign_ins_are_proved() -> Iterator[None]:
    """`client.force_login()` knows no second step: as if it had been a strong one."""

    def prove(request: HttpRequest, **_: object) -> None:
        if not request.path:  # no page has asked for it
            freshness.note(request, Proof(Strength.PHISHING_RESISTANT, with_password=True))

    user_logged_in.connect(prove)
    yield
    user_logged_in.disconnect(prove)


@pytest.fixture(scope="session")
def encoded_password() -> str:
    """Hashed once for all people of a run: a real hash is dear on purpose."""
    return make_password(PASSWORD)


@pytest.fixture
def make_person(db: None, encoded_password: str) -> Callable[..., User]:
    """`make_person("bob", role=Role.PERSON, …)`; the password is PASSWORD."""

    def make(username: str, **fields: object) -> User:
        defaults = {
            "work_address": f"{username.lower()}@example.org",
            "full_name": username.title(),
            "password": encoded_password,
        }
        person = User.objects.create(username=username, **defaults | fields)
        if person.role == Role.ADMINISTRATOR:  # as the first one of an installation
            duties.give(person, [Duty.EDIT_POLICY])
        return person

    return make


@pytest.fixture
def bob(make_person: Callable[..., User]) -> User:
    """A member of the organization."""
    return make_person("bob", full_name="Bob Baker", department="Sales")


@pytest.fixture
def eve(make_person: Callable[..., User]) -> User:
    """Another member, who tries what is not hers."""
    return make_person("eve", full_name="Eve Evans", department="Sales")


@pytest.fixture
def carol(make_person: Callable[..., User]) -> User:
    """An agent of the helpdesk."""
    return make_person("carol", full_name="Carol Clark", role=Role.HELPDESK)


@pytest.fixture
def ada(make_person: Callable[..., User]) -> User:
    """An administrator."""
    return make_person("ada", full_name="Ada Archer", role=Role.ADMINISTRATOR, is_superuser=True)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """`signed_in(bob)`: a browser of its own in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def registered(bob: User) -> Callable[..., Registration]:
    """`registered("email", user=eve, form={…})`: a confirmed method, made as a person makes it."""

    def register(kind: str = "email", user: User | None = None, **options: object) -> Registration:
        return kinds.register(user or bob, kind, **options)

    return register


@pytest.fixture
def email_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other kind is installed, whatever folders there are."""
    for method in registry.all_methods():
        if method.kind != "email":
            monkeypatch.delitem(registry._catalogue(), method.kind)


@pytest.fixture
def ruleset() -> Callable[..., Ruleset]:
    """`ruleset(methods_to_register=2)`: every kind allowed, and these settings."""

    def make(*, privileged: bool = False, **settings: object) -> Ruleset:
        rules = {
            method.kind: Rule(method.kind, RuleState.ALLOWED, maximum=method.max_per_user)
            for method in registry.all_methods()
        }
        return Ruleset(Settings(**settings), rules, privileged=privileged)

    return make


@pytest.fixture
def outbox() -> Iterator[list[Sent]]:
    """What the workers have handed to the transport in this test."""
    MemoryTransport.clear()
    yield MemoryTransport.outbox
    MemoryTransport.clear()


class Clock:
    """Stands still until told to move; the database's own clock is not ours to move."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    @property
    def now(self) -> dt.datetime:
        return timezone.now()

    def advance(self, **duration: float) -> dt.datetime:
        """`clock.advance(minutes=10, seconds=1)`."""
        self._traveller.shift(dt.timedelta(**duration))
        return self.now

    def move_to(self, moment: dt.datetime) -> None:
        self._traveller.move_to(moment)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Begins at the present second, so that rows stamped by the database agree with it."""
    present = timezone.now().replace(microsecond=0)
    with time_machine.travel(present, tick=False) as traveller:
        yield Clock(traveller)
