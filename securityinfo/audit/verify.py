"""Finds out whether the log is as it was written, and names the place where it isn't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection
from django.db.models import Max

from securityinfo.audit import chain, guards
from securityinfo.audit.chain import Binary
from securityinfo.audit.models import Event, Head, Mark, Seal

CHUNK = 1_000


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at a place that an operator can look up."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class Link(NamedTuple):
    """A seal, without its object: that is a tenth of the time."""

    position: int
    event_id: int
    key_id: str
    mac: Binary


@dataclass
class Report:
    """What was checked, and what is wrong with it."""

    events: int = 0
    position: int = 0  # where the chain ends
    mac: str = ""  # of its end: noted elsewhere, it shows an older state put back
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        return not self.findings

    def add(self, place: str, what: str) -> None:
        self.findings.append(Finding(place, what))


def verify() -> Report:
    """Check guards, marks, every link, and that no event stands beside the chain."""
    report = Report()
    for name in guards.missing(connection):
        report.add(f"trigger {name}", "is missing")
    head = Head.objects.filter(pk=1).first()
    mark = _newest_mark(report)
    if head is None:
        if mark or Seal.objects.exists():
            report.add("end of the chain", "is missing")
        return report
    if not chain.is_signed(head):
        report.add("end of the chain", "was changed")
    report.position, report.mac = head.position, bytes(head.mac).hex()
    start = mark.position if mark else 0
    if Seal.objects.filter(position__lte=start).exists():
        report.add(f"position {start}", "older seals are left below the mark of retention")
    _check_links(report, head, mark)
    _check_unsealed(report, head)
    if _newest_position() != start:
        return verify()  # retention went on meanwhile
    return report


def _newest_position() -> int:
    return Mark.objects.aggregate(latest=Max("position"))["latest"] or 0


def _newest_mark(report: Report) -> Mark | None:
    newest = None
    for newest in Mark.objects.order_by("position").iterator():
        if not chain.is_signed(newest):
            report.add(f"mark of retention at position {newest.position}", "was not made by us")
    return newest


def _check_links(report: Report, head: Head, mark: Mark | None) -> None:
    position = mark.position if mark else 0
    mac = bytes(mark.mac) if mark else b""
    for seal, event in _sealed(after=position, up_to=head.position):
        if seal.position != position + 1:
            report.add(_span(position + 1, seal.position - 1), "missing from the chain")
        report.events += 1
        place = f"position {seal.position} (event {seal.event_id})"
        if wrong := _wrong_with(seal, event, mac, position):
            report.add(place, wrong)
        position, mac = seal.position, bytes(seal.mac)
    if position < head.position:
        report.add(_span(position + 1, head.position), "missing from the end of the chain")
    elif mac != bytes(head.mac):
        report.add(f"position {position}", "isn't the end that was signed")
    if Seal.objects.filter(position__gt=head.position).exists() and _is_still(head):
        report.add(_span(head.position + 1, head.position + 1), "lies beyond the end of the chain")


def _wrong_with(seal: Link, event: Event | None, mac: bytes, position: int) -> str:
    """Empty if it is as it was. What the mac before a gap was, nobody knows: the gap is named."""
    if event is None:
        return "the event is missing"
    stamped = event.stamped_bytes()
    if not chain.is_stamped(event, stamped):
        return "the event was changed, or not written by us"
    sealed, key_id = event.sealed_bytes(stamped), seal.key_id
    follows = seal.position == position + 1
    if follows and not chain.is_linked(seal.position, mac, sealed, key_id=key_id, mac=seal.mac):
        return "the event or its place was changed"
    return ""


def _is_still(head: Head) -> bool:
    return Head.objects.filter(pk=1, position=head.position).exists()


def _check_unsealed(report: Report, head: Head) -> None:
    """Events that have no seal yet, and such as can't have been there when theirs was due."""
    for event in Event.objects.filter(seal=None).order_by("pk").iterator(CHUNK):
        if event.pk <= head.settled:
            report.add(f"event {event.pk}", "was inserted beside the chain")
        elif not chain.is_stamped(event, event.stamped_bytes()):
            report.add(f"event {event.pk}", "was changed, or not written by us")


def _sealed(*, after: int, up_to: int) -> Iterator[tuple[Link, Event | None]]:
    """Seals in order, each with its event if that is still there."""
    columns = Seal.objects.order_by("position").values_list(*Link._fields)
    while True:
        rows = columns.filter(position__gt=after, position__lte=up_to)[:CHUNK]
        links = [Link(*row) for row in rows]
        if not links:
            return
        last = links[-1].position
        found = Event.objects.filter(seal__position__gt=after, seal__position__lte=last)
        events = {event.pk: event for event in found}
        for link in links:
            yield link, events.get(link.event_id)
        after = last


def _span(first: int, last: int) -> str:
    return f"position {first}" if first >= last else f"positions {first} to {last}"
