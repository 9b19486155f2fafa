"""What a file would do: each line compared with the account as it is now; nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext as _

from accounts.importing import checking
from accounts.importing.checking import Wanted
from accounts.importing.columns import KNOWN_BEFOREHAND, Column
from accounts.importing.reading import Problem
from accounts.importing.values import Organization
from accounts.models import User
from methods import known
from methods.models import KnownContacts
from securityinfo.duties import ordinary_groups

BATCH = 500  # lines that are compared at once: SQLite takes some thousand values in a statement

T = TypeVar("T")

FIELDS = {
    Column.FULL_NAME: "full_name",
    Column.WORK_ADDRESS: "work_address",
    Column.EMPLOYEE_NUMBER: "employee_number",
    Column.DEPARTMENT: "department",
    Column.LANGUAGE: "language",
    Column.TIME_ZONE: "time_zone",
    Column.ACTIVE: "is_active",
}
NAMES = dict(
    zip(KNOWN_BEFOREHAND, (known.MOBILE, known.ALTERNATE, known.OFFICE, known.PRIVATE), strict=True)
)


class What(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    DEACTIVATED = "deactivated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one person; empty texts for what is no one's business to see in full."""

    column: Column
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a file that can be used."""

    wanted: Wanted
    what: What
    person: User  # as it is now; of somebody new an empty one
    changes: tuple[Change, ...] = ()

    @property
    def columns(self) -> list[Column]:
        return [each.column for each in self.changes]


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """itertools.batched, which Python 3.11 hasn't."""
    left = iter(items)
    while several := list(islice(left, size)):
        yield several


def steps_of(
    text: str, organization: Organization, *, by: User | None, locked: bool = False
) -> Iterator[Step | Problem]:
    """Line by line; `by` imports, and can't put themselves out. `locked`: to write them then.

    Raises what reading.lines_of raises.
    """
    for several in batches(checking.people_of(text, organization)):
        wanted = [each for each in several if isinstance(each, Wanted)]
        now = _Now.of(wanted, locked=locked)
        for each in several:
            if isinstance(each, Problem):
                yield each
                continue
            problems = [*now.conflicts(each), *_on_oneself(each, by)]
            yield from problems
            if not problems:
                yield now.compared(each)


def _on_oneself(wanted: Wanted, by: User | None) -> Iterator[Problem]:
    is_out = wanted.values.get(Column.ACTIVE) is False
    if by is not None and is_out and wanted.folded == by.username.lower():
        yield Problem(wanted.line, Column.ACTIVE, _("Nobody deactivates their own account."))


@dataclass(frozen=True)
class _Now:
    """What is stored that some lines could meet."""

    people: dict[str, User]  # by folded user name
    by_address: dict[str, User]
    by_number: dict[str, User]
    groups: dict[int, tuple[str, ...]]
    contacts: dict[int, known.Known]

    @classmethod
    def of(cls, wanted: list[Wanted], *, locked: bool) -> _Now:
        names, addresses = [each.folded for each in wanted], [each.address for each in wanted]
        # A user name may be somebody else's work address, and the other way round.
        either = {*names, *filter(None, addresses)}
        named = User.objects.alias(folded=Lower("username")).filter(folded__in=either)
        mailed = User.objects.filter(work_address__in=either)
        numbers = [each.number for each in wanted if each.number]
        numbered = (
            User.objects.alias(upper=Upper("employee_number")).filter(upper__in=numbers)
            if numbers
            else User.objects.none()
        )
        people = _by(named, lambda each: each.username.lower(), locked=locked)
        keys = [each.pk for each in people.values()]
        columns = {column for each in wanted[:1] for column in each.values}
        return cls(
            people=people,
            by_address=_by(mailed, lambda each: each.work_address),
            by_number=_by(numbered, lambda each: each.employee_number.upper()),
            groups=_groups_of(keys) if Column.GROUPS in columns else {},
            contacts=_contacts_of(keys) if columns.intersection(KNOWN_BEFOREHAND) else {},
        )

    def conflicts(self, wanted: Wanted) -> Iterator[Problem]:
        """What somebody else has already, and what a new account lacks."""
        person = self.people.get(wanted.folded)
        if person is None and not wanted.address:
            yield Problem(wanted.line, Column.WORK_ADDRESS, _("The work address is missing."))
        if _is_another(self.by_address.get(wanted.folded), person):
            words = _("Somebody has this user name as work address.")
            yield Problem(wanted.line, Column.USER_NAME, words)
        address = wanted.address
        owners = (self.by_address.get(address), self.people.get(address)) if address else ()
        if any(_is_another(owner, person) for owner in owners):
            words = _("Somebody already has this work address.")
            yield Problem(wanted.line, Column.WORK_ADDRESS, words)
        if wanted.number and _is_another(self.by_number.get(wanted.number), person):
            words = _("Somebody already has this employee number.")
            yield Problem(wanted.line, Column.EMPLOYEE_NUMBER, words)

    def compared(self, wanted: Wanted) -> Step:
        person = self.people.get(wanted.folded)
        if person is None:
            return Step(wanted, What.NEW, User(username=wanted.name))
        changes = tuple(chain(_of_fields(wanted, person), self._of_groups(wanted, person)))
        changes += tuple(self._of_contacts(wanted, person))
        is_out = any(each.column == Column.ACTIVE for each in changes) and person.is_active
        what = What.DEACTIVATED if is_out else What.CHANGED if changes else What.UNCHANGED
        return Step(wanted, what, person, changes)

    def _of_groups(self, wanted: Wanted, person: User) -> Iterator[Change]:
        old, new = self.groups.get(person.pk, ()), wanted.values.get(Column.GROUPS)
        if new is not None and new != old:
            yield Change(Column.GROUPS, ", ".join(old), ", ".join(new))

    def _of_contacts(self, wanted: Wanted, person: User) -> Iterator[Change]:
        old = self.contacts.get(person.pk, {})
        for column, name in NAMES.items():
            if column in wanted.values and (wanted.values[column] or None) != old.get(name):
                yield Change(column)


def _of_fields(wanted: Wanted, person: User) -> Iterator[Change]:
    for column, field in FIELDS.items():
        new = wanted.values.get(column)
        old = getattr(person, field)
        if new is not None and new != old:
            yield Change(column, _shown(old), _shown(new))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _is_another(owner: User | None, person: User | None) -> bool:
    return owner is not None and (person is None or owner.pk != person.pk)


def _by(
    people: QuerySet[User], key: Callable[[User], str], *, locked: bool = False
) -> dict[str, User]:
    found: Iterable[User] = people.select_for_update().order_by("pk") if locked else people
    return {key(each): each for each in found}


def _groups_of(keys: list[int]) -> dict[int, tuple[str, ...]]:
    """Ordinary groups by name, sorted; those that give duties are none of a file's business."""
    through = User.groups.through.objects.filter(user__in=keys, group__in=ordinary_groups())
    found: dict[int, list[str]] = defaultdict(list)
    for person, name in through.values_list("user_id", "group__name"):
        found[person].append(name)
    return {person: tuple(sorted(names)) for person, names in found.items()}


def _contacts_of(keys: list[int]) -> dict[int, known.Known]:
    return {each.user_id: each.opened for each in KnownContacts.objects.filter(user__in=keys)}
