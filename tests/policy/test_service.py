"""The policy as it is read: fresh, cheap, and within its ranges."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from securityinfo.actor import SYSTEM, Actor
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.policy import changes, initial, memory, service
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import InitialRule, KindTraits, Purpose, Reason, RuleState, Strength
from tests.policy.conftest import APP, POST

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_a_request():
    memory.begin()
    yield
    memory.end()


def test_values_out_of_range_in_the_row_are_clamped_when_read():
    """R097, PO4."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE policy_orgpolicy SET code_tries = 99, code_minutes = -1, cool_down_hours = 0, "
            "agent_actions_day = 99999, token = %s",
            ["0" * 32],
        )

    settings = service.current()

    assert settings.code_tries == 10
    assert settings.code_minutes == 3
    assert settings.cool_down_hours == 1
    assert settings.agent_actions_day == 500


def test_a_change_holds_from_the_next_request_on(bob, rules, in_a_request):
    """R097, PU3."""
    assert service.current_for(bob).may_register(POST)

    MethodRule.objects.filter(kind="post").update(state=RuleState.OFF)
    memory.begin()

    assert service.current_for(bob).may_register(POST).reason == Reason.RULE_OFF


def test_a_request_begins_and_ends_the_memory(client, rules):
    """Wired to Django's own signals: a worker, where none are sent, asks each time."""
    client.get("/sign-in/")

    memory.keep("policy", "stale")
    assert memory.recall("policy") is None


def test_a_change_holds_at_once_in_the_request_that_made_it(bob, rules, in_a_request):
    assert service.current().code_tries == 5

    changes.change_settings(actor=SYSTEM, code_tries=3)

    assert service.current().code_tries == 3


def test_an_unchanged_policy_costs_one_query(bob, rules, django_assert_num_queries):
    service.current_for(bob)

    with django_assert_num_queries(1):
        service.current_for(bob)


def test_within_one_request_the_policy_is_read_once(
    bob, rules, in_a_request, django_assert_num_queries
):
    service.current_for(bob)

    with django_assert_num_queries(0):
        for _ in range(3):
            service.current()
            service.current_for(bob)


def test_groups_are_asked_for_only_where_a_rule_names_some(
    bob, rules, contractors, django_assert_num_queries
):
    rules["post"].exclude_groups.add(contractors)
    service.current_for(bob)

    with django_assert_num_queries(2):
        service.current_for(bob)


def test_anonymous_visitors_have_settings_and_no_groups(rules):
    ruleset = service.current_for(AnonymousUser())

    assert ruleset.settings == service.current()
    assert not ruleset.privileged


@pytest.mark.parametrize(
    ("everyone", "included", "excluded", "reason"),
    [
        (True, [], [], None),
        (True, [], ["staff"], Reason.EXCLUDED),
        (False, [], [], Reason.NOT_INCLUDED),
        (False, ["staff"], [], None),
        (False, ["other"], [], Reason.NOT_INCLUDED),
        (False, ["staff"], ["staff"], Reason.EXCLUDED),
        (False, ["staff"], ["sales"], Reason.EXCLUDED),
        (False, ["staff"], ["other"], None),
        (True, ["other"], ["other"], None),
    ],
)
def test_groups_are_included_and_excluded_and_exclude_wins(
    bob, rules, everyone, included, excluded, reason
):
    """PO1. Bob is of staff and sales, not of other."""
    groups = {name: Group.objects.create(name=name) for name in ("staff", "sales", "other")}
    bob.groups.set([groups["staff"], groups["sales"]])
    rule = rules["post"]
    rule.include_everyone = everyone
    rule.save()
    rule.include_groups.set([groups[name] for name in included])
    rule.exclude_groups.set([groups[name] for name in excluded])

    assert service.current_for(bob).may_register(POST).reason == reason


def test_staff_have_strong_kinds_only(carol, rules):
    """K10."""
    ruleset = service.current_for(carol)

    assert ruleset.may_register(POST).reason == Reason.STAFF_STRENGTH
    assert ruleset.may_register(APP)


def test_a_new_kind_appears_switched_off(bob, rules):
    """PO2."""
    pigeon = KindTraits("pigeon", Strength.WEAK, frozenset(Purpose), 2)

    initial.ensure_rules([InitialRule(APP), InitialRule(POST), InitialRule(pigeon)])

    assert MethodRule.objects.get(kind="pigeon").state == RuleState.OFF
    assert service.current_for(bob).may_register(pigeon).reason == Reason.RULE_OFF


