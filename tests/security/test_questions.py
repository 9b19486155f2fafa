"""R036-R039: security questions open nothing by themselves, and nobody reads the answers."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from accounts.models import Role
from methods import challenges, registry
from methods.answers import Result
from methods.models import Challenge, Registration
from methods.standing import Standing
from securityinfo import throttling
from securityinfo.audit.models import Event
from securityinfo.policy import service as policy
from securityinfo.policy.models import OrgPolicy
from securityinfo.policy.rules import Purpose, Reason
from securityinfo.throttling import limits
from tests import kinds
from tests.accounts.doors import main_of, post_sign_in
from tests.pages import crawl

pytestmark = pytest.mark.django_db

KIND = "questions"
START = "/security-info/add/questions/"
CANARIES = [f"canary {number} kqz{number}" for number in range(1, 6)]


@pytest.fixture
def method():
    kinds.allow(KIND)
    return registry.get(KIND)


@pytest.fixture
def form(method):
    """Filled in with answers that would be found anywhere."""
    names = [
        name for name in kinds.sample_of(method).FORM.values() if "-" in name and name.islower()
    ]
    filled = {f"question_{n}": name for n, name in enumerate(names, start=1)}
    return filled | {f"answer_{n}": answer for n, answer in enumerate(CANARIES, start=1)}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("purpose", Purpose)
def test_they_serve_a_reset_of_people_and_nothing_else(method, make_person, role, purpose):
    """R036: matrix of purpose and role; to register them is part of it."""
    person = make_person("somebody", role=role)
    ruleset = policy.current_for(person)

    allowed = bool(ruleset.may_use(method.traits, purpose))

    is_person = role == Role.PERSON
    assert allowed == (is_person and purpose in (Purpose.REGISTER, Purpose.RESET))


@pytest.mark.parametrize("role", [Role.HELPDESK, Role.ADMINISTRATOR])
def test_staff_cannot_register_them(method, make_person, signed_in, role, form):
    """R036, K10."""
    browser = signed_in(make_person("somebody", role=role))

    answer = browser.post(START, form)

    assert answer.status_code == 302
    assert not Registration.objects.filter(kind=KIND).exists()


def test_who_becomes_staff_cannot_use_them_any_more(method, bob):
    """R036."""
    registration = kinds.register(bob, KIND)
    bob.role = Role.HELPDESK
    bob.save()

    standing = Standing.of(bob, policy.current_for(bob))

    assert not standing.may_use(registration, Purpose.RESET)
    assert policy.current_for(bob).may_register(method.traits).reason is Reason.STAFF_STRENGTH


def test_they_are_off_in_a_new_organization(bob, signed_in):
    """R036, QU1."""
    assert kinds.MethodRule.objects.get(kind=KIND).state == "off"
    assert signed_in(bob).get(START)["Location"] == "/security-info/"


def test_they_are_never_a_step_of_signing_in(method, bob, client):
    """R036, RR3: who has nothing else is asked for a method before anything opens."""
    kinds.register(bob, KIND)
    standing = Standing.of(bob, policy.current_for(bob))

    signed_in = post_sign_in(client, "bob")
    wizard = main_of(client.get("/keep-secure/choose/"))

    assert (standing.channels, standing.for_sign_in, standing.default) == (0, (), None)
    assert signed_in["Location"].startswith("/keep-secure/")
    assert "Security questions" not in wizard
    assert client.get("/keep-secure/questions/")["Location"] == "/keep-secure/"


def test_an_answer_is_nowhere_to_be_read(method, bob, ada, signed_in, form, caplog):
    """R037: canary over the database, the administration and the own pages."""
    owner = signed_in(bob)
    owner.post(START, form | {"answer_1": "ab"})
    added = owner.post(START, form, follow=True)
    challenge = kinds.ask(Registration.objects.get(kind=KIND))
    kinds.confirm(challenge, {f"answer_{n}": answer for n, answer in enumerate(CANARIES, start=1)})
    change = f"/security-info/{Registration.objects.get(kind=KIND).uuid}/change/"

    pages = [
        added,
        owner.get(change),
        *crawl.crawl(owner).values(),
        *crawl.crawl(signed_in(ada)).values(),
        signed_in(ada).get(
            f"/admin/methods/registration/{Registration.objects.get(kind=KIND).pk}/change/"
        ),
    ]
    shown = "".join(page.content.decode(errors="replace") for page in pages)

    assert "5 questions" in shown
    everything = (shown + dump() + caplog.text).casefold()
    assert not [canary for canary in CANARIES if canary in everything]


def dump() -> str:
    """Every column of every table, encrypted ones as they are and as they are read."""
    out = io.StringIO()
    call_command("dumpdata", stdout=out)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            out.write(
                str([bytes(v) if isinstance(v, memoryview) else v for row in cursor for v in row])
            )
    details = [each.details for each in Registration.objects.all()]
    return out.getvalue() + str(details)


def test_twenty_restarts_show_the_same_questions(method, bob):
    """R039, QU2: over flows, purposes of a browser and wrong answers; then others may come."""
    OrgPolicy.objects.update(code_tries=3)
    registration = kinds.register(bob, KIND)
    asked = []
    for number in range(20):
        challenge = kinds.ask(Registration.objects.get(kind=KIND), flow=f"flow {number}")
        prompt = challenge.prompt(registration.details)
        asked.append([str(field.label) for field in method.form_for(prompt)])
        if number in (3, 7):
            assert kinds.confirm(challenge, kinds.wrong(challenge)).result is Result.WRONG

    assert len(asked[0]) == 3
    assert all(each == asked[0] for each in asked)
    assert kinds.confirm(challenge).result is Result.RIGHT
    assert Registration.objects.get(kind=KIND).last_counter == 0


def test_after_a_right_answer_another_selection_follows(method, bob):
    """R039: nobody who has looked on knows what is asked the next time."""
    registration = kinds.register(bob, KIND)
    seen = set()
    for _ in range(12):
        challenge = kinds.ask(Registration.objects.get(kind=KIND))
        seen.add(tuple(challenge.context["asked"]))
        Registration.objects.filter(pk=registration.pk).update(
            last_counter=kinds.reload(challenge).registration.last_counter + 1
        )

    assert len(seen) > 3


def test_a_wrong_set_counts_once_and_says_nothing_more(method, bob):
    """R039, QU5: one wrong of three reads like three wrong."""
    kinds.register(bob, KIND)
    challenge = kinds.ask(Registration.objects.get(kind=KIND))
    one = kinds.right(challenge) | {"answer_2": "wrong answer"}
    three = dict.fromkeys(one, "wrong answer")

    first, second = kinds.confirm(challenge, one), kinds.confirm(challenge, three)

    assert (first.result, second.result) == (Result.WRONG, Result.WRONG)
    assert first.tries_left - second.tries_left == 1
    assert Challenge.objects.get().tries == 2


def test_an_old_round_of_questions_is_answered_once(method, bob):
    """R039: two browsers ask the same; the second right answer is of a round that is over."""
    kinds.register(bob, KIND)
    first = kinds.ask(Registration.objects.get(kind=KIND), purpose=Purpose.RESET)
    second = kinds.ask(Registration.objects.get(kind=KIND), purpose=Purpose.CALLER)

    assert kinds.confirm(first).result is Result.RIGHT
    assert kinds.confirm(second).result is Result.WRONG


def test_the_policy_decides_at_the_moment_of_the_change(method, bob):
    """PU3: switched off between the form and its sending."""
    enrolment = method.enrol(bob, kinds.fill_in(bob, method))
    kinds.allow(KIND, state="off")

    with pytest.raises(challenges.changes.Refused):
        kinds.registrations.add_unproved(
            kinds.registrations.draft(bob, method, enrolment),
            ruleset=policy.current_for(bob),
            actor=kinds.actor_for(bob),
        )

    assert not Registration.objects.exists()
    assert not Event.objects.filter(tag="method.registered").exists()


def test_who_changes_them_again_and_again_has_to_wait_before_they_are_hashed(
    method, bob, signed_in, form
):
    """R091: five slow hashes for each form would keep everybody else from signing in."""
    registration = kinds.register(bob, KIND)
    address = reverse("methods:change", args=[registration.uuid])
    browser = signed_in(bob)
    for _ in range(limits.UNPROVED_BY_ACCOUNT.hits):
        throttling.hit(limits.UNPROVED_BY_ACCOUNT, str(bob.pk))

    answer = browser.post(address, form | {"attempt": "one more"})

    details = Registration.objects.get(pk=registration.pk).details
    assert answer.status_code == 429
    assert details == registration.details
