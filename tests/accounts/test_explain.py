"""PO7: why a method is or isn't offered to one person, the same wherever it is asked."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from accounts import explain, explain_words, passes
from accounts.models import Role, User
from methods.models import Registration
from securityinfo import crypto
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.policy.decisions import Reason
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Purpose
from tests import kinds

pytestmark = pytest.mark.django_db

PAGE = "/admin/accounts/user/explain/"


def answer(user: User, kind: str, purpose: Purpose) -> str:
    explanation = explain.Explanation.of(User.objects.get(pk=user.pk))
    line = next(each for each in explanation.lines if each.method.kind == kind)
    return explain_words.words_of(next(each for each in line.answers if each.purpose == purpose))


def required(user: User) -> str:
    return explain_words.required(explain.Explanation.of(User.objects.get(pk=user.pk)))


@pytest.fixture(autouse=True)
def _all_kinds(db):
    for kind in ("authenticator", "sms", "call", "email"):
        kinds.allow(kind)


def test_a_kind_that_is_switched_off_says_so(bob):
    MethodRule.objects.filter(kind="email").update(state="off")

    assert answer(bob, "email", Purpose.REGISTER) == "No: the organization has switched it off"


def test_an_excluded_group_is_named(bob):
    group = Group.objects.create(name="Contractors")
    bob.groups.add(group, Group.objects.create(name="Sales"))
    MethodRule.objects.get(kind="email").exclude_groups.add(group)

    assert answer(bob, "email", Purpose.SIGN_IN) == "No: in excluded group Contractors"


def test_whoever_is_in_no_included_group_is_told(bob):
    MethodRule.objects.filter(kind="email").update(include_everyone=False)

    assert answer(bob, "email", Purpose.REGISTER) == "No: in no group that has it"


@pytest.mark.parametrize(
    ("switched_off", "purpose", "text"),
    [
        ("for_reset", Purpose.RESET, "No: the organization has switched it off for reset"),
        ("for_sign_in", Purpose.SIGN_IN, "No: the organization has switched it off for sign-in"),
        ("for_sign_in", Purpose.CONFIRM, "No: the organization has switched it off for sign-in"),
    ],
)
def test_a_purpose_that_is_switched_off_is_named(bob, switched_off, purpose, text):
    MethodRule.objects.filter(kind="email").update(**{switched_off: False})

    assert answer(bob, "email", purpose) == text
    assert answer(bob, "email", Purpose.REGISTER) == "Yes"


def test_staff_need_a_stronger_method(carol):
    assert answer(carol, "email", Purpose.SIGN_IN) == "No: staff need a stronger method"
    assert answer(carol, "authenticator", Purpose.REGISTER) == "Yes"


def test_a_kind_can_not_do_everything(bob):
    kinds.allow("questions")

    text = answer(bob, "questions", Purpose.SIGN_IN)

    assert text == "No: this kind of method is not for it"


def test_what_is_allowed_works_once_it_is_registered(bob, registered):
    assert answer(bob, "email", Purpose.SIGN_IN) == "Once it is registered"

    registered("email")

    assert answer(bob, "email", Purpose.SIGN_IN) == "Yes"


def test_the_maximum_is_named(bob, registered):
    MethodRule.objects.filter(kind="email").update(maximum=1)
    registered("email")

    assert answer(bob, "email", Purpose.REGISTER) == "No: has the most that is allowed"


def test_a_switch_that_is_off_is_no_decision_about_the_person(bob, registered):
    registered("email")
    OrgPolicy.objects.update(email_switch=False, methods_to_reset=1)

    for purpose in explain.PURPOSES:
        assert answer(bob, "email", purpose) == "Not now: the organization has stopped sending"


def test_without_a_provider_nothing_is_sent(bob, settings):
    OrgPolicy.objects.update(home_country="", allowed_countries=[])

    assert answer(bob, "sms", Purpose.REGISTER) == "No: nothing can be sent this way"


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"suspended_at": timezone.now()}, "No: suspended after “This wasn't me”"),
        ({"undeliverable": "refused"}, "No: it can't be reached"),
        ({"details": crypto.Sealed("broken")}, "No: it can't be read any more"),
    ],
)
def test_the_state_of_a_method_is_named(bob, registered, columns, text):
    method = registered("email")
    Registration.objects.filter(pk=method.pk).update(**columns)

    for purpose in (Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET):
        assert answer(bob, "email", purpose) == text


def test_a_frozen_account_neither_registers_nor_resets(bob, registered):
    registered("email")
    User.objects.filter(pk=bob.pk).update(frozen_at=timezone.now())

    assert answer(bob, "email", Purpose.REGISTER) == "No: the account is frozen"
    assert answer(bob, "email", Purpose.RESET) == "No: the account is frozen"
    assert answer(bob, "email", Purpose.SIGN_IN) == "Yes"


def test_a_hold_says_until_when(bob, registered, clock):
    registered("email")
    held = registered("sms")
    until = clock.now + timedelta(hours=2)
    Registration.objects.filter(pk=held.pk).update(held_until=until)

    text = answer(bob, "sms", Purpose.SIGN_IN)

    assert re.fullmatch(r"No: held after a password reset until .*\d\d:\d\d", text)


def test_a_new_method_does_not_reset_alone(bob, registered, clock):
    registered("sms")
    new = registered("email")
    Registration.objects.filter(pk=new.pk).update(trusted_from=clock.now + timedelta(hours=2))

    assert answer(bob, "email", Purpose.RESET).startswith("Not alone: new until ")
    assert answer(bob, "email", Purpose.CONFIRM).startswith("Yes, but not to change or delete")


def test_a_reset_that_asks_for_two_needs_two(bob, registered):
    OrgPolicy.objects.update(methods_to_reset=2)
    registered("email")
    assert answer(bob, "email", Purpose.RESET) == (
        "No: a second check is needed, and there is none"
    )

    registered("sms")

    assert answer(bob, "email", Purpose.RESET) == "Yes, with a second check"
    assert answer(bob, "sms", Purpose.RESET) == "Yes, as the second check"


def test_who_may_not_reset_is_told(bob, registered):
    registered("email")
    OrgPolicy.objects.update(reset_for="nobody")

    assert answer(bob, "email", Purpose.RESET) == "No: may not reset the password"


def test_every_reason_has_its_words():
    """Those of deletions and of what isn't explained aside."""
    elsewhere = {
        Reason.ISSUED,
        Reason.NOT_FIRST,
        Reason.LAST_SIGN_IN,
        Reason.TOO_FEW,
        Reason.NEEDS_CONSENT,
    }

    assert set(explain_words._refusals()) == set(Reason) - elsewhere


