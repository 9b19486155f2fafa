"""The moves of a message: each is one conditional UPDATE whose row count decides."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from securityinfo.messaging import outcomes
from securityinfo.messaging.models import Category, Message, Reason, State

LEASE = timedelta(seconds=30)  # longer than a worker may spend on a task (20 s)
NOTICE_LIFE = timedelta(hours=24)  # then somebody has to look at it
CODE_NEEDS = timedelta(seconds=60)  # with less time left a code only confuses
BATCH = 200  # rows that one sweep moves at a time: it takes a moment, however long the queue is
MAX_FAULTS = 5  # a message that breaks its worker this often is put aside

# Seconds before the next try: doubled each time, from the first to the second number.
CODE_BACKOFF = (2, 20)  # somebody is looking at the page
NOTICE_BACKOFF = (10, 15 * 60)


def beyond_use() -> Q:
    """Codes with too little time left, notices tried for too long; by the database's clock."""
    return Q(category=Category.CODE, expires_at__lte=Now() + CODE_NEEDS) | Q(
        category=Category.NOTICE, expires_at__lte=Now()
    )


@transaction.atomic(durable=True)
def claim(message_id: UUID) -> Message | None:
    """The message, now ours for one lease; None if it is somebody else's, not due or gone."""
    due = Message.objects.filter(pk=message_id, state=State.PENDING, next_try_at__lte=Now())
    taken = due.exclude(beyond_use()).update(
        state=State.CLAIMED, lease_until=Now() + LEASE, tries=F("tries") + 1
    )
    if not taken:
        end_late(Message.objects.filter(pk=message_id))
        return None
    return Message.objects.select_related("user").get(pk=message_id)


@transaction.atomic(durable=True)
def begin_call(message: Message, *, script: dict[str, str] | None = None) -> bool:
    """Committed just before the provider is contacted; False if the lease was lost.

    `script` is what a phone call says: the provider asks for it before it has answered us.
    """
    return bool(
        _held(message, State.CLAIMED)
        .filter(lease_until__gt=Now())
        .update(state=State.CALLING, lease_until=Now() + LEASE, script=script)
    )


@transaction.atomic(durable=True)
def finish(
    message: Message, state: State, *, reason: str = Reason.NONE, provider_id: str = ""
) -> bool:
    """The end of a delivery; False if another worker has taken it meanwhile."""
    changes: dict[str, object] = {
        "state": state,
        "reason": reason,
        "lease_until": None,
        "finished_at": Now(),
        "sealed": None,
    }
    if state in (State.SENT, State.UNKNOWN):
        changes["sent_at"] = Now()
    if provider_id:  # the provider's own report may have been quicker than our answer
        changes["provider_id"] = provider_id
    if not _held(message, State.CLAIMED, State.CALLING).update(**changes):
        return False
    message.state, message.reason, message.provider_id = state, reason, provider_id
    outcomes.tell(message)
    return True


def give_back(message: Message, *, reason: str, is_fault: bool = False) -> None:
    """Try it again a while later; a fault once too often ends it."""
    if is_fault and message.faults + 1 >= MAX_FAULTS:
        finish(message, State.FAILED, reason=reason)
        return
    wait = timedelta(seconds=pause(message.category, message.tries))
    _held(message, State.CLAIMED, State.CALLING).update(
        state=State.PENDING,
        reason=reason,
        faults=F("faults") + int(is_fault),
        lease_until=None,
        next_try_at=Now() + wait,
        published_at=None,
    )


@transaction.atomic
def end_late(rows: models.QuerySet[Message]) -> None:
    """Ends those of `rows` that wait beyond their use."""
    late = rows.filter(beyond_use(), state=State.PENDING)
    end_all(late.filter(category=Category.CODE), State.EXPIRED)
    end_all(late.filter(category=Category.NOTICE), State.FAILED)


def end_all(rows: models.QuerySet[Message], state: State, reason: str | None = None) -> None:
    """Ends up to a BATCH of `rows` in two statements, and tells of each."""
    locked = rows.select_related("user").select_for_update(skip_locked=True, of=("self",))
    ending = list(locked[:BATCH])
    if not ending:
        return
    changes: dict[str, object] = {} if reason is None else {"reason": reason}
    rows.filter(pk__in=[message.pk for message in ending]).update(
        state=state, lease_until=None, finished_at=Now(), sealed=None, **changes
    )
    for message in ending:
        message.state = state
        message.reason = message.reason if reason is None else reason
        outcomes.tell(message)


def pause(category: str, tries: int) -> float:
    """Seconds until the next try: doubling, and spread so that not all come back at once."""
    first, longest = CODE_BACKOFF if category == Category.CODE else NOTICE_BACKOFF
    wait = min(longest, first << min(tries - 1, 20))
    return wait * (0.5 + secrets.randbelow(501) / 1000)  # from half of it to all of it


def _held(message: Message, *states: State) -> models.QuerySet[Message]:
    """The row, as long as it is still the try that we began."""
    return Message.objects.filter(pk=message.pk, tries=message.tries, state__in=states)
