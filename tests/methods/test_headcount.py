"""The numbers of the reports are what the functions for one person say, added up (RE1)."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import review
from accounts.models import Role, User
from methods import audiences, registry
from methods.headcount import DUE, READY, Headcount, Numbers
from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy import initial, memory
from securityinfo.policy import service as policy
from securityinfo.policy.group_models import GroupPart
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.required import NeededState
from securityinfo.policy.rules import Strength
from tests.methods.readiness import Readiness

pytestmark = pytest.mark.django_db

KINDS = [method.kind for method in registry.all_methods() if not method.is_issued]
GROUPS = ("Sales", "Finance", "Contractors")
some_groups = st.sets(st.sampled_from(GROUPS), max_size=2)

methods = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([*KINDS, "gone"]),
        "channel": st.sampled_from(["a", "b", "c"]),
        "age": st.integers(0, 20),
        "confirmed": st.sampled_from([True, True, True, False]),
        "suspended": st.sampled_from([False, False, True]),
        "undeliverable": st.sampled_from(["", "", "opted_out"]),
    }
)
people = st.fixed_dictionaries(
    {
        "role": st.sampled_from(Role.values),
        "groups": some_groups,
        "methods": st.lists(methods, max_size=4),
        "short_days": st.none() | st.integers(0, 20),
        "reviewed_days": st.none() | st.integers(0, 20),
        "is_frozen": st.booleans(),
        "asked_days": st.none() | st.integers(0, 20),
        "skips_used": st.integers(0, 3),
        "must_use_pass": st.booleans(),
        "duty_rank": st.sampled_from([0, 0, 1]),
    }
)
rules = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["off", "allowed", "recommended"]),
        "for_sign_in": st.booleans(),
        "for_reset": st.booleans(),
        "include_everyone": st.booleans(),
        "include_groups": some_groups,
        "exclude_groups": some_groups,
        "maximum": st.integers(1, 3),
    }
)
choices = st.fixed_dictionaries(
    {
        "registration_required": st.booleans(),
        "methods_to_register": st.integers(1, 3),
        "methods_to_reset": st.integers(1, 2),
        "more_methods_days": st.sampled_from([0, 10]),
        "grace_days": st.sampled_from([0, 10]),
        "grace_skips": st.sampled_from([0, 2]),
        "reset_for": st.sampled_from(["nobody", "groups", "everyone"]),
        "paid_first_check": st.booleans(),
        "review_days": st.sampled_from([0, 10]),
        "allowed_countries": st.sampled_from([[], ["NL"]]),
    }
)


def make_organization(chosen, chosen_rules, reset_groups, crowd) -> list[User]:
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in GROUPS}
    initial.ensure_policy()
    row = OrgPolicy.objects.get()
    row.reset_groups.set(groups[name] for name in reset_groups)
    for rule in MethodRule.objects.all():
        if rule.kind not in chosen_rules:
            continue
        wanted = dict(chosen_rules[rule.kind])
        rule.include_groups.set(groups[name] for name in wanted.pop("include_groups"))
        rule.exclude_groups.set(groups[name] for name in wanted.pop("exclude_groups"))
        wanted["maximum"] = min(wanted["maximum"], rule.ceiling)
        MethodRule.objects.filter(pk=rule.pk).update(**wanted)
    OrgPolicy.objects.update(**chosen)
    return [make_member(number, each, groups) for number, each in enumerate(crowd)]


def make_member(number, wanted, groups) -> User:
    now = timezone.now()
    user = User.objects.create(
        username=f"p{number}",
        work_address=f"p{number}@example.org",
        role=wanted["role"],
        skips_used=wanted["skips_used"],
        must_use_pass=wanted["must_use_pass"],
        duty_rank=wanted["duty_rank"],
        reviewed_at=ago(now, wanted["reviewed_days"]),
        frozen_at=now if wanted["is_frozen"] else None,
        short_since=ago(now, wanted["short_days"]),
        asked_first_at=ago(now, wanted["asked_days"]),
    )
    user.groups.set(groups[name] for name in wanted["groups"])
    for place, each in enumerate(wanted["methods"]):
        Registration.objects.create(
            user=user,
            kind=each["kind"],
            channel=each["channel"],
            name=f"number {place}",
            confirmed=each["confirmed"],
            confirmed_at=ago(now, each["age"]),
            suspended_at=now if each["suspended"] else None,
            undeliverable=each["undeliverable"],
            details={},
        )
    return user


def nest(part, group) -> None:
    part, group = Group.objects.get(name=part), Group.objects.get(name=group)
    GroupPart.objects.create(part=part, group=group)
    OrgPolicy.objects.update()


def ago(now, days):
    return None if days is None else now - timedelta(days=days, minutes=5)


def truth_about(user) -> dict[str, bool]:
    standing = Standing.of(user, policy.current_for(user))
    needed = standing.needed
    is_first = needed.state == NeededState.FIRST_METHOD
    is_more = needed.state == NeededState.MORE_METHODS
    late_at = timezone.now() + timedelta(days=7)
    return vars(Readiness.of(standing)) | {
        "stuck": needed.state == NeededState.NOTHING_POSSIBLE,
        "asked_now": (is_first and not needed.may_skip) or (is_more and needed.overdue),
        "may_skip": is_first and needed.may_skip,
        "waiting": is_more and not needed.overdue,
        "review": review.is_due(standing, Strength.STRONG),
        "locked_out": (standing.has_sign_in_method and not standing.for_sign_in)
        or needed.state == NeededState.NOTHING_POSSIBLE,
        "due_soon": is_more and not needed.overdue and needed.due <= late_at,
    }


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chosen=choices,
    chosen_rules=st.fixed_dictionaries(dict.fromkeys(KINDS, rules)),
    reset_groups=some_groups,
    is_nested=st.booleans(),
    crowd=st.lists(people, min_size=1, max_size=6),
)
def test_counted_by_the_database_is_as_asked_one_by_one(
    transaction_of_its_own, chosen, chosen_rules, reset_groups, is_nested, crowd
):
    with transaction_of_its_own():
        members = make_organization(chosen, chosen_rules, reset_groups, crowd)
        if is_nested:
            nest("Contractors", "Sales")
        headcount = Headcount(policy.in_force())

        totals = headcount.totals()
        single = headcount.of([member.pk for member in members])
        truth = {member.pk: truth_about(member) for member in members}

        assert single == truth
        assert totals.everybody.people == len(members)
        assert totals.everybody.of == added_up(truth.values())
        for group in Group.objects.filter(name__in=GROUPS):
            inside = audiences.within(policy.in_force(), group.pk)
            theirs = User.objects.filter(groups__in=inside).distinct()
            numbers = totals.of_groups.get(group.pk, Numbers.none())
            assert numbers.people == len(theirs)
            assert numbers.of == added_up(truth[user.pk] for user in theirs)
        assert {kind: vars(each) for kind, each in totals.of_kinds.items()} == kinds_of(members)
        for column in (*READY, *DUE):
            found = User.objects.filter(pk__in=headcount.where(**{column: True}))
            assert {user.pk for user in found} == {pk for pk in truth if truth[pk][column]}


def kinds_of(members) -> dict[str, dict[str, int]]:
    found = {kind: {"people": 0, "methods": 0, "can_use": 0} for kind in KINDS}
    for member in members:
        standing = Standing.of(member, policy.current_for(member))
        for kind in {each.kind for each in standing.registrations}:
            numbers = found[kind]
            numbers["people"] += 1
            numbers["methods"] += standing.count(kind)
            numbers["can_use"] += any(each.kind == kind for each in standing.usable)
    return found


def added_up(facts) -> dict[str, int]:
    facts = list(facts)
    return {column: sum(each[column] for each in facts) for column in (*READY, *DUE)}


@pytest.fixture
def transaction_of_its_own():
    """Every organization of the test is gone before the next one is made."""

    @contextmanager
    def open_one():
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        memory.forget()

    return open_one


def test_staff_are_told_apart_from_people_in_a_group_that_a_rule_names(make_person, db):
    """One part each: who is staff and who is in the first set of groups is no sum of the two."""
    sales = Group.objects.create(name="Sales")
    people = [
        make_person("person"),
        make_person("member"),
        make_person("agent", role=Role.HELPDESK),
        make_person("both", role=Role.HELPDESK),
    ]
    sales.user_set.add(people[1], people[3])
    MethodRule.objects.update(state="allowed", include_everyone=False)
    for rule in MethodRule.objects.all():
        rule.include_groups.add(sales)
        rule.save()

    parts = {each.part: each for each in audiences.of(policy.in_force())}

    assert len(parts) == 4
    assert sorted((each.privileged, any_rule(each).included) for each in parts.values()) == [
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    ]


def any_rule(part):
    return next(iter(part.ruleset.rules.values()))


def test_the_deactivated_are_counted_nowhere_and_found_when_asked_for(bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    headcount = Headcount(policy.in_force())

    assert headcount.totals().everybody.people == 0
    assert set(headcount.of([bob.pk])) == {bob.pk}