# --- Required registration ------------------------------------------------------------------------


def test_without_a_method_registration_is_asked_for(bob):
    assert required(bob) == "Asked to register at sign-in: yes, at once, has no method yet."


def test_the_very_first_method_may_be_put_off(bob):
    OrgPolicy.objects.update(grace_days=3, grace_skips=2)

    assert required(bob).endswith("may put it off for 3 days and 2 times.")


def test_the_rest_may_wait_until_a_day(bob, registered):
    registered("email")

    assert "yes, has 1 of 2, may wait until " in required(bob)


def test_the_days_are_over(bob, registered):
    registered("email")
    User.objects.filter(pk=bob.pk).update(short_since=timezone.now() - timedelta(days=90))

    assert required(bob) == "Asked to register at sign-in: yes, at once, has 1 of 2."


def test_enough_methods_are_enough(bob, registered):
    registered("email")
    registered("sms")

    assert required(bob) == "Asked to register at sign-in: no, has 2 of 2."


def test_registration_that_is_not_required_is_not_asked_for(bob):
    OrgPolicy.objects.update(registration_required=False)

    assert required(bob) == "Asked to register at sign-in: no, registration isn't required."


def test_nothing_left_to_register(bob):
    MethodRule.objects.update(state="off")

    assert "the policy leaves nothing to register" in required(bob)