def test_rules_that_exist_keep_what_was_decided(rules):
    changes.change_rule("post", actor=SYSTEM, state="off", maximum=2)

    initial.ensure_rules([InitialRule(POST, RuleState.RECOMMENDED, 1), InitialRule(APP)])

    rule = MethodRule.objects.get(kind="post")
    assert (rule.state, rule.maximum) == ("off", 2)


def test_the_rule_of_a_kind_that_is_gone_waits_for_its_return(bob, rules):
    initial.ensure_rules([InitialRule(APP)])

    assert not service.current_for(bob).may_register(POST)
    initial.ensure_rules([InitialRule(APP), InitialRule(POST)])
    assert service.current_for(bob).may_register(POST)


def test_there_is_one_policy():
    with pytest.raises(IntegrityError):
        OrgPolicy.objects.bulk_create([OrgPolicy(pk=2)])


def test_without_a_row_the_defaults_hold(rules):
    OrgPolicy.objects.all().delete()

    assert service.current().code_tries == 5


def test_the_organizations_domains_are_by_default_those_of_active_people(make_person):
    make_person("one", work_address="one@example.org")
    make_person("two", work_address="two@branch.example.org")
    make_person("gone", work_address="gone@former.example.org", is_active=False)

    assert service.organization_domains() == {"example.org", "branch.example.org"}


def test_listed_domains_are_the_organizations(bob):
    changes.change_settings(actor=SYSTEM, organization_domains=["example.com"])

    assert service.organization_domains() == {"example.com"}


def test_a_change_is_a_version_with_an_event_that_says_what_was_and_is(ada, rules):
    """PO6."""
    before = OrgPolicy.objects.get().version

    changes.change_settings(
        actor=Actor(person=ada.public_id, role=ada.role), note="Ticket 7", code_tries=4
    )

    event = Event.objects.get(tag=tags.POLICY_SAVED)
    assert OrgPolicy.objects.get().version == event.policy_version == before + 1
    assert event.actor == ada.public_id
    assert event.facts == {"changes": {"code_tries": [5, 4]}, "note": "Ticket 7"}


def test_a_change_of_nothing_is_no_version(rules):
    before = OrgPolicy.objects.get().version

    changes.change_settings(actor=SYSTEM, code_tries=5)

    assert OrgPolicy.objects.get().version == before
    assert not Event.objects.exists()


def test_a_change_of_groups_is_recorded_by_their_names(rules, contractors):
    changes.change_rule("post", actor=SYSTEM, exclude_groups=[contractors])

    event = Event.objects.get(tag=tags.POLICY_SAVED)
    assert event.facts["changes"] == {"post.exclude_groups": [[], ["Contractors"]]}


@pytest.mark.parametrize(
    "values",
    [
        {"code_tries": 11},
        {"code_minutes": 0},
        {"methods_to_register": 1, "methods_to_reset": 2},
        {"accent": "blue"},
        {"helpdesk_url": "javascript:alert(1)"},
        {"password_min_length": 8, "registration_required": False},
        {"languages": ["en"], "default_language": "nl"},
    ],
)
def test_code_cannot_store_what_the_form_refuses(values):
    """R097."""
    with pytest.raises(ValidationError):
        changes.change_settings(actor=SYSTEM, **values)


def test_code_cannot_switch_off_the_last_of_several_kinds(rules):
    """PO3."""
    changes.change_rule("app", actor=SYSTEM, state="off")

    with pytest.raises(ValidationError, match="Allow at least one method for sign-in."):
        changes.change_rule("post", actor=SYSTEM, for_sign_in=False)


@pytest.mark.parametrize("name", sorted(changes.SWITCHES))
def test_a_channel_that_is_stopped_and_goes_on_is_an_event_of_its_own(name):
    """AD1: `channel.stopped`, `channel.resumed`."""
    changes.change_settings(actor=SYSTEM, **{name: False})
    changes.change_settings(actor=SYSTEM, code_tries=4)
    changes.change_settings(actor=SYSTEM, **{name: True})

    told = Event.objects.filter(tag__startswith="channel.").order_by("id")
    channel = name.removesuffix("_switch")
    assert [(each.tag, each.facts["channel"]) for each in told] == [
        (tags.CHANNEL_STOPPED, channel),
        (tags.CHANNEL_RESUMED, channel),
    ]
