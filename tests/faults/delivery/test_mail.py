"""A mail server refuses, hesitates, drops the line, or is away for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from methods import contacts
from securityinfo.actor import SYSTEM
from securityinfo.messaging import notices, service
from securityinfo.messaging.models import Message, Reason, State
from securityinfo.messaging.status import DeliveryState
from tests.faults.delivery.rows import row
from tests.messaging.rough_server import RoughServer, take_the_mail
from tests.servers import processes
from tests.servers.mail import GREYLIST, REFUSE
from tests.servers.processes import wait_until


def test_a_greylisted_code_arrives_with_the_next_try(start_worker, mail, publishing, ask_for_code):
    """F06."""
    mail.next(GREYLIST)
    challenge, message = ask_for_code()

    start_worker()
    wait_until(lambda: row(message).state == State.SENT)

    assert row(message).tries == 2
    assert [each["Message-ID"] for each in mail.received] == [f"<{message.pk}@testserver>"]
    assert service.status_of(challenge.pk, challenge.generation).state == DeliveryState.SENT


def is_busy(talk):
    talk.say("421 4.3.2 Busy")
    talk.hear()


def greets_too_late(talk):
    talk.hang()


def hangs_up(_talk):
    """Before it has said anything."""


@pytest.mark.parametrize("first", [is_busy, greets_too_late, hangs_up])
def test_a_server_that_is_not_ready_gets_the_code_with_the_next_try(
    start_worker, publishing, ask_for_code, first
):
    """F06: 421, a slow greeting, a dropped line: nothing was taken, so nothing comes twice."""

    def script(talk):
        (first if len(server.conversations) == 1 else take_the_mail)(talk)

    with RoughServer(script) as server:
        _, message = ask_for_code()
        start_worker(EMAIL_URL=server.url)
        wait_until(lambda: row(message).reason == Reason.DOWN)
        Message.objects.filter(pk=message.pk, state=State.PENDING).update(next_try_at=Now())
        wait_until(lambda: row(message).state == State.SENT)

    assert row(message).tries == 2
    assert server.message_ids == [f"Message-ID: <{message.pk}@testserver>"]


def offers_no_tls(talk):
    talk.greet()
    talk.hear()


def breaks_tls(talk):
    talk.greet("STARTTLS")
    talk.hear()
    talk.say("220 go ahead", "this is no TLS")
    talk.hear()


@pytest.mark.parametrize("script", [offers_no_tls, breaks_tls])
def test_without_tls_nothing_of_a_mail_leaves_the_worker(
    start_worker, publishing, ask_for_code, script
):
    """F06, R127: never in plain text, whatever is on the line."""
    with RoughServer(script) as server:
        challenge, message = ask_for_code()
        start_worker(EMAIL_URL=server.url.replace("smtp+plain", "smtp"))
        wait_until(lambda: row(message).reason)

    heard = " ".join(server.heard).upper()
    assert "EHLO" in heard
    assert "MAIL FROM" not in heard
    assert "RCPT" not in heard
    assert challenge.prompt(challenge.registration.details).code not in heard


def test_a_refused_address_is_told_on_the_page_and_not_tried_again(
    start_worker, mail, publishing, ask_for_code
):
    """F06."""
    mail.next(REFUSE)
    challenge, message = ask_for_code()

    worker = start_worker()
    wait_until(lambda: row(message).state == State.FAILED)

    assert row(message).tries == 1
    assert service.status_of(challenge.pk, challenge.generation).state == DeliveryState.REFUSED
    assert "bob@" not in worker.said


def test_a_line_that_breaks_after_the_mail_brings_the_same_mail_again(
    start_worker, publishing, ask_for_code
):
    """F06, R034: drop after DATA."""

    def script(talk):
        talk.greet()
        talk.take_envelope()
        if len(server.conversations) > 1:
            talk.say("250 taken")
            talk.hear()

    with RoughServer(script) as server:
        _, message = ask_for_code()
        start_worker(EMAIL_URL=server.url)
        wait_until(lambda: row(message).state == State.SENT)

    assert server.message_ids == [f"Message-ID: <{message.pk}@testserver>"] * 2


def test_the_old_address_is_told_although_mail_was_down(start_worker, bob, registration):
    """R089: the method is gone, its address is not forgotten."""
    port = processes.free_port()
    told = contacts.contacts_of(bob)
    queued = notices.method_deleted(bob, contacts=told, what="Email", actor=SYSTEM)
    registration.delete()
    start_worker(EMAIL_URL=f"smtp+plain://127.0.0.1:{port}")
    wait_until(lambda: all(row(each).reason == Reason.DOWN for each in queued))

    with RoughServer(take_the_mail, port=port) as server:
        # Ten minutes later.
        Message.objects.update(next_try_at=Now() - timedelta(seconds=1))
        wait_until(lambda: all(row(each).state == State.SENT for each in queued))

    addresses = {line for line in server.heard if line.lower().startswith("rcpt")}
    assert addresses == {f"rcpt TO:<{each.value}>" for each in told}
    assert len(told) == 2
