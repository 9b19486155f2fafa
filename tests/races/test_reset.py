"""Many requests at once on one reset: the database decides which of them counts."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import passwords, reset_rights
from accounts.models import User
from accounts.reset_models import PasswordReset, ResetRight
from methods import registry
from methods.models import Registration
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from tests import kinds
from tests.accounts.doors import is_signed_in
from tests.flows import reset_steps as steps
from tests.flows.reset_steps import (
    CODE,
    PASSWORD_PAGE,
    choose,
    code_of,
    first_by_app,
    identify,
    second,
    settled,
)
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PER_HOUR = limits.RESET_ANSWERS_BY_ACCOUNT[-1].hits
WORDS = ["otters", "herons", "badgers", "weasels", "magpies"]


@pytest.fixture
def app(bob) -> Registration:
    kinds.allow("authenticator")
    return kinds.register(bob, "authenticator")


@pytest.fixture
def mail(bob) -> Registration:
    kinds.allow("email")
    return kinds.register(bob, "email")


def twins(client: Client, number: int, *, spread: bool = False) -> list[Client]:
    """Tabs of one browser; `spread`: as if each came from a network of its own."""
    found = []
    for each in range(number):
        twin = Client(REMOTE_ADDR=f"198.51.{each}.1" if spread else "127.0.0.1")
        for name in ("session", reset_rights.COOKIE):
            if name in client.cookies:
                twin.cookies[name] = client.cookies[name].value
        found.append(twin)
    return found


@pytest.mark.parametrize("way", ["authenticator", "email"])
def test_of_two_hundred_wrong_answers_five_are_compared(bob, app, mail, monkeypatch, way):
    """R072, F15, PR9."""
    settled(app, mail)
    compared = []
    method = type(registry.get(way))
    check = method.check

    def noted(self, prompt, answer):
        compared.append(1)
        return check(self, prompt, answer)

    client = Client()
    identify(client)
    choose(client, way)
    steps.work()
    tabs = twins(client, 200, spread=True)
    monkeypatch.setattr(method, "check", noted)
    wrong = steps.wrong_code() if way == "email" else {"code": "000000"}

    answers = all_at_once(lambda number: tabs[number].post(CODE, wrong).status_code, times=200)

    assert sorted(set(answers)) == [422, 429]
    assert answers.count(422) == PER_HOUR
    assert len(compared) == PER_HOUR
    assert Event.objects.filter(tag="reset.check_refused").count() == PER_HOUR


def test_of_fifty_posts_with_one_token_one_wins(bob, app, mail):
    """R073, F15."""
    settled(app, mail)
    client = Client()
    first_by_app(client, app)
    second(client, mail)
    Message.objects.all().delete()
    chosen = [f"{WORDS[n % 5]} juggle lanterns {n}" for n in range(50)]
    tabs = twins(client, 50)

    all_at_once(
        lambda number: tabs[number].post(PASSWORD_PAGE, {"new_password": chosen[number]}),
        times=50,
        threads=25,
    )

    bob = User.objects.get(username="bob")
    assert sum(passwords.matches(bob, each) for each in chosen) == 1
    assert Event.objects.filter(tag="reset.completed").count() == 1
    assert ResetRight.objects.exclude(used_at=None).count() == 1
    assert Message.objects.count() == 2  # one notice for each contact
    assert not any(is_signed_in(tab) for tab in tabs[:3])


def test_the_right_code_sent_in_many_tabs_passes_once(bob, app, mail):
    """R072: and the right is granted once."""
    settled(app, mail)
    kinds.policy.current()
    client = Client()
    identify(client)
    choose(client, "authenticator")
    code, tabs = code_of(app), twins(client, 10)

    answers = all_at_once(lambda number: tabs[number].post(CODE, code).status_code, times=10)

    assert set(answers) <= {302, 422, 429}
    assert Event.objects.filter(tag="reset.check_passed").count() == 1
    assert PasswordReset.objects.get().first == app


def test_two_first_checks_of_one_person_with_one_code_pass_once(bob, app, mail):
    """AU4: a step is accepted once, whichever of two resets is faster."""
    settled(app, mail)
    clients = [Client(REMOTE_ADDR=f"198.51.100.{number}") for number in range(4)]
    for client in clients:
        identify(client)
        choose(client, "authenticator")
    code = code_of(app)

    all_at_once(lambda number: clients[number].post(CODE, code), times=4)

    assert Event.objects.filter(tag="reset.check_passed").count() == 1


def test_a_double_click_sends_once(bob, mail):
    """C11."""
    settled(mail)
    client = Client()
    identify(client)
    before = steps.codes_sent()

    all_at_once(lambda number: choose(twins(client, 1)[0], "email"), times=6)
    steps.work()

    assert PasswordReset.objects.get().sends == 1
    assert steps.codes_sent() == before + 1


def test_one_job_taken_by_many_workers_sends_once(bob, mail):
    settled(mail)
    client = Client()
    identify(client)
    choose(client, "email")
    before, reset = steps.codes_sent(), steps.newest().pk

    all_at_once(lambda _number: steps.reset_delivery.send(reset), times=10)

    assert steps.codes_sent() == before + 1
