"""The words in which something is refused or confirmed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from methods import registry, texts
from methods.answers import Answer, Result
from methods.models import Registration
from methods.sending import TooEarly
from methods.standing import Standing
from securityinfo import throttling
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Reason
from tests import kinds

EMAIL = registry.get("email")
WRONG = "That code isn't right. Check it and try again."


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Answer(Result.WRONG, 5), WRONG),
        (Answer(Result.WRONG, 4), WRONG),
        (Answer(Result.WRONG, 3), f"{WRONG} You have 3 tries left."),
        (Answer(Result.WRONG, 2), f"{WRONG} You have 2 tries left."),
        (Answer(Result.WRONG, 1), f"{WRONG} You have 1 try left."),
        (
            Answer(Result.EXHAUSTED),
            "Too many wrong codes. This code no longer works. "
            "Ask for a new one or choose another way.",
        ),
        (Answer(Result.EXPIRED), "That code has expired. Ask for a new one."),
        (Answer(Result.ENDED), "That code has expired. Ask for a new one."),
    ],
)
def test_a_refused_code_is_told_in_its_own_words(answer, text):
    assert texts.why_wrong(EMAIL, answer) == text


@pytest.mark.parametrize("method", registry.all_methods(), ids=lambda method: method.kind)
def test_only_kinds_that_ask_for_a_code_speak_of_codes(method):
    """Nobody is told to ask for a new code that was never sent."""
    asks_for_code = "code" in str(method.wrong_answer)

    for result in (Result.EXHAUSTED, Result.EXPIRED, Result.ENDED):
        text = texts.why_wrong(method, Answer(result))

        assert "code" not in text or asks_for_code
        assert "new code" not in text or method.sends
        assert "Ask for a new one" not in text or method.sends


@pytest.mark.parametrize("reason", [Reason.CHANNEL_STOPPED, Reason.NO_PROVIDER])
def test_what_does_not_work_is_not_called_forbidden(reason):
    assert texts.why_refused(EMAIL, reason) == "Email isn't working right now. Choose another way."


@pytest.mark.django_db
def test_who_asks_too_early_is_told_the_second(clock):
    until = datetime.combine(timezone.localdate(), datetime.min.time(), UTC).replace(
        hour=14, minute=25, second=30
    )

    assert texts.why_not_sent(EMAIL, TooEarly(until)) == (
        "Wait until 14:25:30, then ask for a new code."
    )


@pytest.mark.django_db
def test_who_has_had_too_many_codes_is_told_the_time(clock):
    today = datetime.combine(timezone.localdate(), datetime.min.time(), UTC)
    until = today.replace(hour=14, minute=55)
    wait = throttling.Throttled(int(until.timestamp()), int(until.timestamp()) - 60)

    assert texts.why_not_sent(EMAIL, wait) == (
        "No more codes can be sent to this address until 14:55. Choose another way."
    )


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (
            Reason.AT_MAXIMUM,
            "You already have the most that your organization allows. Delete one first.",
        ),
        (Reason.CHANNEL_STOPPED, "Email isn't working right now. Choose another way."),
        (Reason.RULE_OFF, "Your organization no longer allows this method. Choose another one."),
        (Reason.EXCLUDED, "Your organization no longer allows this method. Choose another one."),
        (None, "Your organization no longer allows this method. Choose another one."),
    ],
)
def test_a_refusal_is_told_in_the_words_of_its_reason(reason, text):
    assert texts.why_refused(EMAIL, reason) == text


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        (1, "You need at least 1 method. Add another one first, or change this one."),
        (2, "You need at least 2 methods. Add another one first, or change this one."),
    ],
)
def test_the_guard_says_how_many_are_needed(bob, needed, text):
    kinds.allow("email")
    OrgPolicy.objects.update(methods_to_register=needed)

    assert texts.why_kept(Standing.of(bob, policy.current_for(bob))) == text


@pytest.fixture
def two():
    names = ("bob@example.net", "carl@example.net")
    return [Registration(pk=i, kind="email", details={"address": n}) for i, n in enumerate(names)]


def test_changes_are_told_in_the_words_of_the_pages(two):
    one, other = two

    assert texts.added(one) == (
        "Email, b•••@example.net, was added. We told you at your other contacts."
    )
    assert texts.changed(one) == (
        "Email, b•••@example.net, was changed. We told you at your contacts, old and new."
    )
    assert texts.deleted(one, other, other) == (
        "Email, b•••@example.net, was deleted. We told you at your contacts."
    )
    assert texts.deleted(one, other, one) == (
        "Email, b•••@example.net, was deleted. We told you at your contacts. "
        "Email, c•••@example.net, is now your default sign-in method."
    )
    assert texts.made_default(one) == (
        "Email, b•••@example.net, is now your default sign-in method."
    )
