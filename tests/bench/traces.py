"""What people leave behind: for each of them a row in every table that grows with use."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import KnownBrowser, Session, User
from accounts.session_store import digest
from methods.models import Challenge, Outcome, Registration
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
CHUNK = 2_000


def leave() -> None:
    """An event, a challenge with its message, two counters, a session, a browser: one for each."""
    now, people = timezone.now(), User.objects.order_by("pk")
    copying.insert(Event, _events(people, now))
    copying.insert(EventOrigin, _origins())
    copying.insert(Challenge, _challenges(now))
    copying.insert(Message, _messages(now))
    copying.insert(Counter, _counters(len(people), now))
    copying.insert(Session, (_session(user, now) for user in people))
    copying.insert(KnownBrowser, (_browser(user, now) for user in people))


def _events(people, now: datetime) -> Iterator[Event]:
    for number, user in enumerate(people):
        event = Event(
            tag=KINDS_OF_EVENTS[number % len(KINDS_OF_EVENTS)],
            at=now - HOUR,
            actor=user.public_id,
            actor_role=user.role,
            subject=user.public_id,
            request_id=uuid.uuid4().hex,
            stamp_key=crypto.current_key_id(),
        )
        event.stamp = crypto.audit_mac(event.stamped_bytes())
        event.facts = "{}"
        yield event


def _origins() -> Iterator[EventOrigin]:
    for pk in Event.objects.values_list("pk", flat=True):
        yield EventOrigin(event_id=pk, address="192.0.2.10", browser="Firefox on Linux")


def _challenges(now: datetime) -> Iterator[Challenge]:
    """Yesterday's, answered; the clearing has not come yet."""
    for registration in Registration.objects.filter(is_default=True).iterator(CHUNK):
        yield Challenge(
            user_id=registration.user_id,
            registration=registration,
            purpose=Purpose.REGISTER,
            flow=uuid.uuid4().hex,
            destination=registration.fingerprint,
            max_tries=5,
            context="{}",
            created_at=now - 20 * HOUR,
            issued_at=now - 20 * HOUR,
            expires_at=now - 20 * HOUR,
            closed_at=now - 20 * HOUR,
            outcome=Outcome.VERIFIED,
        )


def _messages(now: datetime) -> Iterator[Message]:
    for challenge in Challenge.objects.iterator(CHUNK):
        yield Message(
            user_id=challenge.user_id,
            job="methods.deliver",
            category=Category.CODE,
            channel=Channel.TEXT,
            reference=challenge.pk,
            language="en",
            state=State.DELIVERED,
            provider_id=f"SM{uuid.uuid4().hex}",
            next_try_at=challenge.created_at,
            published_at=challenge.created_at,
            created_at=challenge.created_at,
            expires_at=challenge.expires_at,
            sent_at=challenge.created_at,
            finished_at=challenge.closed_at,
        )


def _counters(count: int, now: datetime) -> Iterator[Counter]:
    window = int(now.timestamp()) // WINDOW * WINDOW
    for number in range(count):
        key = f"answers_by_account:{crypto.fingerprint('answers_by_account', str(number))}"
        for earlier in range(2):
            yield Counter(key=key, window_start=window - earlier * WINDOW, hits=1)


def _session(user: User, now: datetime) -> Session:
    return Session(
        digest=digest(uuid.uuid4().hex),
        user=user,
        data="",
        created_at=now - HOUR,
        last_used_at=now,
        fresh_at=now - HOUR,
        address="192.0.2.10",
        browser="Firefox on Linux",
    )


def _browser(user: User, now: datetime) -> KnownBrowser:
    return KnownBrowser(
        user=user, digest=digest(uuid.uuid4().hex), created_at=now - HOUR, last_used_at=now
    )
