"""What monitoring draws and alarms by: nothing in it is about one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from securityinfo.audit import tags
from securityinfo.audit.models import Head
from securityinfo.messaging import breaker
from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Category, Message
from securityinfo.operations import heartbeats, readiness, waiting
from securityinfo.operations.checks import clock, log
from securityinfo.operations.models import Tally

GAUGE, COUNTER = "gauge", "counter"
LATELY = timedelta(hours=1)


@dataclass(frozen=True)
class Sample:
    value: float
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Family:
    """Samples of one name, as Prometheus calls it."""

    name: str
    kind: str
    about: str
    samples: tuple[Sample, ...]


def families() -> Iterator[Family]:
    """Without the database only what is known without it."""
    found = readiness.look()
    yield _gauge("ready", "Whether /readyz answers 200.", [Sample(found.is_ready, {})])
    checks = [Sample(said == readiness.OK, {"check": name}) for name, said in found.checks.items()]
    yield _gauge("check_ok", "Each check of /readyz.", checks)
    if found.checks["database"] == readiness.OK and found.checks["migrations"] == readiness.OK:
        for make in _FROM_DATABASE:
            yield make()


def _gauge(name: str, about: str, samples: Iterable[Sample]) -> Family:
    return Family(name, GAUGE, about, tuple(samples))


def _heartbeats() -> Family:
    samples = [
        Sample(age.total_seconds(), {"name": name}) for name, age in heartbeats.ages().items()
    ]
    return _gauge("heartbeat_age_seconds", "Since scheduler and workers were seen.", samples)


def _clock() -> Family:
    about = "How far the database's clock is ahead of ours."
    return _gauge("clock_offset_seconds", about, [Sample(clock.offset(), {})])


def _oldest() -> Family:
    samples = []
    for category in Category.values:
        age = waiting.oldest(Message.objects.filter(category=category)) or timedelta()
        samples.append(Sample(age.total_seconds(), {"category": category}))
    return _gauge("oldest_waiting_seconds", "How long the oldest message is due.", samples)


def _untried() -> Family:
    age = waiting.oldest_code() or timedelta()
    about = "How long the oldest code waits that no worker has taken."
    return _gauge("oldest_untried_code_seconds", about, [Sample(age.total_seconds(), {})])


def _resting() -> Family:
    found = breaker.open_now()
    samples = [Sample(channel in found, {"channel": channel}) for channel in Channel]
    return _gauge("provider_resting", "Whether a provider failed and is left alone.", samples)


def _waiting() -> Family:
    about = "Messages that are not sent yet."
    return _gauge("messages_waiting", about, _counted(Message.objects.unfinished()))


def _finished() -> Family:
    ended = Message.objects.filter(finished_at__gt=Now() - LATELY)
    return _gauge("messages_finished_last_hour", "Messages by their end.", _counted(ended))


def _counted(messages: QuerySet[Message]) -> Iterator[Sample]:
    names = ("category", "channel", "state", "reason")
    for row in messages.values(*names).annotate(number=Count("pk")).order_by(*names):
        yield Sample(row["number"], {name: row[name] for name in names})


def _given_up() -> Family:
    samples = [Sample(waiting.dead_letters(), {})]
    return _gauge("notices_given_up_last_day", "Notices that nobody was told of.", samples)


def _events() -> Family:
    rows = Tally.objects.order_by("tag", "result", "kind")
    samples = [
        Sample(row.total, {"event": row.tag, "result": row.result, "kind": row.kind})
        for row in rows
    ]
    return Family("events_total", COUNTER, "Events of the audit log.", tuple(samples))


def _audit_position() -> Family:
    end = Head.objects.values_list("position", flat=True).first() or 0
    return _gauge("audit_position", "Where the audit chain ends.", [Sample(end, {})])


def _audit_behind() -> Family:
    return _gauge("audit_behind", "Whether events miss their seal.", [Sample(log.is_behind(), {})])


def _audit_verified() -> Family:
    last = log.last_of(tags.AUDIT_VERIFIED)
    about = "When the audit log was last found intact, in Unix time; 0 for never."
    at = last.at.timestamp() if last else 0
    return _gauge("audit_verified_timestamp_seconds", about, [Sample(at, {})])


def _audit_intact() -> Family:
    about = "Whether the last check of the audit log found it intact."
    return _gauge("audit_intact", about, [Sample(log.is_intact(), {})])


_FROM_DATABASE: tuple[Callable[[], Family], ...] = (
    _heartbeats,
    _clock,
    _oldest,
    _untried,
    _resting,
    _waiting,
    _finished,
    _given_up,
    _events,
    _audit_position,
    _audit_behind,
    _audit_verified,
    _audit_intact,
)
