"""Requirements of section 3.19 on queue, timeouts and logs: R002, R089, R095, R125, R126."""

from __future__ import annotations

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models.functions import Now

from methods import challenges, courier
from methods.models import Challenge
from securityinfo.actor import SYSTEM
from securityinfo.audit.models import Event
from securityinfo.celery import app
from securityinfo.messaging import notices, outbox, service, sweeper, tasks
from securityinfo.messaging.content import Contact, EmailContent
from securityinfo.messaging.models import Message, State
from securityinfo.messaging.transports import base
from securityinfo.messaging.transports.memory import MemoryTransport
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose

WORK = Contact("email", "bob@example.org", "b•••@example.org")


def an_email(_message):
    return EmailContent("bob@example.org", "Hello", "Hello\n", "<p>Hello</p>")


def tell_bob(bob, what="Email"):
    (message,) = notices.method_added(bob, contacts=[WORK], what=what, actor=SYSTEM)
    return message


def code_for(registration):
    challenge = challenges.start(
        registration,
        purpose=Purpose.SIGN_IN,
        flow="a flow",
        settings=policy.current(),
        actor=SYSTEM,
    )
    return challenge, Message.objects.get(reference=challenge.pk)


def test_a_change_that_fails_leaves_no_message(registered):
    """R126: challenge, event and delivery row are one transaction."""
    registration = registered("email")
    before = Message.objects.count()

    with transaction.atomic():
        code_for(registration)
        transaction.set_rollback(True)

    assert Message.objects.count() == before


def test_a_message_that_cannot_be_queued_undoes_its_change(registered):
    """R126, the other way round: nobody waits for a code that nobody will send."""
    challenge, message = code_for(registered("email"))
    Challenge.objects.update(issued_at=Now() - timedelta(minutes=31))
    message.pk, message.generation = uuid.uuid4(), challenge.generation + 1
    message.save(force_insert=True)  # the place of the next code is taken

    with pytest.raises(IntegrityError):
        challenges.resend(challenge, settings=policy.current(), actor=SYSTEM)

    assert Challenge.objects.get(pk=challenge.pk).generation == message.generation - 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_with_one_message_one_sends_it(bob, outbox):
    """R126: the claim is one conditional UPDATE."""
    message = tell_bob(bob)
    together = Barrier(20)

    def work(_number):
        together.wait(timeout=60)
        try:
            service.deliver(message.pk, an_email)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(20)))

    assert len(outbox) == 1
    assert Message.objects.get(pk=message.pk).tries == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_tell_of_each_end_once(bob):
    """R126: nothing is counted twice when two schedulers run."""
    for number in range(20):
        tell_bob(bob, what=f"Email {number}")
    Message.objects.update(expires_at=Now() - timedelta(seconds=1))
    together = Barrier(4)

    def sweep(_number):
        together.wait(timeout=60)
        try:
            sweeper.tidy()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(sweep, range(4)))

    assert Message.objects.filter(state=State.FAILED).count() == 20
    assert Event.objects.filter(tag="notice.failed").count() == 20


def test_codes_and_notices_have_queues_of_their_own():
    """R126: a code never waits behind the notices."""
    routes = app.conf.task_routes

    assert routes["methods.deliver"] != routes[tasks.SEND_NOTICE]


def test_time_limits_end_before_the_lease_does():
    """4.3: soft < hard < lease < visibility, and one delivery < soft."""
    times = [
        base.SECONDS_PER_DELIVERY,
        app.conf.task_soft_time_limit,
        app.conf.task_time_limit,
        outbox.LEASE.total_seconds(),
        app.conf.broker_transport_options["visibility_timeout"],
    ]

    assert times == sorted(set(times))


def test_a_notice_is_delivered_although_its_method_is_gone(bob, registered, outbox):
    """R089: the change that it reports can't suppress it."""
    registration = registered("email")
    outbox.clear()
    contact = registration.method.contact(registration.details)
    (message,) = notices.method_deleted(bob, contacts=[contact], what="Email", actor=SYSTEM)
    registration.delete()

    tasks.send_notice(str(message.pk))

    assert [sent.outgoing.to for sent in outbox] == [contact.value]


def test_a_code_is_in_no_row_and_in_no_log(registered, outbox, caplog):
    """R002, R125: derived when it is sent; the canary is the code itself, and the address."""
    registration = registered("email")
    outbox.clear()
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    challenge, message = code_for(registration)
    MemoryTransport.problems.append(base.TransportDown("421"))
    courier.deliver(message.pk)
    Message.objects.filter(pk=message.pk).update(next_try_at=Now() - timedelta(seconds=1))
    courier.deliver(message.pk)

    (sent,) = outbox
    code = challenge.prompt(registration.details).code
    assert code in sent.outgoing.text
    for table in ("messaging_message", "methods_challenge", "audit_event"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            stored = str(cursor.fetchall())
        assert code not in stored
        assert sent.outgoing.to not in stored
    own_lines = [line for line in caplog.text.splitlines() if "django.db" not in line]
    assert code not in "\n".join(own_lines)
    assert sent.outgoing.to not in "\n".join(own_lines)


def test_what_is_sent_shows_nothing_of_itself(registered, outbox):
    """R125: a traceback or a debugger prints no code and no address."""
    registration = registered("email")
    outbox.clear()
    _, message = code_for(registration)
    courier.deliver(message.pk)

    shown = repr(outbox[0])

    assert "@" not in shown.replace(str(message.pk), "")
    assert repr(message) == f"<Message: {message.pk}>"
