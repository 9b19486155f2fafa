"""What people leave behind: for each of them a row in every table that grows with use."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import KnownBrowser, Session, User
from methods.models import Challenge, Outcome
from securityinfo import crypto
from securityinfo.audit import tags
from securityinfo.audit.models import Event, EventOrigin
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Category, Message, State
from securityinfo.policy.rules import Purpose
from securityinfo.throttling.models import Counter
from tests.bench import copying

HOUR = timedelta(hours=1)
KINDS_OF_EVENTS = (tags.SIGN_IN_COMPLETED, tags.CHALLENGE_SENT, tags.METHOD_REGISTERED)
WINDOW = 600  # seconds


def leave() -> None:
    """An event, a challenge with its message, two counters, a session, a browser: one for each."""
    now = timezone.now()
    people = User.objects.order_by("pk").values_list("public_id", "role")
    copying.insert(Event, events(people, at=now - HOUR))
    copying.multiply(
        EventOrigin(address="192.0.2.10", browser="Firefox on Linux"),
        "audit_event AS event",
        event_id="event.id",
    )
    _leave_challenges(now - 20 * HOUR)
    _leave_counters(now)
    _leave_sessions(now)


def events(people: Iterable[tuple[uuid.UUID, str]], *, at: datetime) -> Iterator[Event]:
    """One for each, stamped one by one: only the application can. The same object each time."""
    event = Event(at=at, stamp_key=crypto.current_key_id())
    for number, (event.subject, event.actor_role) in enumerate(people):
        event.tag = KINDS_OF_EVENTS[number % len(KINDS_OF_EVENTS)]
        event.uuid, event.actor, event.request_id = uuid.uuid4(), event.subject, uuid.uuid4().hex
        event.facts = {}
        event.stamp = crypto.audit_mac(event.stamped_bytes())
        event.facts = "{}"
        yield event


def _leave_challenges(then: datetime) -> None:
    """Yesterday's, answered; the clearing has not come yet."""
    answered = Challenge(
        purpose=Purpose.REGISTER,
        max_tries=5,
        created_at=then,
        issued_at=then,
        expires_at=then,
        closed_at=then,
        outcome=Outcome.VERIFIED,
    )
    copying.multiply(
        answered,
        "methods_registration AS method WHERE is_default",
        id="gen_random_uuid()",
        user_id="method.user_id",
        registration_id="method.id",
        destination="method.fingerprint",
        flow="replace(gen_random_uuid()::text, '-', '')",
    )
    delivered = Message(
        job="methods.deliver",
        category=Category.CODE,
        channel=Channel.TEXT,
        language="en",
        state=State.DELIVERED,
        next_try_at=then,
        published_at=then,
        created_at=then,
        expires_at=then,
        sent_at=then,
        finished_at=then,
    )
    copying.multiply(
        delivered,
        "methods_challenge AS challenge",
        id="gen_random_uuid()",
        user_id="challenge.user_id",
        reference="challenge.id",
        provider_id="'SM' || replace(gen_random_uuid()::text, '-', '')",
    )


def _leave_counters(now: datetime) -> None:
    """In this window, and in the one before."""
    window = int(now.timestamp()) // WINDOW * WINDOW
    copying.multiply(
        Counter(hits=1),
        f"(SELECT {copying.ANY_DIGEST} AS digest FROM accounts_user) AS each, "
        f"(VALUES ({window}), ({window - WINDOW})) AS begun (at)",
        key="'answers_by_account:' || each.digest",
        window_start="begun.at",
    )


def _leave_sessions(now: datetime) -> None:
    here = {"user_id": "person.id", "digest": copying.ANY_DIGEST}
    session = Session(
        data="",
        created_at=now - HOUR,
        last_used_at=now,
        fresh_at=now - HOUR,
        address="192.0.2.10",
        browser="Firefox on Linux",
    )
    people = "accounts_user AS person"
    copying.multiply(session, people, public_id="gen_random_uuid()", **here)
    known = KnownBrowser(created_at=now - HOUR, last_used_at=now)
    copying.multiply(known, people, **here)
