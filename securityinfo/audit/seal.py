"""Adds events to the chain, in batches, apart from the requests that wrote them."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from securityinfo import crypto
from securityinfo.audit import chain
from securityinfo.audit.models import Event, Head, Mark, Seal

logger = logging.getLogger("securityinfo.audit")

BATCH = 500
# No transaction that writes an event is open for so long: what is older and sealed is complete.
SETTLED_AFTER = timedelta(hours=1)


class Broken(Exception):
    """The chain can't be continued: its end isn't what was signed. `verify_audit` says where."""


@transaction.atomic
def seal_pending(limit: int = BATCH) -> int:
    """Seal the oldest events that have no seal; how many it were. Raises Broken.

    Two at once do no harm: both extend the same end, the first one wins, the other does nothing.
    """
    head = Head.objects.filter(pk=1).first() or _first_head()
    if not chain.is_signed(head):
        raise Broken("The signature of the chain's end is wrong.")
    events = list(_unsealed(head).order_by("pk")[:limit])
    if not events:
        return 0
    seals = _links(head, events)
    if not _advance(head, seals[-1], settled=_settled(head, events, full=len(events) == limit)):
        return 0
    Seal.objects.bulk_create(seals)
    logger.info("audit.sealed position=%s mac=%s", seals[-1].position, seals[-1].mac.hex())
    return len(seals)


def _unsealed(head: Head) -> QuerySet[Event]:
    """By NOT EXISTS, which PostgreSQL answers by index; of an outer join it reads all events."""
    sealed = Seal.objects.filter(event=OuterRef("pk"))
    return Event.objects.filter(~Exists(sealed), pk__gt=head.settled)


def seal_all() -> int:
    """Every event there is, batch by batch; what comes meanwhile waits for the next time.

    Each batch looks through the events of an hour: one for every few that come would never end.
    """
    total = count = seal_pending()
    while count == BATCH:
        count = seal_pending()
        total += count
    return total


def _first_head() -> Head:
    has_begun = Seal.objects.exists() or Mark.objects.exists()
    made_meanwhile = Head.objects.filter(pk=1).first()  # asked last: another one may be faster
    if made_meanwhile:
        return made_meanwhile
    if has_begun:
        raise Broken("The chain's end is missing.")
    head = Head(pk=1)
    chain.sign(head)
    Head.objects.bulk_create([head], ignore_conflicts=True)
    return Head.objects.get(pk=1)


def _links(head: Head, events: list[Event]) -> list[Seal]:
    key_id = crypto.current_key_id()
    position, mac = head.position, bytes(head.mac)
    seals = []
    for event in events:
        stamped = event.stamped_bytes()
        if not chain.is_stamped(event, stamped):
            # Sealed all the same: the chain keeps the evidence, and the verifier names it.
            logger.error("audit.broken event=%s was not written by this application", event.pk)
        position += 1
        mac = chain.link(position, mac, event.sealed_bytes(stamped), key_id=key_id)
        seals.append(Seal(position=position, event_id=event.pk, key_id=key_id, mac=mac))
    return seals


def _settled(head: Head, events: list[Event], *, full: bool) -> int:
    """Up to which id every event has its seal now, for good: ids grow with time.

    Of several of the same moment any will do: the others are settled with what comes after them.
    """
    old = Event.objects.filter(at__lt=Now() - SETTLED_AFTER).order_by("-at")
    latest = old.values_list("pk", flat=True).first() or 0
    if full:  # there may be more without a seal behind these
        latest = min(latest, events[-1].pk)
    return max(latest, head.settled)


def _advance(head: Head, last: Seal, *, settled: int) -> bool:
    """Move the end forward if it is still where it was; False if another one was faster."""
    was = Head.objects.filter(pk=1, position=head.position)
    head.position, head.mac, head.settled = last.position, last.mac, settled
    chain.sign(head)
    changed = was.update(
        position=head.position,
        mac=head.mac,
        settled=head.settled,
        key_id=head.key_id,
        signature=head.signature,
    )
    return changed == 1
