from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from securityinfo.messaging import delivery, outbox, outcomes, service
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from tests.messaging.conftest import age, an_email


def outcome(message):
    message.refresh_from_db()
    return message.state, message.reason


def test_a_message_is_composed_and_sent(queue_code):
    message = queue_code()

    service.deliver(message.pk, an_email)

    assert outcome(message) == (State.SENT, "")
    assert [each.message_id for each in MemoryTransport.outbox] == [message.pk]


def test_a_doubled_task_sends_once(queue_code):
    """R126: the claim makes a repeat do nothing."""
    message = queue_code()

    service.deliver(message.pk, an_email)
    service.deliver(message.pk, an_email)

    assert len(MemoryTransport.outbox) == 1


def test_calling_is_written_down_before_the_provider_is_contacted(queue_code, monkeypatch):
    seen = []

    def send(self, outgoing, message_id):
        seen.append(Message.objects.get(pk=message_id).state)
        return base.Receipt("provider-1")

    monkeypatch.setattr(MemoryTransport, "send", send)
    message = queue_code()

    service.deliver(message.pk, an_email)

    message.refresh_from_db()
    assert seen == [State.CALLING]
    assert message.provider_id == "provider-1"


@pytest.mark.parametrize(
    ("raised", "state"),
    [(service.Stale, State.STALE), (service.Expired, State.EXPIRED)],
)
def test_what_nobody_wants_any_more_is_not_sent(queue_code, raised, state):
    def compose(_message):
        raise raised

    message = queue_code()

    service.deliver(message.pk, compose)

    assert outcome(message) == (state, "")
    assert not MemoryTransport.outbox


@pytest.mark.parametrize(
    ("problem", "state", "reason"),
    [
        (base.Undeliverable("550"), State.FAILED, Reason.UNDELIVERABLE),
        (base.TransportDown("421"), State.PENDING, Reason.DOWN),
        (base.Misconfigured("535"), State.FAILED, Reason.MISCONFIGURED),
        (base.OutcomeUnknown("cut"), State.PENDING, Reason.UNKNOWN),
        (base.Expired(), State.EXPIRED, ""),
        (RuntimeError("bug"), State.PENDING, Reason.ERROR),
    ],
)
def test_each_problem_of_a_mailed_code_has_its_own_end(queue_code, problem, state, reason):
    """R027."""
    MemoryTransport.problems.append(problem)
    message = queue_code()

    service.deliver(message.pk, an_email)

    assert outcome(message) == (state, reason)


@pytest.mark.parametrize(
    "problem", [base.TransportDown("421"), base.Misconfigured("535"), base.OutcomeUnknown("cut")]
)
def test_a_notice_waits_until_mail_works_again(queue_notice, problem):
    """R089."""
    MemoryTransport.problems.append(problem)
    message = queue_notice()

    service.deliver(message.pk, an_email)
    assert outcome(message)[0] == State.PENDING
    age(message, next_try_at=-timedelta(seconds=1))
    service.deliver(message.pk, an_email)

    assert outcome(message) == (State.SENT, "")


@pytest.mark.parametrize("problem", [base.OutcomeUnknown("read timeout"), RuntimeError("bug")])
def test_a_text_with_an_unclear_outcome_is_never_repeated(queue_code, monkeypatch, problem):
    """DE2, I5: at most one paid message per request."""
    monkeypatch.setattr(base, "for_channel", lambda _channel: MemoryTransport())
    MemoryTransport.problems.append(problem)
    message = queue_code(channel="text")

    service.deliver(message.pk, an_email)

    assert outcome(message)[0] == State.UNKNOWN


def test_a_mailed_code_with_an_unclear_outcome_is_repeated_a_few_times_only(queue_code):
    message = queue_code()

    for _ in range(10):
        MemoryTransport.problems.append(base.OutcomeUnknown("cut"))
        age(message, next_try_at=-timedelta(seconds=1))
        service.deliver(message.pk, an_email)

    message.refresh_from_db()
    assert message.tries == outbox.MAX_FAULTS
    assert outcome(message) == (State.UNKNOWN, Reason.UNKNOWN)


def test_a_channel_without_a_provider_says_so(queue_code, settings):
    settings.TELEPHONY_TRANSPORT = ""
    message = queue_code(channel="text")

    service.deliver(message.pk, an_email)

    assert outcome(message) == (State.FAILED, Reason.MISCONFIGURED)


def test_a_message_that_cannot_be_made_is_put_aside_in_the_end(queue_notice, caplog):
    """F18."""

    def compose(_message):
        raise ValueError("bob@example.net broke the template")

    message = queue_notice()
    for _ in range(outbox.MAX_FAULTS):
        age(message, next_try_at=-timedelta(seconds=1))
        service.deliver(message.pk, compose)

    assert outcome(message) == (State.FAILED, Reason.ERROR)
    assert [record.levelno for record in caplog.records][-1] == logging.CRITICAL
    assert "ValueError" in caplog.text
    assert "bob@example.net" not in caplog.text


def test_the_composer_works_in_the_language_and_the_zone_of_the_person(queue_code, bob):
    bob.language, bob.time_zone = "nl", "America/New_York"
    bob.save()
    seen = []

    def compose(message):
        seen.append((translation.get_language(), timezone.get_current_timezone_name()))
        return an_email()

    service.deliver(queue_code().pk, compose)

    assert seen == [("nl", "America/New_York")]


@pytest.mark.parametrize("name", ["", "Nowhere/Atlantis", "../../etc/passwd"])
def test_an_unknown_zone_becomes_that_of_the_organization(name):
    assert str(delivery.zone_of(name)) == "Europe/Amsterdam"


def test_listeners_hear_of_the_end_and_of_nothing_before(queue_code):
    heard = []
    outcomes.listen(lambda message: heard.append((message.state, message.reason)))
    MemoryTransport.problems.append(base.TransportDown("421"))
    message = queue_code()

    service.deliver(message.pk, an_email)
    age(message, next_try_at=-timedelta(seconds=1))
    MemoryTransport.problems.append(base.Undeliverable("550"))
    service.deliver(message.pk, an_email)

    assert heard == [(State.FAILED, Reason.UNDELIVERABLE)]
