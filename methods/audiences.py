"""Everybody, in as few parts as the policy tells people apart: each part has one ruleset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import connection

from securityinfo.policy.rules import Ruleset
from securityinfo.policy.service import Policy

# Who is in which part: a number whose lowest bit says "staff", and whose others stand for a set of
# groups each, in the order of `group_sets`.
PERSON = """
mark_of (group_id, mark) AS (VALUES {marks}),
marked (user_id, part) AS (
    SELECT user_id, CAST(SUM(mark) AS BIGINT)
    FROM (
        SELECT DISTINCT belongs.user_id, mark_of.mark
        FROM {membership} belongs
        JOIN mark_of ON mark_of.group_id = belongs.group_id
        {of_chosen}
    ) each_mark
    GROUP BY user_id
),
person (id, part, is_staff, asked_first_at, short_since, skips_used,
        must_use_pass, reviewed_at, is_frozen) AS (
    SELECT somebody.id,
           COALESCE(marked.part, 0) + {is_staff},
           {is_staff},
           somebody.asked_first_at, somebody.short_since, somebody.skips_used,
           CASE WHEN somebody.must_use_pass THEN 1 ELSE 0 END,
           somebody.reviewed_at, CASE WHEN somebody.frozen_at IS NULL THEN 0 ELSE 1 END
    FROM {people} somebody
    LEFT JOIN marked ON marked.user_id = somebody.id
    {chosen}
)
"""
# As User.is_privileged: by role, or by a duty.
IS_STAFF = "CASE WHEN somebody.role = 'person' AND somebody.duty_rank = 0 THEN 0 ELSE 1 END"
_PARTS = """
WITH {person}
SELECT part, MIN(is_staff), MIN(id) FROM person GROUP BY part ORDER BY part
"""


@dataclass(frozen=True)
class Audience:
    """Those for whom the policy says the same."""

    part: int
    privileged: bool
    ruleset: Ruleset


def within(policy: Policy, group: int) -> frozenset[int]:
    """The group itself, and those that stand in it."""
    return frozenset({group} | {each for each, higher in policy.above.items() if group in higher})


def group_sets(policy: Policy) -> tuple[frozenset[int], ...]:
    """The sets of groups by which it tells people apart: being in one of a set is what counts.

    Two people who were put into the same of these sets, and are both staff or not, have one
    ruleset.
    """
    if not policy.names_groups:
        return ()
    named = {each for rule in policy.rules for each in (rule.include_groups, rule.exclude_groups)}
    sets = {
        frozenset[int]().union(*(within(policy, group) for group in groups))
        for groups in named | {policy.reset_groups}
    }
    return tuple(sorted(sets - {frozenset()}, key=sorted))


def person(
    policy: Policy, people: Collection[int] | None = None, *, active_only: bool = False
) -> str:
    """The common tables up to `person`, for a statement that begins WITH.

    Of those with these keys; without any given, of everybody, active or not.
    """
    model = get_user_model()
    keys = None if people is None else ", ".join(str(int(each)) for each in people) or "NULL"
    return PERSON.format(
        marks=", ".join(
            f"({int(group)}, {2 << place})"
            for place, groups in enumerate(group_sets(policy))
            for group in sorted(groups)
        )
        or "(0, 0)",  # there is no such group
        membership=model.groups.through._meta.db_table,
        people=model._meta.db_table,
        is_staff=IS_STAFF,
        of_chosen="" if keys is None else f"WHERE belongs.user_id IN ({keys})",
        chosen=" AND ".join(
            ["WHERE TRUE"]
            + (["somebody.is_active"] if active_only else [])
            + ([f"somebody.id IN ({keys})"] if keys is not None else [])
        ),
    )


def of(policy: Policy, people: Collection[int] | None = None) -> tuple[Audience, ...]:
    """All parts that have somebody in them; two queries. No rule names a group: staff, and others.

    Which groups matter is asked of one person of each part: the rules themselves decide.
    """
    if not policy.names_groups:
        return tuple(
            Audience(part, bool(part), policy.ruleset(frozenset(), privileged=bool(part)))
            for part in (0, 1)
        )
    with connection.cursor() as cursor:
        cursor.execute(_PARTS.format(person=person(policy, people)))
        parts = cursor.fetchall()
    groups: dict[int, set[int]] = {somebody: set() for _, _, somebody in parts}
    belongs = get_user_model().groups.through.objects.filter(user_id__in=groups)
    for user_id, group_id in belongs.values_list("user_id", "group_id"):
        groups[user_id].add(group_id)
    return tuple(
        Audience(
            part,
            bool(privileged),
            policy.ruleset(frozenset(groups[somebody]), privileged=bool(privileged)),
        )
        for part, privileged, somebody in parts
    )
