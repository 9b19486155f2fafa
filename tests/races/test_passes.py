"""Many uses of one temporary access pass at once: the database decides which of them counts."""

from __future__ import annotations

from collections import Counter as Count

import pytest
from django.test import Client

from accounts import pass_proof, passes
from accounts.models import TemporaryPass
from accounts.reset_models import PasswordReset
from methods import registry
from methods.answers import Result
from securityinfo import throttling
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.throttling import limits
from tests import kinds
from tests.accounts.doors import key, post_password
from tests.flows.reset_steps import CODE, PASSWORD_PAGE, choose, identify
from tests.passes import PASS, issue
from tests.races.crowd import all_at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

CROWD = 200
KIND = registry.issued().kind


@pytest.fixture(autouse=True)
def _something_to_register(db):
    kinds.allow("email")


@pytest.fixture
def wide(monkeypatch):
    """Limits far away, so that the pass alone has to hold."""
    for name in ("ANSWERS_BY_ADDRESS", "ANSWERS_BY_ACCOUNT", "RESET_ANSWERS_BY_ACCOUNT"):
        far = tuple(
            throttling.Limit(each.name, 10_000, each.seconds) for each in vars(limits)[name]
        )
        monkeypatch.setattr(limits, name, far)


def told(user):
    notices = Message.objects.filter(user=user, category="notice")
    return [message.sealed["subject"] for message in notices]


def test_of_two_hundred_uses_one_wins(bob, wide):
    """R058."""
    given = {"code": issue(bob).replace("-", "")}
    opened = []

    def use(number):
        actor, flow = kinds.actor_for(bob), f"sign-in {number}"
        return pass_proof.use(bob, given, flow=flow, actor=actor, then=opened.append).result

    answers = Count(all_at_once(use, times=CROWD))

    assert answers == {Result.RIGHT: 1, Result.WRONG: CROWD - 1}
    assert len(opened) == 1
    assert Event.objects.filter(tag="pass.used", result="ok").count() == 1
    assert told(bob).count("Your temporary access pass was used") == 1


def test_of_two_hundred_clicks_in_one_browser_one_counts_and_none_is_wrong(bob, wide):
    passes.require(bob)
    text, browser = issue(bob), Client()
    post_password(browser, "bob")
    session = key(browser)

    def click(_number):
        tab = Client()
        tab.cookies["session"] = session
        return tab.post(PASS, {"code": text}).status_code

    statuses = Count(all_at_once(click, times=CROWD))

    assert statuses == {302: CROWD}
    assert Event.objects.filter(tag="pass.used").count() == 1


def test_of_two_hundred_wrong_passes_five_are_compared(bob, monkeypatch):
    """C6, F15: counted before they are looked at."""
    issue(bob)
    compared, method = [], type(registry.issued())
    check = method.check

    def noted(self, prompt, answer):
        compared.append(1)
        return check(self, prompt, answer)

    monkeypatch.setattr(method, "check", noted)

    def guess(number):
        origin = kinds.Origin(address=f"198.51.{number}.1")
        actor, given = kinds.actor_for(bob, origin), {"code": f"AAAABBBB{number + 2000:04d}"}
        return pass_proof.use(bob, given, flow="f1", actor=actor, then=lambda _: None).result

    answers = all_at_once(guess, times=CROWD)

    allowed = limits.ANSWERS_BY_ACCOUNT[-1].hits
    assert answers.count(Result.WRONG) == allowed
    # Each answer is compared with what may be used and with what its own double click used.
    assert len(compared) == 2 * allowed


def test_of_two_hundred_resets_with_one_pass_one_goes_on(bob, wide):
    """TP3."""
    text = issue(bob, sets_password=True)
    browsers = []
    for number in range(CROWD):
        browser = Client(REMOTE_ADDR=f"198.51.{number}.1")
        identify(browser)
        choose(browser, KIND)
        browsers.append(browser)

    answers = all_at_once(
        lambda number: browsers[number].post(CODE, {"code": text}).get("Location", ""), times=CROWD
    )

    assert Count(answers) == {PASSWORD_PAGE: 1, "": CROWD - 1}
    assert PasswordReset.objects.exclude(by_pass=None).count() == 1
    assert Event.objects.filter(tag="reset.check_passed").count() == 1


def test_of_many_agents_at_once_the_last_pass_lives(bob):
    """R058: one of them at most."""
    texts = all_at_once(lambda _: issue(bob), times=20)

    def is_right(text):
        given = {"code": text.replace("-", "")}
        return pass_proof.match(bob.pk, given, TemporaryPass.objects.live()) is not None

    assert TemporaryPass.objects.open().count() == 1
    assert sum(is_right(text) for text in texts) == 1
    assert Event.objects.filter(tag="pass.revoked").count() == len(texts) - 1


def test_a_pass_that_is_revoked_while_it_is_used_opens_nothing_afterwards(bob, wide):
    text = issue(bob)
    given = {"code": text.replace("-", "")}

    def act(number):
        if number % 2:
            return passes.revoke(bob, actor=COMMAND_LINE)
        actor = kinds.actor_for(bob)
        return bool(pass_proof.use(bob, given, flow=f"f{number}", actor=actor, then=lambda _: None))

    all_at_once(act, times=20)

    assert not TemporaryPass.objects.open().exists()