def test_methods_that_are_no_longer_allowed_prove_once_more(bob, registered):
    registered("email")
    MethodRule.objects.filter(kind="email").update(state="off")

    assert "One of them is asked for once more." in required(bob)


def test_methods_that_are_suspended_need_a_pass(bob, registered):
    registered("email")
    Registration.objects.update(suspended_at=timezone.now())

    assert "only after a temporary access pass" in required(bob)


def test_a_new_registration_that_the_helpdesk_asked_for_needs_a_pass(bob):
    """HD7."""
    kinds.allow("email")
    passes.require(bob)

    asked = required(bob)

    assert asked.endswith("for the helpdesk has asked for a new registration.")


# --- Where it is asked ----------------------------------------------------------------------------


def test_the_page_and_the_command_say_the_same(ada, bob, registered, signed_in):
    registered("email")
    said = StringIO()

    page = signed_in(ada).get(PAGE, {"name": "BOB "}).content.decode()
    call_command("explain_policy", "bob", stdout=said)

    assert "Bob Baker" in page
    assert "Email" in page
    for line in explain_words.table(explain.Explanation.of(bob)):
        for cell in line.cells:
            assert cell.text.replace("'", "&#x27;") in page
            assert cell.text in said.getvalue()
    assert required(bob) in said.getvalue()
    assert required(bob) in page


def test_both_are_recorded(ada, bob, signed_in):
    signed_in(ada).get(PAGE, {"name": "bob@example.org"})
    call_command("explain_policy", "bob", stdout=StringIO())

    found = Event.objects.filter(tag=tags.POLICY_EXPLAINED, subject=bob.public_id)
    assert [each.actor_role for each in found.order_by("pk")] == ["administrator", "command line"]


def test_the_mask_is_all_that_is_shown(ada, bob, registered, signed_in):
    """K5."""
    method = registered("email")

    page = signed_in(ada).get(PAGE, {"name": "bob"}).content.decode()

    assert not [secret for secret in kinds.secrets_of(method) if secret in page]


def test_nobody_of_that_name(ada, signed_in):
    page = signed_in(ada).get(PAGE, {"name": "nobody"})

    assert "Nobody has this user name or work address." in page.content.decode()
    assert not Event.objects.filter(tag=tags.POLICY_EXPLAINED).exists()
    with pytest.raises(CommandError, match="nobody called nobody"):
        call_command("explain_policy", "nobody")


def test_a_deactivated_account_is_explained_as_one(ada, bob, signed_in):
    User.objects.filter(pk=bob.pk).update(is_active=False)

    page = signed_in(ada).get(PAGE, {"name": "bob"}).content.decode()

    assert "This account is deactivated: nobody can sign in to it." in page


@pytest.mark.parametrize("role", [Role.PERSON, Role.HELPDESK])
def test_the_administrations_page_is_for_administrators(make_person, bob, signed_in, role):
    client = signed_in(make_person("sam", role=role))

    assert client.get(PAGE, {"name": "bob"}, follow=True).status_code == 404


def test_the_account_leads_to_it(ada, bob, signed_in):
    page = signed_in(ada).get(f"/admin/accounts/user/{bob.pk}/change/").content.decode()

    assert f"{PAGE}?name=bob" in page


def test_many_methods_ask_no_more(ada, bob, registered, signed_in, django_assert_max_num_queries):
    for kind in ("email", "sms", "authenticator"):
        registered(kind)
    client = signed_in(ada)
    client.get(PAGE, {"name": "bob"})

    with django_assert_max_num_queries(12):
        client.get(PAGE, {"name": "bob"})
