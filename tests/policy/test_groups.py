"""PO1: groups in groups; exclude wins, however deep somebody stands."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from securityinfo.actor import SYSTEM
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.policy import nesting, service
from securityinfo.policy.decisions import Reason
from securityinfo.policy.group_models import above
from securityinfo.policy.models import GroupPart, OrgPolicy
from tests.policy.conftest import POST

pytestmark = pytest.mark.django_db

GROUPS = "/admin/auth/group/"


@pytest.fixture
def groups(db):
    """All ⊃ Sales ⊃ Interns."""
    every, sales, interns = (
        Group.objects.create(name=name) for name in ("All", "Sales", "Interns")
    )
    nesting.set_parts(every, [sales], actor=SYSTEM)
    nesting.set_parts(sales, [interns], actor=SYSTEM)
    return {"All": every, "Sales": sales, "Interns": interns}


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


def may(user, traits=POST):
    return service.current_for(user).may_register(traits)


def test_whoever_is_in_a_part_is_in_the_group(bob, eve, rules, groups):
    bob.groups.add(groups["Interns"])
    rules["post"].include_everyone = False
    rules["post"].save()
    rules["post"].include_groups.add(groups["All"])

    assert may(bob)
    assert may(eve).reason == Reason.NOT_INCLUDED


def test_exclude_wins_however_deep(bob, eve, rules, groups):
    bob.groups.add(groups["Interns"])
    eve.groups.add(groups["All"])
    rules["post"].include_groups.add(groups["Interns"])
    rules["post"].exclude_groups.add(groups["Sales"])

    assert may(bob).reason == Reason.EXCLUDED
    assert may(eve)


def test_a_group_is_not_in_its_parts(bob, rules, groups):
    bob.groups.add(groups["All"])
    rules["post"].exclude_groups.add(groups["Interns"])

    assert may(bob)


def test_who_may_reset_counts_groups_in_groups(bob, eve, rules, groups):
    bob.groups.add(groups["Interns"])
    OrgPolicy.objects.update(reset_for="groups")
    OrgPolicy.objects.get().reset_groups.add(groups["All"])

    assert service.current_for(bob).may_reset()
    assert not service.current_for(eve).may_reset()


def test_the_excluding_group_is_named_however_deep(bob, rules, groups):
    bob.groups.add(groups["Interns"])
    rules["post"].exclude_groups.add(groups["All"])

    assert service.excluding_groups(bob, "post") == ["All"]


def test_it_holds_at_the_next_request(bob, rules, groups):
    """R097."""
    bob.groups.add(groups["Interns"])
    rules["post"].exclude_groups.add(groups["All"])
    assert not may(bob)

    nesting.set_parts(groups["Sales"], [], actor=SYSTEM)

    assert may(bob)


def test_a_group_that_is_deleted_takes_its_place_along(bob, rules, groups):
    bob.groups.add(groups["Interns"])
    rules["post"].exclude_groups.add(groups["All"])
    assert not may(bob)

    groups["Sales"].delete()

    assert may(bob)


def test_groups_in_groups_cost_no_query(bob, rules, groups, django_assert_num_queries):
    bob.groups.add(groups["Interns"])
    rules["post"].exclude_groups.add(groups["All"])
    service.current_for(bob)

    with django_assert_num_queries(2):  # the token, and the groups of bob
        service.current_for(bob)


@pytest.mark.parametrize(
    ("group", "part"), [("Interns", "All"), ("Sales", "All"), ("Interns", "Sales"), ("All", "All")]
)
def test_no_group_stands_in_itself(groups, group, part):
    with pytest.raises(ValidationError, match="can't stand in"):
        nesting.set_parts(groups[group], [groups[part]], actor=SYSTEM)

    assert GroupPart.objects.count() == 2


def test_a_circle_in_the_database_stops_nobody(bob, rules, groups):
    bob.groups.add(groups["Interns"])
    GroupPart.objects.create(group=groups["Interns"], part=groups["All"])
    rules["post"].exclude_groups.add(groups["All"])

    assert may(bob).reason == Reason.EXCLUDED
    assert above([(1, 2), (2, 1)]) == {1: {1, 2}, 2: {1, 2}}


def test_the_database_keeps_a_group_out_of_itself(groups):
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupPart.objects.create(group=groups["All"], part=groups["All"])


# --- The page -------------------------------------------------------------------------------------


def post(client, group: Group, *parts: Group):
    values = {"name": group.name, "parts": [part.pk for part in parts]}
    return client.post(f"{GROUPS}{group.pk}/change/", values)


def test_groups_are_put_into_a_group_on_its_page(admin, ada, groups, contractors):
    page = admin.get(f"{GROUPS}{groups['All'].pk}/change/").content.decode()
    assert "Groups in it" in page

    post(admin, groups["All"], groups["Sales"], contractors)

    assert {each.name for each in nesting.parts_of(groups["All"])} == {"Sales", "Contractors"}
    event = Event.objects.filter(tag=tags.GROUP_CHANGED).last()
    assert event.actor == ada.public_id
    assert event.facts == {"group": "All", "parts": [["Sales"], ["Contractors", "Sales"]]}


def test_a_new_group_begins_with_its_parts(admin, contractors):
    admin.post(f"{GROUPS}add/", {"name": "Outside", "parts": [contractors.pk]})

    assert list(nesting.parts_of(Group.objects.get(name="Outside"))) == [contractors]


def test_the_groups_that_give_duties_are_no_choice(admin, groups):
    given = Group.objects.get(name="Auditors")

    page = admin.get(f"{GROUPS}{groups['All'].pk}/change/").content.decode()
    answer = post(admin, groups["All"], given)

    assert "Auditors" not in page
    assert "is not one of the available choices" in answer.content.decode()


def test_a_circle_is_refused_on_the_page(admin, groups):
    answer = post(admin, groups["Interns"], groups["All"])

    assert "“All” can&#x27;t stand in “Interns”: that one stands in it." in answer.content.decode()
    assert not nesting.parts_of(groups["Interns"])


def test_a_saved_page_without_a_difference_is_no_event(admin, groups):
    before = Event.objects.filter(tag=tags.GROUP_CHANGED).count()

    post(admin, groups["All"], groups["Sales"])

    assert Event.objects.filter(tag=tags.GROUP_CHANGED).count() == before


def test_a_group_in_another_is_not_deleted(admin, groups):
    """Its people would be let into what the other is excluded from."""
    answer = admin.post(f"{GROUPS}{groups['Interns'].pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert Group.objects.filter(name="Interns").exists()


def test_each_name_of_a_group_is_an_event(admin, ada):
    """R109: files and documents of the policy know groups by their names."""
    admin.post(f"{GROUPS}add/", {"name": "Exempt"})
    group = Group.objects.get(name="Exempt")
    admin.post(f"{GROUPS}{group.pk}/change/", {"name": "Sales"})
    admin.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"})

    recorded = Event.objects.filter(tag=tags.GROUP_CHANGED).order_by("pk")
    assert [each.facts["name"] for each in recorded] == [
        ["", "Exempt"],
        ["Exempt", "Sales"],
        ["Sales", ""],
    ]
    assert {each.actor for each in recorded} == {ada.public_id}
