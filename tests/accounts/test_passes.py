"""Temporary access passes: who gets one, what is kept of it, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from accounts import disown, pass_proof, pass_rules, passes, people
from accounts.models import TemporaryPass, User
from accounts.pass_rules import WhyNot, in_words
from accounts.passes import NotIssued
from methods import registry
from methods.answers import Result
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit.models import Event
from securityinfo.messaging.models import Message
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.throttling import Throttled
from tests import kinds
from tests.kinds import actor_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(carol):
    """`issue(bob)`: by the agent, unless told otherwise."""
    kinds.allow("email")

    def issue(user, *, by=None, sets_password=False):
        return passes.issue(user, actor=actor_for(by or carol), sets_password=sets_password)

    return issue


def use(user, text, *, flow="f1", actor=None):
    """The answer to what was typed at sign-in; other signs than letters and digits are ignored."""
    given = {"code": text.replace("-", "")}
    actor = actor or actor_for(user)
    return pass_proof.use(user, given, flow=flow, actor=actor, then=lambda _: None)


def age(**duration):
    by = timedelta(**duration)
    for name in ("created_at", "expires_at", "used_at"):
        TemporaryPass.objects.update(**{name: F(name) - by})


def events(*tags):
    return list(Event.objects.filter(tag__in=tags).order_by("id").values_list("tag", "reason"))


def subjects(user):
    """What this person is told, by subject."""
    return [each.sealed["subject"] for each in Message.objects.filter(user=user)]


def test_a_pass_has_twelve_letters_and_digits_in_groups_of_four(bob, issue):
    """TP1."""
    text = issue(bob).text

    groups = text.split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert not set("".join(groups)) & set("01ILOU")
    assert text.upper() == text


def test_two_passes_are_never_the_same(bob, issue):
    assert len({issue(bob).text for _ in range(20)}) == 20


def test_a_pass_works_as_long_as_policy_has_it(bob, issue):
    OrgPolicy.objects.update(pass_minutes=10)

    issue(bob)

    row = TemporaryPass.objects.get()
    assert row.expires_at - row.created_at == timedelta(minutes=10)


def test_nothing_but_a_keyed_hash_is_kept(bob, issue):
    """R058: neither the table, nor an event, nor a message tells the pass."""
    text = issue(bob).text
    stored = []
    with connection.cursor() as cursor:
        for table in ("accounts_temporarypass", "audit_event", "messaging_message"):
            cursor.execute(f"SELECT * FROM {table}")
            stored += cursor.fetchall()
    told = [message.sealed for message in Message.objects.all()]

    assert stored
    assert told
    assert text not in str([stored, told])
    assert text.replace("-", "") not in str([stored, told])


def test_who_issues_shows_it_once_and_its_repr_is_silent(bob, issue):
    issued = issue(bob)

    assert issued.text not in repr(issued)


def test_issuing_is_recorded_and_told_to_all_contacts(bob, carol, issue):
    """HD12, N12."""
    kinds.register(bob, "email")
    Message.objects.all().delete()

    issue(bob)

    event = Event.objects.get(tag="pass.issued")
    assert (event.actor, event.subject, event.kind) == (
        carol.public_id,
        bob.public_id,
        registry.issued().kind,
    )
    assert subjects(bob) == ["The helpdesk changed your account"] * 2
    assert all(each.sealed["link"] for each in Message.objects.all())


def test_a_second_pass_ends_the_first(bob, issue):
    """R058."""
    first, second = issue(bob), issue(bob)

    assert use(bob, first.text).result is Result.WRONG
    assert use(bob, second.text).result is Result.RIGHT
    assert events("pass.revoked") == [("pass.revoked", "replaced")]


def test_a_pass_works_once(bob, issue):
    text = issue(bob).text

    answers = [use(bob, text, flow=flow).result for flow in ("f1", "f2")]

    assert answers == [Result.RIGHT, Result.WRONG]
    assert subjects(bob).count("Your temporary access pass was used") == 1


def test_the_other_click_of_a_double_click_is_no_wrong_answer(bob, issue):
    text = issue(bob).text

    answers = [use(bob, text, flow="f1").result for _ in range(2)]

    assert answers == [Result.RIGHT, Result.USED]


def test_the_pass_of_somebody_else_is_wrong(bob, eve, issue):
    text = issue(bob).text

    assert use(eve, text).result is Result.WRONG


def test_an_expired_pass_is_wrong_and_its_end_is_recorded_once(bob, issue):
    text = issue(bob).text
    age(minutes=61)

    answer = use(bob, text)
    passes.sweep()
    passes.sweep()

    assert answer.result is Result.WRONG
    assert events("pass.expired") == [("pass.expired", "")]


def test_a_used_pass_does_not_expire(bob, issue):
    use(bob, issue(bob).text)
    age(minutes=61)

    passes.sweep()

    assert events("pass.expired") == []
    assert not TemporaryPass.objects.open().exists()


def test_a_revoked_pass_is_wrong_and_its_person_is_told(bob, carol, issue):
    text = issue(bob).text
    Message.objects.all().delete()

    revoked = [passes.revoke(bob, actor=actor_for(carol)) for _ in range(2)]

    assert revoked == [True, False]
    assert use(bob, text).result is Result.WRONG
    assert events("pass.revoked") == [("pass.revoked", "revoked")]
    assert len(subjects(bob)) == 1


def test_a_pass_survives_a_change_of_keys(bob, issue, settings):
    text = issue(bob).text
    settings.ENCRYPTION_KEYS = ["t2:" + "H" * 43 + "=", *settings.ENCRYPTION_KEYS]

    assert use(bob, text)


def test_wrong_passes_are_counted_like_wrong_codes(bob, issue):
    """C6: a right one is not looked at while somebody has to wait."""
    text = issue(bob).text
    for _ in range(5):
        use(bob, "AAAABBBBCCCC")

    with pytest.raises(Throttled):
        use(bob, text)

    assert events("pass.used") == [("pass.used", "wrong")] * 5


def test_a_right_pass_gives_back_its_hit(bob, issue):
    """C8."""
    answers = [use(bob, issue(bob).text, flow=f"f{number}").result for number in range(8)]

    assert answers == [Result.RIGHT] * 8


@pytest.mark.parametrize("by", ["bob", "carol", "ada"])
def test_nobody_issues_a_pass_to_who_has_the_same_or_a_higher_role(by, request, make_person):
    """HD1, R058: not to oneself either."""
    kinds.allow("email")
    actor = request.getfixturevalue(by)
    twin = make_person("twin", role=actor.role)
    for whose in (actor, twin):
        with pytest.raises(NotIssued) as refused:
            passes.issue(whose, actor=actor_for(actor), sets_password=False)
        assert refused.value.why is WhyNot.ROLE


def test_an_administrator_helps_an_agent(ada, carol):
    kinds.allow("authenticator")

    assert passes.issue(carol, actor=actor_for(ada), sets_password=False)


def test_without_a_kind_to_register_a_pass_would_not_help(bob, issue):
    """HD9."""
    MethodRule.objects.exclude(kind=registry.issued().kind).update(state="off")

    with pytest.raises(NotIssued) as refused:
        issue(bob)

    assert refused.value.why is pass_rules.may_issue(bob) is WhyNot.NO_METHOD
    assert in_words(WhyNot.NO_METHOD, bob) == (
        "Your organization allows no method for Bob Baker to register, so a pass would not help."
    )
    assert not TemporaryPass.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"is_active": False}, WhyNot.INACTIVE),
        ({"frozen_at": "2026-01-01T00:00Z"}, WhyNot.FROZEN),
    ],
)
def test_a_closed_account_gets_no_pass(bob, issue, change, why):
    User.objects.filter(pk=bob.pk).update(**change)

    with pytest.raises(NotIssued) as refused:
        issue(bob)

    assert refused.value.why is why


def test_policy_may_switch_passes_off(bob, issue):
    MethodRule.objects.filter(kind=registry.issued().kind).update(state="off")

    with pytest.raises(NotIssued) as refused:
        issue(bob)

    assert refused.value.why is WhyNot.OFF


def test_who_may_not_reset_gets_no_pass_for_a_new_password(bob, issue):
    """PR5."""
    OrgPolicy.objects.update(reset_for="nobody")

    with pytest.raises(NotIssued) as refused:
        issue(bob, sets_password=True)

    assert refused.value.why is WhyNot.NO_RESET
    assert issue(bob).text


def test_every_reason_has_words(bob):
    assert all(in_words(why, bob) for why in WhyNot)


def test_this_was_not_me_ends_the_pass(bob, eve, issue):
    """HD12: whoever was taken for this person is stopped by its owner."""
    text = issue(bob).text

    disown.protect(Event.objects.get(tag="pass.issued"), actor_for(eve))

    bob.refresh_from_db()
    assert use(bob, text).result is Result.WRONG
    assert pass_rules.may_issue(bob) is WhyNot.FROZEN


@pytest.mark.parametrize("change", [{"role": "helpdesk"}, {"is_active": False}])
def test_another_role_or_the_end_of_the_account_ends_the_pass(bob, ada, issue, change):
    text = issue(bob).text
    for name, value in change.items():
        setattr(bob, name, value)

    people.update(bob, changed=change, actor=actor_for(ada))

    assert use(bob, text).result is Result.WRONG


def test_a_pass_is_asked_for_until_there_is_a_sign_in_method(bob):
    """HD7."""
    passes.require(bob)
    asked = passes.is_required(User.objects.get(pk=bob.pk))

    kinds.allow("email")
    kinds.register(User.objects.get(pk=bob.pk), "email")

    assert asked
    assert not User.objects.get(pk=bob.pk).must_use_pass


def test_what_cannot_sign_in_takes_no_pass_back(bob):
    kinds.allow("questions")
    passes.require(bob)

    kinds.register(User.objects.get(pk=bob.pk), "questions")

    assert User.objects.get(pk=bob.pk).must_use_pass


def test_policy_may_ask_for_no_pass_after_a_new_registration(bob):
    passes.require(bob)
    OrgPolicy.objects.update(pass_after_reset=False)

    assert not passes.is_required(bob)


def test_old_passes_are_forgotten(bob, issue):
    issue(bob)
    age(hours=25)

    TemporaryPass.objects.over().delete()

    assert not TemporaryPass.objects.exists()


def printed(*arguments, **options):
    out = StringIO()
    call_command("emergency_pass", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_command_lets_an_administrator_in_and_tells_all_of_them(ada, make_person):
    """HD1, R102."""
    kinds.allow("authenticator")
    grace = make_person("grace", role="administrator")

    text = printed("ada").split("shown only now: ")[1].split()[0]

    assert use(ada, text)
    event = Event.objects.get(tag="pass.issued")
    assert (event.actor, event.actor_role) == (None, COMMAND_LINE.role)
    told = "For administrators: an emergency pass was issued"
    assert told in subjects(grace)
    assert told in subjects(ada)


def test_the_command_refuses_with_the_reason(ada):
    MethodRule.objects.exclude(kind=registry.issued().kind).update(state="off")

    with pytest.raises(CommandError, match="a pass would not help"):
        printed("ada")
    with pytest.raises(CommandError, match="nobody called nobody"):
        printed("nobody")


def test_the_command_can_also_help_with_a_forgotten_password(ada):
    kinds.allow("authenticator")

    printed("ada", new_password=True)

    assert TemporaryPass.objects.get().sets_password
