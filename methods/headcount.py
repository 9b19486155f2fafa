"""What everybody is ready for, counted by the database for a hundred thousand (RE1).

The rules are asked once for each audience and kind, and go into the statement as tables of
numbers; who is in which audience, and what that makes of each method, the database works out.
Whether sealed details still open can't be seen here: a damaged method counts as it did before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from methods import audiences, registry
from methods.audiences import Audience
from methods.base import Method
from methods.headcount_statement import FACTS
from methods.models import Registration
from securityinfo import clock
from securityinfo.policy import resets
from securityinfo.policy.rules import Purpose, staff_kind_installed
from securityinfo.policy.service import Policy

SOON = timedelta(days=7)
WORK_MEMORY = "64MB"  # of three methods each the statement takes 26 to 86
WORK_TIME = "25s"  # gunicorn gives up a request after 30

# Columns of the statement, each a question that is answered yes or no for everybody.
READY = (
    "registered_for_sign_in",
    "can_sign_in",
    "registered_for_reset",
    "can_reset",
    "complete",
    "short",
)
DUE = ("stuck", "asked_now", "may_skip", "waiting", "due_soon", "review", "locked_out")
COLUMNS = (*READY, *DUE)

_SUMS = ", ".join(f"COALESCE(SUM({column}), 0)" for column in COLUMNS)
_TOTALS = """
SELECT 'all', 0, 0, COUNT(*), {sums} FROM fact
UNION ALL
SELECT 'group', belongs.group_id, 0, COUNT(*), {sums} FROM fact
JOIN {membership} belongs ON belongs.user_id = fact.id GROUP BY belongs.group_id
UNION ALL
SELECT 'kinds', CAST(has AS BIGINT), CAST(uses AS BIGINT), COUNT(*), {nothing} FROM fact
GROUP BY has, uses
"""
_NESTED = """(
    SELECT user_id, group_id FROM {membership}
    UNION
    SELECT put.user_id, nested.column2 FROM {membership} put
    JOIN (VALUES {pairs}) nested ON nested.column1 = put.group_id
)"""
# How many of each kind a person has is told by one number, with a digit for each kind. Nobody has
# sixteen of a kind, and thirteen kinds fit.
DIGIT = 16


@dataclass(frozen=True)
class Numbers:
    """How many people, and of how many each column is true."""

    people: int
    of: dict[str, int]

    @classmethod
    def none(cls) -> Numbers:
        return cls(0, dict.fromkeys(COLUMNS, 0))


@dataclass
class KindNumbers:
    """How many people have methods of a kind, how many methods that is, and who can use one."""

    people: int = 0
    methods: int = 0
    can_use: int = 0


@dataclass(frozen=True)
class Totals:
    """Everybody, and in parts: groups by their ids, kinds by their names."""

    everybody: Numbers
    of_groups: dict[int, Numbers]
    of_kinds: dict[str, KindNumbers]

    def add_owners(self, people: int, has: int, uses: int) -> None:
        """So many people have, and can use, these; a digit for each kind."""
        for numbers in self.of_kinds.values():
            has, count = divmod(has, DIGIT)
            uses, usable = divmod(uses, DIGIT)
            numbers.methods += people * count
            numbers.people += people * bool(count)
            numbers.can_use += people * bool(usable)


@dataclass(frozen=True)
class Headcount:
    """The facts about people under one policy, at this moment."""

    policy: Policy

    def totals(self) -> Totals:
        """Of everybody who is active, of each group, of each kind. Two queries, or three."""
        nothing = ", ".join("0" for _ in COLUMNS)
        statement = _TOTALS.format(sums=_SUMS, membership=self._membership(), nothing=nothing)
        totals = Totals(Numbers.none(), {}, {method.kind: KindNumbers() for method in _methods()})
        for what, first, second, people, *sums in self._rows(statement, active_only=True):
            numbers = Numbers(people, dict(zip(COLUMNS, map(int, sums), strict=True)))
            if what == "all":
                totals = replace(totals, everybody=numbers)
            elif what == "group":
                totals.of_groups[first] = numbers
            else:
                totals.add_owners(people, first, second)
        return totals

    def of(self, people: Collection[int]) -> dict[int, dict[str, bool]]:
        """The columns of these people, by their keys. Two queries, or three."""
        if not people:
            return {}
        rows = self._rows(f"SELECT id, {', '.join(COLUMNS)} FROM fact", people)  # noqa: S608 - names of ours
        return {key: dict(zip(COLUMNS, map(bool, flags), strict=True)) for key, *flags in rows}

    def where(self, **wanted: bool) -> RawSQL:
        """The keys of those for whom each of these columns is as wanted, for a query of people.

        Raises KeyError for what is no column.
        """
        if unknown := set(wanted) - set(COLUMNS):
            raise KeyError(*unknown)
        conditions = " AND ".join(f"{name} = {int(value)}" for name, value in wanted.items())
        select = f"SELECT id FROM fact WHERE {conditions}"  # noqa: S608 - names of ours
        return RawSQL(self._facts() + select, self._moments())  # noqa: S611 - nothing typed

    def _membership(self) -> str:
        """Who is in which group; whoever is in a group that stands in another is in both, once."""
        table = get_user_model().groups.through._meta.db_table
        above = [(each, up) for each, higher in self.policy.above.items() for up in higher]
        if not above:
            return table
        pairs = ", ".join(_row(*each) for each in sorted(above))
        return _NESTED.format(membership=table, pairs=pairs)

    def _rows(
        self, select: str, people: Collection[int] | None = None, *, active_only: bool = False
    ) -> list[Sequence[Any]]:
        with connection.cursor() as cursor:
            cursor.execute(self._facts(people, active_only=active_only) + select, self._moments())
            return cursor.fetchall()

    def _facts(self, people: Collection[int] | None = None, *, active_only: bool = False) -> str:
        """The statement up to the table `fact`."""
        parts = audiences.of(self.policy, people)
        keys = "" if people is None else ", ".join(str(int(each)) for each in people)
        said = [
            _said(part, method, DIGIT**place)
            for part in parts
            for place, method in enumerate(_methods())
        ]
        return FACTS.format(
            person=audiences.person(self.policy, people, active_only=active_only),
            said=", ".join(said) or _row(0, "''", *[0] * 9),
            asked=", ".join(map(_asked, parts)) or _row(*[0] * 7),
            registrations=Registration._meta.db_table,
            of_chosen=f"AND user_id IN ({keys})" if keys else "",
        )

    def _moments(self) -> list[Any]:
        """What "may wait" is measured by, in the order in which the statement asks for it."""
        settings, now = self.policy.settings, clock.now()
        grace = timedelta(days=settings.grace_days)
        wait = timedelta(days=settings.more_methods_days)
        moments = (now, now - grace, now, now - wait, now, now - wait + SOON)
        adapted = [connection.ops.adapt_datetimefield_value(each) for each in moments]
        reviewed = connection.ops.adapt_datetimefield_value(
            now - timedelta(days=settings.review_days)
        )
        return [settings.grace_skips, *adapted, int(settings.review_days > 0), reviewed]


@contextmanager
def roomy() -> Iterator[None]:
    """PostgreSQL may use the memory that a hundred thousand people take, and the time of a million.

    By itself it would put what it sorts on the disk, compile what is asked once, and believe that
    of what is fetched in pieces only the first ones are wanted: then it asks for each person anew.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('work_mem', %s, true), set_config('jit', 'off', true), "
                    "set_config('cursor_tuple_fraction', '1', true), "
                    "set_config('statement_timeout', %s, true)",
                    [WORK_MEMORY, WORK_TIME],
                )
        yield


