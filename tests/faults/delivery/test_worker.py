"""A worker dies, or its database does, at the worst moments."""

from __future__ import annotations

import signal
import threading
import time
import uuid

import pytest
from django.db import connection
from django.db.models.functions import Now

from methods.outcomes import Outcome
from securityinfo.messaging import service
from securityinfo.messaging.models import Message, Reason, State
from tests.faults.delivery.rows import end_the_lease, row
from tests.messaging.rough_server import RoughServer
from tests.servers.processes import wait_until


def is_sent(message):
    return row(message).state == State.SENT


def notice_for(user, **changes):
    facts = {
        "to": "bob@example.org",
        "subject": "Something happened",
        "sentences": ["Something happened."],
        "at": "2026-11-22T13:35:00+00:00",
        "by": "you",
        "browser": "",
        "network": "",
    }
    return service.queue_notice(
        user, channel="email", reference=uuid.uuid4(), sealed=facts | changes
    )


@pytest.mark.parametrize(
    ("failpoint", "left_in", "copies"),
    [
        ("delivery.after_claim", State.CLAIMED, 1),
        ("delivery.after_calling", State.CALLING, 1),
        ("delivery.after_send", State.CALLING, 2),
    ],
)
def test_a_killed_worker_loses_no_code(
    start_worker, mail, publishing, ask_for_code, failpoint, left_in, copies
):
    """F01, F02, R034: only after the server took it there is a second copy, the same in all."""
    _, message = ask_for_code()
    killed = start_worker(FAILPOINT=failpoint)
    assert killed.kill_at(failpoint) == killed.pid
    assert killed.wait() == -signal.SIGKILL
    assert row(message).state == left_in
    assert len(mail.received) == copies - 1

    end_the_lease(message)
    start_worker()
    wait_until(lambda: is_sent(message))

    assert [each["Message-ID"] for each in mail.received] == [f"<{message.pk}@testserver>"] * copies
    assert len({each.get_body(("plain",)).get_content() for each in mail.received}) == 1


def test_a_code_that_was_overtaken_while_its_worker_was_dead_is_not_sent(
    start_worker, mail, publishing, ask_for_code
):
    """2.4: a job that comes late does nothing."""
    challenge, message = ask_for_code()
    start_worker(FAILPOINT="delivery.after_claim").kill_at("delivery.after_claim")

    type(challenge).objects.filter(pk=challenge.pk).update(
        closed_at=Now(), outcome=Outcome.REPLACED
    )
    end_the_lease(message)
    start_worker()
    wait_until(lambda: row(message).state not in (State.CLAIMED, State.PENDING))

    assert row(message).state == State.STALE
    assert mail.received == []


def test_a_poisoned_message_is_put_aside_and_the_others_go_on(start_worker, mail, publishing, bob):
    """F18: nobody can open the first one; its worker goes on, and somebody is told."""
    poisoned = notice_for(bob)
    other_row = notice_for(bob)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE messaging_message SET sealed = "
            "(SELECT sealed FROM messaging_message WHERE id = %s), faults = 4 WHERE id = %s",
            [other_row.pk, poisoned.pk],
        )

    worker = start_worker()
    wait_until(lambda: is_sent(other_row))
    wait_until(lambda: row(poisoned).state == State.FAILED)

    assert [each["Message-ID"] for each in mail.received] == [f"<{other_row.pk}@testserver>"]
    assert row(poisoned).reason == Reason.ERROR
    assert "dead letter" in worker.said
    assert "bob@example.org" not in worker.said


def test_a_notice_that_cannot_be_made_is_put_aside_after_five_tries(
    start_worker, mail, publishing, bob
):
    """F18: its template finds less than it needs; the alert names neither words nor address."""
    faulty = service.queue_notice(
        bob, channel="email", reference=uuid.uuid4(), sealed={"to": "bob@example.org"}
    )
    other_row = notice_for(bob)
    worker = start_worker()

    def has_failed():
        waiting = Message.objects.filter(pk=faulty.pk, state=State.PENDING)
        waiting.update(next_try_at=Now(), published_at=None)  # ten minutes later
        return row(faulty).state == State.FAILED

    wait_until(has_failed)
    wait_until(lambda: is_sent(other_row))

    assert (row(faulty).tries, row(faulty).reason) == (5, Reason.ERROR)
    assert "dead letter" in worker.said
    assert "bob@example.org" not in worker.said


def test_a_person_waits_forty_seconds_at_most_for_a_worker_that_was_killed(
    start_worker, mail, publishing, ask_for_code
):
    """F01: nothing is moved here, neither rows nor clocks."""
    _, message = ask_for_code()
    start_worker(FAILPOINT="delivery.after_claim").kill_at("delivery.after_claim")
    killed = time.monotonic()

    start_worker()
    wait_until(lambda: is_sent(message))

    assert time.monotonic() - killed < 40
    assert len(mail.received) == 1


def test_a_database_connection_cut_while_mail_is_handed_over_loses_nothing(
    start_worker, publishing, bob
):
    """The mail is on its way when the connection goes: the end is written on a new one."""
    go_on = threading.Event()

    def script(talk):
        talk.greet()
        talk.take_envelope()
        go_on.wait(7)
        talk.say("250 taken")
        talk.hear()

    with RoughServer(script) as server:
        message = notice_for(bob)
        start_worker(EMAIL_URL=server.url)
        wait_until(lambda: "." in server.heard, what="the mail is there")
        cut_all_other_connections()
        go_on.set()
        wait_until(lambda: is_sent(message))

    assert len(server.message_ids) == 1


def test_a_database_connection_cut_between_two_messages_is_noticed(
    start_worker, mail, publishing, bob
):
    first = notice_for(bob)
    start_worker()
    wait_until(lambda: is_sent(first))

    cut_all_other_connections()
    second = notice_for(bob)
    wait_until(lambda: is_sent(second))

    assert len(mail.received) == 2


def cut_all_other_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_mail_server_that_hangs_frees_the_worker_within_ten_seconds(
    start_worker, publishing, bob
):
    """R127: the first mail meets a server that says nothing, the second one does not wait long."""
    times = {}

    def script(talk):
        if "hang" not in times:
            times["hang"] = time.monotonic()
            talk.hang()
        talk.greet()
        talk.take_envelope()
        times.setdefault("next mail", time.monotonic())
        talk.say("250 taken")
        talk.hear()

    with RoughServer(script) as server:
        messages = [notice_for(bob), notice_for(bob)]
        start_worker(EMAIL_URL=server.url)
        wait_until(lambda: all(map(is_sent, messages)), seconds=60)

    assert times["next mail"] - times["hang"] < 10
