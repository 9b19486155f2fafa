"""The overview: where everybody stands at this moment (RE2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.reports import happened, sent, words
from accounts.reports.rows import Row
from methods import headcount, registry
from methods.headcount import Headcount, Numbers, Totals
from securityinfo import clock
from securityinfo.duties import ordinary_groups
from securityinfo.policy import service as policy

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True)
class KindRow:
    """One kind: who has it, and who can use it."""

    label: str
    link: str
    methods: int
    has: Row
    can_use: Row


@dataclass(frozen=True)
class GroupRow:
    """One group, with the five numbers."""

    name: str
    link: str
    people: int
    numbers: tuple[Row, ...]


@dataclass(frozen=True)
class Overview:
    """Everything on the page, worked out now."""

    at: datetime
    people: int
    deactivated: int
    frozen: int
    ready: tuple[Row, ...]
    due: tuple[Row, ...]
    kinds: tuple[KindRow, ...]
    groups: tuple[GroupRow, ...]
    happened: tuple[happened.Line, ...]
    messages: tuple[sent.Line, ...]

    @classmethod
    def now(cls) -> Overview:
        """A handful of queries, however many people there are."""
        at = clock.now()
        with headcount.roomy():
            totals = Headcount(policy.in_force()).totals()
        return cls(
            at=at,
            people=totals.everybody.people,
            deactivated=User.objects.filter(is_active=False).count(),
            frozen=User.objects.exclude(frozen_at=None).filter(is_active=True).count(),
            ready=_rows(totals.everybody, words.READY),
            due=_rows(totals.everybody, words.DUE),
            kinds=tuple(_kinds(totals)),
            groups=tuple(_groups(totals)),
            happened=happened.lines(since=at - MONTH, lately=at - WEEK),
            messages=sent.lines(since=at - MONTH),
        )


def list_of(**filters: object) -> str:
    """The address of the list of these people."""
    return f"{reverse('reports:people')}?{urlencode(filters)}"


def _rows(numbers: Numbers, columns: words.Words, **filters: object) -> tuple[Row, ...]:
    return tuple(
        Row(label, numbers.of[name], numbers.people, list_of(**{name: "yes"}, **filters))
        for name, label in columns.items()
    )


def _kinds(totals: Totals) -> Iterator[KindRow]:
    people = totals.everybody.people
    for kind, each in totals.of_kinds.items():
        method = registry.get(kind)
        label, link = str(method.label), list_of(kind=method.kind)
        has, can_use = Row(label, each.people, people), Row(label, each.can_use, people)
        yield KindRow(label, link, each.methods, has, can_use)


def _groups(totals: Totals) -> Iterator[GroupRow]:
    for key, name in ordinary_groups().order_by("name").values_list("pk", "name"):
        theirs = totals.of_groups.get(key, Numbers.none())
        yield GroupRow(
            name, list_of(group=key), theirs.people, _rows(theirs, words.READY, group=key)
        )
