"""The list of people with what they have and can use (RE3): who is on it, and its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.models import User
from accounts.reports import words
from accounts.reports.people_form import NONE, YES
from methods import audiences, headcount, registry
from methods.headcount import Headcount
from methods.models import Registration, RegistrationQuerySet
from securityinfo.duties import ordinary_groups
from securityinfo.policy import service as policy

MORE = _("There are more people than fit into one file. Filter the list.")
PERSON = (
    "username",
    "full_name",
    "work_address",
    "role",
    "is_active",
    "last_sign_in_at",
)
CHUNK = 4_000  # rows of an export that are read at a time
SORTED_BY = {
    "user_name": [F("username").asc()],
    "full_name": [F("full_name").asc(), F("username").asc()],
    "last_sign_in": [F("last_sign_in_at").asc(nulls_first=True), F("username").asc()],
}


class Owned(NamedTuple):
    """What a list shows of one method."""

    kind: str
    is_default: bool
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Line:
    """One person."""

    person: User
    groups: tuple[str, ...]
    facts: Mapping[str, bool]
    kinds: tuple[str, ...]  # labels, each once
    default: str
    changed_at: datetime | None

    @property
    def answers(self) -> list[tuple[str, bool]]:
        return [(str(label), self.facts[name]) for name, label in words.LISTED.items()]


@dataclass(frozen=True)
class PeopleList:
    """Who is on it, by the clean data of the form, and what is known of them."""

    filters: Mapping[str, Any]

    def keys(self, most: int) -> list[int]:
        """Of at most so many, in the order of the list: one pass over what the rules say."""
        with headcount.roomy():
            return list(self._people().values_list("pk", flat=True)[:most])

    def lines(self, keys: Sequence[int]) -> list[Line]:
        """Of these people; as many queries however many they are."""
        people = User.objects.only(*PERSON).in_bulk(keys)
        facts = self._headcount.of(list(people))
        groups = _groups_of(list(people))
        labels = _labels()
        owned: dict[int, list[Owned]] = {key: [] for key in people}
        known = Registration.objects.confirmed().filter(user__in=people).order_by("pk")
        for key, *method in known.values_list("user", "kind", "is_default", "confirmed_at"):
            owned[key].append(Owned(*method))
        return [
            _line(people[key], facts[key], groups.get(key, []), owned[key], labels)
            for key in keys
            if key in facts
        ]

    def all_lines(self, keys: Sequence[int]) -> Iterator[Line]:
        """The same, read in parts."""
        unread = iter(keys)
        while part := list(islice(unread, CHUNK)):
            yield from self.lines(part)

    @property
    def _headcount(self) -> Headcount:
        return Headcount(policy.in_force())

    def _people(self) -> QuerySet[User]:
        people = User.objects.filter(*_conditions(self.filters))
        facts = {name: self.filters[name] == YES for name in words.FACTS if name in self.filters}
        if facts:
            people = people.filter(pk__in=self._headcount.where(**facts))
        sort = self.filters.get("sort", "user_name")
        order = [each.copy() for each in SORTED_BY[sort.removeprefix("-")]]
        if sort.startswith("-"):
            for each in order:
                each.reverse_ordering()
        return people.order_by(*order)


def _conditions(filters: Mapping[str, Any]) -> Iterator[Combinable | Q]:
    """One for each filter of what is known of a person without the rules."""
    state = filters.get("state")
    if state != "all":
        yield Q(is_active=state != "deactivated")
    if state == "frozen":
        yield Q(frozen_at__isnull=False)
    if "q" in filters:
        yield names.beginning_with(filters["q"])
    if "role" in filters:
        yield Q(role=filters["role"])
    if "group" in filters:
        group = filters["group"]
        theirs = User.groups.through.objects.filter(user=OuterRef("pk"))
        if group == NONE:
            yield ~Exists(theirs.filter(group__in=ordinary_groups()))
        else:
            groups = audiences.within(policy.in_force(), int(group))
            yield Exists(theirs.filter(group__in=groups))
    yield from _about_methods(filters)
    yield from _about_sign_in(filters)


def _about_methods(filters: Mapping[str, Any]) -> Iterator[Combinable | Q]:
    theirs = Registration.objects.confirmed().filter(user=OuterRef("pk"))
    yield from _has(filters.get("kind"), theirs)
    yield from _has(filters.get("default"), theirs.filter(is_default=True))
    if "changed_from" in filters:
        yield Exists(theirs.filter(confirmed_at__date__gte=filters["changed_from"]))
    if "changed_to" in filters:
        yield Exists(theirs)
        yield ~Exists(theirs.filter(confirmed_at__date__gt=filters["changed_to"]))


def _has(kind: str | None, registrations: RegistrationQuerySet) -> Iterator[Combinable | Q]:
    if kind == NONE:
        yield ~Exists(registrations)
    elif kind:
        yield Exists(registrations.filter(kind=kind))


def _about_sign_in(filters: Mapping[str, Any]) -> Iterator[Q]:
    if "seen" in filters:
        yield Q(last_sign_in_at__isnull=filters["seen"] != YES)
    if "seen_from" in filters:
        yield Q(last_sign_in_at__date__gte=filters["seen_from"])
    if "seen_to" in filters:
        yield Q(last_sign_in_at__date__lte=filters["seen_to"])


def _line(
    person: User,
    facts: Mapping[str, bool],
    groups: list[str],
    owned: list[Owned],
    labels: Mapping[str, str],
) -> Line:
    kinds = {each.kind for each in owned}
    shown = [label for kind, label in labels.items() if kind in kinds]
    shown += sorted(kind for kind in kinds if not registry.has(kind))
    default = next((each.kind for each in owned if each.is_default), "")
    changed_at = max((each.confirmed_at for each in owned if each.confirmed_at), default=None)
    return Line(
        person, tuple(groups), facts, tuple(shown), labels.get(default, default), changed_at
    )


def _labels() -> dict[str, str]:
    """In the active language, in the order of the kinds."""
    return {method.kind: str(method.label) for method in registry.all_methods()}


def _groups_of(keys: Collection[int]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    rows = ordinary_groups().filter(user__in=keys).order_by("name").values_list("user", "name")
    for key, name in rows:
        groups.setdefault(key, []).append(name)
    return groups


HEADER = (
    "user_name",
    "full_name",
    "work_address",
    "groups",
    "role",
    "active",
    *words.LISTED,
    "methods",
    "default",
    "last_change",
    "last_sign_in",
)


def cells(line: Line) -> list[Any]:
    """A row of the export, in the order of HEADER."""
    person = line.person
    return [
        person.username,
        person.full_name,
        person.work_address,
        "; ".join(line.groups),
        person.role,
        person.is_active,
        *[line.facts[name] for name in words.LISTED],
        "; ".join(line.kinds),
        line.default,
        line.changed_at,
        person.last_sign_in_at,
    ]
