"""Doing what a file says: all of it in one transaction, or nothing."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts import duties, people
from accounts.importing import planning
from accounts.importing.columns import Column
from accounts.importing.planning import FIELDS, NAMES, Step, What, batches
from accounts.importing.reading import Problem
from accounts.importing.values import Organization
from accounts.models import User
from methods import known
from methods.models import KnownContacts
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.duties import ordinary_groups

# What its person is told of, with all that hangs on it: one by one, as by hand.
_TOLD = (Column.WORK_ADDRESS, Column.ACTIVE)


class Refused(Exception):
    """Nothing was written: there is something to correct, or people have changed meanwhile."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = problems


@dataclass(frozen=True)
class Done:
    """What was written; `batch` stands in each of its events."""

    batch: uuid.UUID
    counts: Counter[str]  # by planning.What


class Digest:
    """Of a plan: two of the same value do the same."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, step: Step | Problem) -> None:
        if isinstance(step, Problem):
            parts: tuple[object, ...] = (step.line, step.column, step.words)
        else:
            parts = (step.wanted.line, step.wanted.values, step.what, step.changes)
        self._hash.update(repr(parts).encode())

    @property
    def value(self) -> str:
        return self._hash.hexdigest()


def write(text: str, *, by: User | None, actor: Actor, expected: str = "") -> Done:
    """`expected`: the digest of the plan that was looked at; empty: whatever is there now.

    Raises Refused, and what reading.lines_of raises.
    """
    done, digest = Done(uuid.uuid4(), Counter()), Digest()
    try:
        with transaction.atomic():
            steps = planning.steps_of(text, Organization.now(), by=by, locked=True)
            for several in batches(_usable(steps, digest)):
                _Batch(several, actor, done).write()
            if expected and digest.value != expected:
                raise Refused([])
    except IntegrityError:  # somebody else has made one of them in this moment
        raise Refused([]) from None
    return done


def _usable(steps: Iterator[Step | Problem], digest: Digest) -> Iterator[Step]:
    for step in steps:
        digest.add(step)
        if isinstance(step, Problem):
            raise Refused([step])
        yield step


@dataclass(frozen=True)
class _Batch:
    """Some hundred lines, in a few statements."""

    steps: list[Step]
    actor: Actor
    done: Done

    def write(self) -> None:
        self._make([each for each in self.steps if each.what is What.NEW])
        self._change([each for each in self.steps if each.changes])
        self.done.counts.update(each.what for each in self.steps)

    def _make(self, steps: list[Step]) -> None:
        """Without a password: nobody signs in before one is handed over."""
        for step in steps:
            _fill_in(step, [*FIELDS])
            step.person.password = make_password(None)
            step.person.must_change_password = True
        made = User.objects.bulk_create([each.person for each in steps])
        self._put_into_groups(steps)
        self._know(steps)
        self._record(tags.ACCOUNT_CREATED, made, lambda person: {"role": person.role})

    def _change(self, steps: list[Step]) -> None:
        for step in steps:
            _fill_in(step, [each for each in step.columns if each in FIELDS])
        told = [each for each in steps if not set(each.columns).isdisjoint(_TOLD)]
        quiet = [each for each in steps if set(each.columns).isdisjoint(_TOLD)]
        self._put_into_groups([each for each in steps if Column.GROUPS in each.columns])
        self._know([each for each in steps if not set(each.columns).isdisjoint(NAMES)])
        for step in told:
            self._as_by_hand(step)
        fields = {FIELDS[column] for each in quiet for column in each.columns if column in FIELDS}
        if fields:
            User.objects.bulk_update([each.person for each in quiet], sorted(fields))
        changed = {each.person.pk: _names(each.columns) for each in quiet}
        self._record(
            tags.ACCOUNT_UPDATED,
            [each.person for each in quiet],
            lambda person: {"fields": changed[person.pk]},
        )

    def _as_by_hand(self, step: Step) -> None:
        try:
            people.update(
                step.person,
                changed=_names(step.columns),
                actor=self.actor,
                batch=self.done.batch,
            )
        except duties.NobodyLeft as refused:
            words = str(duties.why_not(refused))
            raise Refused([Problem(step.wanted.line, Column.ACTIVE, words)]) from None

    def _put_into_groups(self, steps: list[Step]) -> None:
        """Ordinary groups alone: those that give duties stay as they are."""
        steps = [each for each in steps if Column.GROUPS in each.wanted.values]
        if not steps:
            return
        ordinary = {group.name: group.pk for group in ordinary_groups()}
        memberships = User.groups.through
        keys = [each.person.pk for each in steps]
        memberships.objects.filter(user__in=keys, group__in=ordinary.values()).delete()
        memberships.objects.bulk_create(
            memberships(user_id=step.person.pk, group_id=ordinary[name])
            for step in steps
            for name in step.wanted.values[Column.GROUPS]
        )

    def _know(self, steps: list[Step]) -> None:
        """What stands in the file's columns, and of others what was known before."""
        rows = KnownContacts.objects.filter(user__in=[each.person.pk for each in steps])
        before = {each.user_id: each.opened for each in rows}
        rows.delete()
        KnownContacts.objects.bulk_create(_known(steps, before))

    def _record(
        self, tag: str, concerned: Iterable[User], facts: Callable[[User], dict[str, object]]
    ) -> None:
        subjects = (
            (each.public_id, {**facts(each), "batch": self.done.batch}) for each in concerned
        )
        log.record_many(tag, actor=self.actor, subjects=subjects)


def _fill_in(step: Step, columns: Iterable[Column]) -> None:
    for column in columns:
        value = step.wanted.values.get(column)
        if value is not None:
            setattr(step.person, FIELDS[column], value)


def _known(steps: Iterable[Step], before: Mapping[int, known.Known]) -> Iterator[KnownContacts]:
    for step in steps:
        values, now = step.wanted.values, dict(before.get(step.person.pk, {}))
        now |= {name: values[column] for column, name in NAMES.items() if column in values}
        details = {name: value for name, value in now.items() if value}
        if details:
            yield KnownContacts(user_id=step.person.pk, details=details)


def _names(columns: Iterable[Column]) -> list[str]:
    """As events have them: columns of the account by their field, others as in the file."""
    return sorted(str(FIELDS.get(column, column)) for column in columns)