def _methods() -> tuple[Method, ...]:
    """Those that people have; what is issued to them is no method of theirs."""
    return tuple(each for each in registry.all_methods() if not each.is_issued)


def _said(part: Audience, method: Method, place: int) -> str:
    """One row: what kinds are for, what this audience may use them for, and whether they count."""
    ruleset, traits = part.ruleset, method.traits
    may_sign_in = bool(ruleset.may_use(traits, Purpose.SIGN_IN))
    may_reset = bool(ruleset.may_use(traits, Purpose.RESET))
    fits_first = resets.fits_first(ruleset.settings, traits)
    flags = (
        Purpose.SIGN_IN in traits.purposes,
        Purpose.RESET in traits.purposes,
        Purpose.RESET in traits.purposes and fits_first,
        may_sign_in,
        may_reset,
        bool(resets.may_begin(ruleset, traits)),
        traits.counts and (may_sign_in or may_reset),
        place,
        place * (may_sign_in or may_reset),
    )
    return _row(part.part, f"'{method.kind}'", *map(int, flags))


def _asked(part: Audience) -> str:
    """One row: how many channels this audience should and could have, and what a reset asks."""
    ruleset = part.ruleset
    traits = [method.traits for method in _methods()]
    return _row(
        part.part,
        ruleset.settings.methods_to_register,
        ruleset.reachable(traits),
        resets.checks_needed(ruleset),
        int(bool(ruleset.may_reset())),
        int(ruleset.settings.registration_required),
        int(part.privileged and not staff_kind_installed(traits)),
    )


def _row(*values: object) -> str:
    return f"({', '.join(map(str, values))})"
