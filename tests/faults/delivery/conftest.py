"""Workers on the database of the test itself, so that a test sees and moves their rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from celery import Celery
from django.db import connection
from django.utils import timezone

from accounts.models import User
from methods import challenges
from methods.models import Challenge, Registration
from securityinfo import celery as workers
from securityinfo.actor import SYSTEM
from securityinfo.messaging import service, tasks
from securityinfo.messaging.models import Message
from securityinfo.messaging.transports import base
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose
from securityinfo.telephony import Twilio
from tests import environment
from tests.faults.delivery import paid
from tests.messaging.telephony import post_to_the_views
from tests.servers.mail import MailServer
from tests.servers.processes import Process
from tests.servers.redis import Redis
from tests.servers.site import Site
from tests.servers.twilio import ACCOUNT, FROM, TwilioServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.django_db(transaction=True))
            item.add_marker(pytest.mark.slow)


def database_url() -> str:
    """The test database of this process, for another one."""
    settings = connection.settings_dict
    return f"postgresql://{settings['USER']}@/{settings['NAME']}?host={quote(settings['HOST'])}"


@pytest.fixture
def start_worker(
    transactional_db: None, tmp_path: Path, redis: Redis, mail: MailServer
) -> Iterator[Callable[..., Process]]:
    """`start_worker("--include", …, FAILPOINT="…")`: with a scheduler, gone before the database."""
    ours = {name: value for name, value in environment.variables().items() if value}
    site = Site(
        tmp_path,
        **ours | {"DATABASE_URL": database_url(), "REDIS_URL": redis.url, "EMAIL_URL": mail.url},
    )

    def start(*options: str, **changes: str) -> Process:
        schedule = tmp_path / f"schedule-{len(site.running)}"
        alone = ("--pool", "solo", "-B", "--schedule", str(schedule))
        return site.start_worker(*alone, *options, **changes)

    yield start
    for process in site.running:
        process.kill()


@pytest.fixture
def twilio(settings: Any) -> Iterator[TwilioServer]:
    """Its callbacks reach the views of this process; `.environment` is for the workers."""
    base._instance.cache_clear()
    with TwilioServer(post_to_the_views) as server:
        settings.TELEPHONY_TRANSPORT = "securityinfo.messaging.transports.twilio.TwilioTransport"
        settings.TWILIO = Twilio(ACCOUNT.sid, ACCOUNT.auth_token, FROM, api_url=server.url)
        yield server
    base._instance.cache_clear()


@pytest.fixture
def publishing(redis: Redis, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Celery:
    """From here on this process publishes to Redis, with the options of production."""
    settings.REDIS_URL = redis.url
    app = Celery("page", set_as_current=False)
    app.conf.update({name: workers.app.conf[name] for name in _LIKE_THE_WORKERS})
    app.conf.broker_url = workers.broker_url()
    app.conf.broker_transport_options = workers.broker_options()
    monkeypatch.setattr(tasks, "current_app", app)
    monkeypatch.setattr(tasks, "_broker_failed_at", -tasks.REST)
    return app


_LIKE_THE_WORKERS = (
    "broker_connection_timeout",
    "task_default_exchange",
    "task_default_queue",
    "task_default_routing_key",
    "task_queues",
    "task_routes",
)


@pytest.fixture
def registration(
    publishing: Celery, redis: Redis, registered: Callable[..., Registration]
) -> Registration:
    """Bob's address; the messages of registering it are gone."""
    registration = registered("email")
    Message.objects.all().delete()
    redis.client().flushall()
    return registration


@pytest.fixture
def ask_for_code(registration: Registration) -> Callable[[], tuple[Challenge, Message]]:
    """A code for bob's address, asked for as a sign-in does; and its delivery row."""

    def ask() -> tuple[Challenge, Message]:
        challenge = challenges.start(
            registration,
            purpose=Purpose.SIGN_IN,
            flow="a flow",
            settings=policy.current(),
            actor=SYSTEM,
        )
        return challenge, Message.objects.get(reference=challenge.pk)

    return ask


@pytest.fixture
def ask_for_text(bob: User, publishing: Celery) -> Callable[[], Message]:
    """A code that costs money; its task is known to whoever includes `paid`."""

    def ask() -> Message:
        return service.queue_code(
            bob,
            channel="text",
            reference=uuid.uuid4(),
            generation=0,
            expires_at=timezone.now() + timedelta(minutes=10),
            task=paid.SEND_TEXT,
        )

    return ask
