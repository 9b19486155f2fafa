"""Duties: given by permission groups, apart from one another, and never lost by all."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import duties, people
from accounts.models import Role, Session, User
from accounts.session_limits import Limits
from securityinfo.actor import Actor
from securityinfo.audit.models import Event
from securityinfo.duties import Duty, groups_with, ordinary_groups
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policy
from tests.accounts.doors import is_signed_in

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/accounts/user/"
EVERY_GIVEN = [Duty.EDIT_POLICY, Duty.READ_AND_AUDIT, Duty.APPROVE_HELP]


def stored(person: User) -> User:
    return User.objects.get(pk=person.pk)


def page_of(person: User) -> str:
    return f"{PEOPLE}{person.pk}/change/"


def fields_of(person: User, **changes: object) -> dict[str, object]:
    names = ("username", "full_name", "work_address", "department", "role", "language")
    known = {name: getattr(person, name) for name in names}
    return known | {"time_zone": person.time_zone, "is_active": "on"} | changes


def errors_of(response) -> str:
    return str(response.context["adminform"].form.errors)


# --- The groups -----------------------------------------------------------------------------------


def test_an_installation_has_a_group_for_each_duty_whatever_it_runs_twice():
    duties.ensure_groups()

    assert {group.name for group in groups_with()} == {
        "Policy editors",
        "Auditors",
        "Helpdesk leads",
    }


def test_a_group_that_only_has_the_name_gives_nothing(bob):
    groups_with([Duty.READ_AND_AUDIT]).get().delete()
    bob.groups.add(Group.objects.create(name="Auditors"))

    duties.ensure_groups()

    assert groups_with([Duty.READ_AND_AUDIT]).get().name == "Auditors (duty)"
    assert not stored(bob).may(Duty.READ_AND_AUDIT)
    assert ordinary_groups().filter(name="Auditors").exists()


@pytest.mark.parametrize(
    ("duty", "rank"), [(Duty.EDIT_POLICY, 2), (Duty.READ_AND_AUDIT, 1), (Duty.APPROVE_HELP, 1)]
)
def test_the_rank_follows_the_groups_from_either_side(bob, duty, rank):
    group = groups_with([duty]).get()

    bob.groups.add(group)
    assert (bob.duty_rank, stored(bob).duty_rank) == (rank, rank)
    bob.groups.set([])
    assert stored(bob).duty_rank == 0
    group.user_set.add(bob)
    assert stored(bob).duty_rank == rank
    group.user_set.clear()
    assert stored(bob).duty_rank == 0
    bob.groups.add(group)
    group.permissions.clear()
    assert stored(bob).duty_rank == 0
    assert not stored(bob).duties


def test_the_rank_is_that_of_the_highest_duty_left(bob):
    duties.give(bob, EVERY_GIVEN)
    duties.give(bob, [Duty.READ_AND_AUDIT])

    assert bob.duty_rank == 1
    groups_with([Duty.READ_AND_AUDIT]).get().delete()
    assert stored(bob).duty_rank == 0


def test_an_ordinary_group_changes_no_duty(bob):
    duties.give(bob, [Duty.READ_AND_AUDIT])

    bob.groups.add(Group.objects.create(name="Sales"))

    assert stored(bob).duties == {Duty.READ_AND_AUDIT}


# --- Who may what ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "given", "may"),
    [
        (Role.PERSON, [], []),
        (Role.HELPDESK, [], []),
        (
            Role.ADMINISTRATOR,
            [],
            [Duty.MANAGE_PEOPLE, Duty.READ_AND_AUDIT, Duty.APPROVE_HELP],
        ),
        (Role.PERSON, EVERY_GIVEN, [Duty.EDIT_POLICY, Duty.READ_AND_AUDIT]),
        (Role.HELPDESK, [Duty.APPROVE_HELP], [Duty.APPROVE_HELP]),
        (Role.ADMINISTRATOR, [Duty.EDIT_POLICY], [*Duty]),
    ],
)
def test_what_role_and_groups_permit_together(make_person, role, given, may):
    person = make_person("sam", role=role)
    duties.give(person, given)

    found = stored(person)

    assert {duty for duty in Duty if found.may(duty)} == set(may)
    assert found.is_staff is bool(set(may) - {Duty.APPROVE_HELP})
    assert found.is_privileged is bool(may or role != Role.PERSON)
    assert found.is_agent is (role != Role.PERSON)


def test_an_inactive_holder_may_nothing(bob):
    duties.give(bob, EVERY_GIVEN)
    bob.is_active = False

    assert not any(bob.may(duty) for duty in Duty)
    assert not bob.has_perm("accounts.edit_policy")


def test_whoever_has_no_duty_costs_no_query(bob, carol, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert not bob.is_staff
        assert not bob.is_privileged
        assert not carol.is_staff


@pytest.mark.parametrize("duty", EVERY_GIVEN)
def test_a_holder_is_treated_as_staff(bob, carol, eve, duty):
    """K10, PR6, TB1, SE1."""
    duties.give(bob, [duty])

    ruleset = policy.current_for(stored(bob))

    assert ruleset.privileged
    assert not stored(bob).browsers_trusted_for(30)
    assert Limits.of(stored(bob), ruleset.settings) == Limits.of(carol, ruleset.settings)
    assert Limits.of(carol, ruleset.settings) != Limits.of(eve, ruleset.settings)


# --- Who may help whom (HD1) ----------------------------------------------------------------------

CAST = {
    "person": (Role.PERSON, []),
    "auditor": (Role.PERSON, [Duty.READ_AND_AUDIT]),
    "editor": (Role.PERSON, [Duty.EDIT_POLICY]),
    "agent": (Role.HELPDESK, []),
    "lead": (Role.HELPDESK, [Duty.APPROVE_HELP]),
    "agent who edits": (Role.HELPDESK, [Duty.EDIT_POLICY]),
    "administrator": (Role.ADMINISTRATOR, []),
    "first administrator": (Role.ADMINISTRATOR, [Duty.EDIT_POLICY]),
}
HELPS = {
    "agent": {"person"},
    "lead": {"person"},
    "agent who edits": {"person"},
    "administrator": {"person", "auditor", "agent", "lead"},
    "first administrator": {"person", "auditor", "agent", "lead"},
}


def test_nobody_helps_whoever_ranks_as_high_by_role_or_by_duty(make_person):
    cast = {}
    for name, (role, given) in CAST.items():
        person = make_person(name.replace(" ", "."), role=role)
        duties.give(person, given)
        cast[name] = stored(person)

    for helper, one in cast.items():
        helped = {name for name, other in cast.items() if one.may_help(other)}
        listed = {name for name, other in cast.items() if other in User.objects.helped_by(one)}

        assert helped == HELPS.get(helper, set())
        assert listed == helped


# --- Giving and taking ----------------------------------------------------------------------------


def test_a_new_duty_is_told_recorded_and_ends_all_sessions(ada, bob, signed_in):
    client = signed_in(bob)
    actor = Actor(person=ada.public_id, role=ada.role)

    people.update(bob, changed=["duties"], actor=actor, given=[Duty.READ_AND_AUDIT])

    event = Event.objects.get()
    assert (event.tag, event.actor, event.subject) == (
        "account.duties_changed",
        ada.public_id,
        bob.public_id,
    )
    assert event.facts == {"given": ["read_and_audit"], "taken": []}
    notice = Message.objects.get(user=bob)
    assert "Your duties were changed." in str(notice.sealed)
    assert not is_signed_in(client)


def test_a_change_of_other_things_leaves_the_duties(ada, bob):
    duties.give(bob, [Duty.READ_AND_AUDIT])
    bob.department = "Marketing"

    people.update(bob, changed=["department"], actor=Actor())

    assert stored(bob).duties == {Duty.READ_AND_AUDIT}
    assert [event.tag for event in Event.objects.all()] == ["account.updated"]


def test_an_administrator_gives_duties_on_the_page_of_the_person(ada, bob, signed_in):
    sales = Group.objects.create(name="Sales")
    both = ["accounts.edit_policy", "accounts.read_and_audit"]

    response = signed_in(ada).post(page_of(bob), fields_of(bob, duties=both, groups=[sales.pk]))

    assert response.status_code == 302, errors_of(response)
    assert stored(bob).duties == {Duty.EDIT_POLICY, Duty.READ_AND_AUDIT}
    assert sales in bob.groups.all()
    tags = set(Event.objects.values_list("tag", flat=True))
    assert tags == {"account.duties_changed", "account.updated"}


def test_the_groups_of_duties_are_no_choice_among_the_groups(ada, bob, signed_in):
    auditors = groups_with([Duty.READ_AND_AUDIT]).get()

    response = signed_in(ada).post(page_of(bob), fields_of(bob, groups=[auditors.pk]))

    assert response.status_code == 200
    assert not stored(bob).duties


def test_nobody_gives_or_takes_what_they_do_not_hold(make_person, ada, bob, signed_in):
    """Whoever may not edit the policy makes no second self that may."""
    other = make_person("otto", role=Role.ADMINISTRATOR)
    duties.give(other, [])
    editor = make_person("edda")
    duties.give(editor, [Duty.EDIT_POLICY])
    client = signed_in(other)

    given = client.post(page_of(bob), fields_of(bob, duties=["accounts.edit_policy"]))
    taken = client.post(page_of(editor), fields_of(editor))

    assert given.status_code == 200
    assert not stored(bob).duties
    assert taken.status_code == 302
    assert stored(editor).may(Duty.EDIT_POLICY)


def test_nobody_changes_their_own_duties(make_person, signed_in):
    sam = make_person("sam", role=Role.ADMINISTRATOR)

    signed_in(sam).post(page_of(sam), fields_of(sam, duties=["accounts.approve_help"]))

    assert duties.held_by(sam) == {Duty.EDIT_POLICY}


def test_a_helpdesk_lead_is_an_agent(ada, bob, carol, signed_in):
    client, lead = signed_in(ada), ["accounts.approve_help"]

    refused = client.post(page_of(bob), fields_of(bob, duties=lead))
    client.post(page_of(carol), fields_of(carol, duties=lead))
    demoted = client.post(page_of(carol), fields_of(carol, duties=lead, role="person"))

    assert "Only helpdesk agents" in errors_of(refused)
    assert "Only helpdesk agents" in errors_of(demoted)
    assert not stored(bob).duty_rank
    assert stored(carol).may(Duty.APPROVE_HELP)


def test_a_role_that_is_taken_away_leaves_the_duties_and_says_so(make_person, ada, signed_in):
    sam = make_person("sam", role=Role.ADMINISTRATOR)
    fields = fields_of(sam, role="person", duties=["accounts.edit_policy"])

    page = signed_in(ada).post(page_of(sam), fields, follow=True)

    assert "Duties that stay: Policy editor" in page.content.decode()
    assert stored(sam).duties == {Duty.EDIT_POLICY}


# --- The last one ---------------------------------------------------------------------------------


def test_the_last_policy_editor_keeps_the_duty_and_the_account(make_person, ada, signed_in):
    editor = make_person("edda")
    duties.give(editor, [Duty.EDIT_POLICY])
    client = signed_in(ada)
    duties.give(ada, [])
    without = fields_of(editor)
    del without["is_active"]

    refused = client.post(page_of(editor), without)
    listed = client.post(
        PEOPLE, {"action": "deactivate", "_selected_action": [editor.pk]}, follow=True
    )

    assert "Nobody else can edit the policy." in errors_of(refused)
    assert "Nobody else can edit the policy." in listed.content.decode()
    assert stored(editor).is_active


def test_the_last_administrator_stays_one(make_person, ada):
    """Whoever asks: here somebody whose own role ends in the same moment."""
    ada.role = Role.PERSON

    with pytest.raises(duties.NobodyLeft):
        people.update(ada, changed=["role"], actor=Actor(), given=[Duty.EDIT_POLICY])

    make_person("otto", role=Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(duties.NobodyLeft):
        people.update(ada, changed=["role"], actor=Actor(), given=[Duty.EDIT_POLICY])
    make_person("olga", role=Role.ADMINISTRATOR)
    people.update(ada, changed=["role"], actor=Actor(), given=[Duty.EDIT_POLICY])
    assert stored(ada).role == Role.PERSON


# --- Looking --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "headings"),
    [
        ([Duty.EDIT_POLICY], {"policy", "auth"}),
        ([Duty.READ_AND_AUDIT], {"accounts", "methods", "audit", "messaging", "policy", "auth"}),
    ],
)
def test_the_start_page_shows_each_only_what_they_may_see(bob, signed_in, given, headings):
    duties.give(bob, given)

    page = signed_in(bob).get("/admin/")

    assert {app["app_label"] for app in page.context["app_list"]} == headings


def test_an_auditor_reads_the_policy_and_the_people_but_fills_in_nothing(ada, bob, signed_in):
    duties.give(bob, [Duty.READ_AND_AUDIT])
    client = signed_in(bob)
    Session.objects.update(fresh_at=None)  # reading asks for no fresh proof

    for page in ("/admin/policy/orgpolicy/1/change/", page_of(ada), PEOPLE):
        answer = client.get(page)

        assert answer.status_code == 200
        assert 'name="_save"' not in answer.content.decode()
        assert "<select name=" not in answer.content.decode()
    assert "Authenticator app" in client.get("/admin/policy/orgpolicy/1/change/").content.decode()
    assert client.post(page_of(ada), fields_of(ada, role="person")).status_code == 403
    assert stored(ada).role == Role.ADMINISTRATOR


def test_the_page_of_a_person_costs_the_same_whatever_groups_there_are(ada, bob, signed_in):
    client = signed_in(ada)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(bob)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    Group.objects.bulk_create(Group(name=f"Group {n}") for n in range(30))

    assert queries() == few
