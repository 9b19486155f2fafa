"""Every kind, through the registry: a new folder is under test before it has a test of its own."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.template.loader import get_template
from django.urls import reverse

from methods import registrations, registry
from methods.answers import Result
from methods.first_check import Shown
from methods.models import Challenge, Registration
from securityinfo import discovery
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Purpose, Settings
from tests import kinds

pytestmark = pytest.mark.django_db


def each_of(methods):
    return pytest.mark.parametrize("method", methods, ids=[method.kind for method in methods])


ADDED = [method for method in registry.all_methods() if not method.is_issued]
KINDS = each_of(registry.all_methods())
METHODS = each_of(ADDED)
PROVED = each_of([method for method in ADDED if method.needs_proof])
UNPROVED = each_of([method for method in ADDED if not method.needs_proof])
ISSUED = each_of([method for method in registry.all_methods() if method.is_issued])


@KINDS
def test_a_kind_is_named_like_its_folder(method):
    assert method.kind in discovery.kind_names()


@KINDS
def test_a_kind_says_in_words_what_it_is(method):
    texts = (method.label, method.offer, method.in_words, method.description)

    assert all(str(text).strip() for text in texts)


@KINDS
def test_a_kind_serves_at_least_one_purpose(method):
    assert method.purposes


@KINDS
def test_the_pages_of_a_kind_exist(method):
    assert get_template(method.set_up_template)
    assert get_template(method.verify_template)


@KINDS
def test_every_kind_has_a_rule(method):
    rule = MethodRule.objects.get(kind=method.kind)

    assert rule.state == method.initial_state


@pytest.fixture
def allowed(method):
    """The kind switched on for everybody."""
    kinds.allow(method.kind)


@KINDS
def test_a_kind_promises_no_more_than_it_can(method):
    """What policy and pages rely on: ranges, a form with words, a channel if it sends."""
    assert 1 <= method.initial_maximum <= method.max_per_user
    assert method.sends in ("", "email", "text", "call")
    assert Purpose.REGISTER not in method.purposes
    assert method.traits.kind == method.kind


@METHODS
def test_every_field_of_the_forms_has_a_label(method, bob, allowed):
    challenge = kinds.begin(bob, method)
    enrol = method.enrol_form(person=bob, settings=kinds.policy.current_for(bob).settings)
    answer = method.form_for(challenge.prompt(challenge.registration.details))

    assert enrol.fields or not method.asks_first
    assert answer.fields or method.is_keyed
    assert all(field.label for form in (enrol, answer) for field in form)


@METHODS
def test_nonsense_is_refused_by_the_form(method, bob, allowed):
    if not method.asks_first:
        pytest.skip("this kind asks nothing before the proof")
    form = method.enrol_form(
        kinds.sample_of(method).INVALID, person=bob, settings=kinds.policy.current_for(bob).settings
    )

    assert not form.is_valid()


@PROVED
def test_nothing_counts_before_it_is_proved(method, bob, allowed):
    kinds.begin(bob, method)

    assert not Registration.objects.of(bob).confirmed().exists()


@PROVED
def test_a_right_answer_confirms(method, bob, allowed):
    challenge = kinds.begin(bob, method)

    answer = kinds.confirm(challenge)

    assert answer.result is Result.RIGHT
    assert Registration.objects.of(bob).confirmed().get().kind == method.kind


@METHODS
def test_a_right_answer_proves(method, bob, allowed):
    assert kinds.confirm(kinds.begin(bob, method)).result is Result.RIGHT


@METHODS
def test_a_wrong_answer_proves_nothing(method, bob, allowed):
    challenge = kinds.begin(bob, method)

    assert kinds.confirm(challenge, kinds.wrong(challenge)).result is Result.WRONG


@PROVED
def test_a_wrong_answer_confirms_nothing(method, bob, allowed):
    challenge = kinds.begin(bob, method)

    kinds.confirm(challenge, kinds.wrong(challenge))

    assert not Registration.objects.of(bob).confirmed().exists()


@METHODS
def test_a_right_answer_works_once(method, bob, allowed):
    challenge = kinds.begin(bob, method)
    prompt = challenge.prompt(challenge.registration.details)
    right = kinds.sample_of(method).right(prompt)
    kinds.confirm(challenge, right)

    again = kinds.confirm(Challenge.objects.get(pk=challenge.pk), right)

    assert again.result is Result.USED


@METHODS
def test_an_expired_challenge_compares_nothing(method, bob, allowed):
    challenge = kinds.begin(bob, method)
    Challenge.objects.update(expires_at=Now() - timedelta(milliseconds=1))

    answer = kinds.confirm(challenge)

    assert answer.result is Result.EXPIRED
    assert Challenge.objects.get().tries == 0


@METHODS
def test_the_same_value_is_not_added_twice(method, bob, allowed):
    sample = kinds.sample_of(method)
    if not hasattr(sample, "SAME"):
        pytest.skip("every enrolment of this kind is a new one")
    MethodRule.objects.filter(kind=method.kind).update(maximum=method.max_per_user)
    kinds.register(bob, method.kind)
    Challenge.objects.update(issued_at=Now() - timedelta(hours=1))

    with pytest.raises(registrations.AlreadyAdded):
        kinds.begin(bob, method, sample.SAME)


@METHODS
def test_a_kind_knows_the_identity_of_what_it_has_kept(method, bob, allowed):
    """R116: under new keys the same value has to be found again."""
    enrolment = method.enrol(bob, kinds.fill_in(bob, method))

    assert method.identity(enrolment.details) == enrolment.identity


@METHODS
def test_the_stored_row_is_sealed_and_its_name_says_nothing(method, bob, allowed):
    registration = kinds.register(bob, method.kind)
    shown = f"{registration!s} {registration!r} {registration.summary}"

    assert not any(secret in shown for secret in kinds.secrets_of(registration))


@METHODS
def test_the_ciphertext_holds_nothing_in_clear(method, bob, allowed):
    """R002, K5: neither the row of the method nor what is stored with the challenge."""
    registration = kinds.register(bob, method.kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM methods_registration")
        stored = str([bytes(v) if isinstance(v, memoryview) else v for v in cursor.fetchone()])

    shown = stored + str(list(Challenge.objects.values()))
    assert registration.details
    assert not any(secret in shown for secret in kinds.secrets_of(registration))


@METHODS
def test_the_value_stands_whole_only_in_full(method, bob, allowed):
    """K5."""
    registration = kinds.register(bob, method.kind)
    shown, whole = kinds.sample_of(method).SECRETS, method.full_value(registration.details)

    secrets = kinds.secrets_of(registration)
    assert secrets
    assert not any(secret in method.summary(registration.details) for secret in secrets)
    assert not shown or any(secret in whole for secret in shown)
    assert not any(secret in whole for secret in secrets if secret not in shown)


@METHODS
def test_a_mistyped_value_can_be_corrected(method, bob, allowed):
    """What the form was filled in with comes back, and is taken again."""
    initial = method.form_initial(kinds.begin(bob, method).registration.details)

    form = method.enrol_form(initial, person=bob, settings=kinds.policy.current_for(bob).settings)

    assert not initial or form.is_valid()


@METHODS
def test_a_wrong_answer_is_never_an_error(method, bob, allowed):
    """R011: whatever passes the form is judged; what does not is refused by it."""
    challenge = kinds.begin(bob, method)
    prompt = challenge.prompt(challenge.registration.details)
    for typed in ("0" * 6, "é" * 6, "\x00" * 6, "1" * 64, "'; --"):
        form = method.form_for(prompt, dict.fromkeys(method.form_for(prompt).fields, typed))
        if form.is_valid():
            assert not method.check(prompt, form.cleaned_data).right


@METHODS
def test_what_a_challenge_shows_is_the_same_each_time(method, bob, allowed):
    """A reload of the page asks for the same thing."""
    challenge = kinds.begin(bob, method)
    pages = [
        method.page(kinds.reload(challenge).prompt(challenge.registration.details))
        for _ in range(3)
    ]

    assert pages[0] == pages[1] == pages[2]


@METHODS
def test_a_kind_that_sends_can_compose_for_each_of_its_purposes(method, bob, allowed):
    if not method.sends:
        pytest.skip("this kind sends nothing")
    challenge = kinds.begin(bob, method)

    for purpose in {*method.purposes, Purpose.REGISTER}:
        challenge.purpose = purpose
        assert method.compose(challenge.prompt(challenge.registration.details))


@METHODS
def test_a_change_keeps_the_method_and_takes_the_new_value(method, bob, allowed):
    """MG4."""
    sample = kinds.sample_of(method)
    old = kinds.register(bob, method.kind)

    new = kinds.register(bob, method.kind, sample.OTHER, replaces=old)

    assert new.pk == old.pk
    assert new.fingerprint != old.fingerprint or not old.fingerprint
    assert Registration.objects.of(bob).get().details == new.details


@METHODS
def test_a_right_answer_of_another_person_is_wrong(method, bob, eve, allowed):
    """R003."""
    sample = kinds.sample_of(method)
    mine, hers = kinds.begin(bob, method), kinds.begin(eve, method, sample.OTHER)

    assert kinds.confirm(hers, kinds.right(mine)).result in (Result.WRONG, Result.AWAITED)


@PROVED
def test_the_story_over_http(method, bob, allowed, signed_in):
    """From the form to the list, and away again: on the pages that all kinds share."""
    OrgPolicy.objects.update(registration_required=False)
    browser, sample = signed_in(bob), kinds.sample_of(method)
    start = reverse("methods:set-up", args=[method.kind])
    verify = reverse("methods:verify", args=[method.kind])

    if method.asks_first:
        nonsense, typed = browser.post(start, sample.INVALID), browser.post(start, sample.FORM)
        assert [nonsense.status_code, typed.status_code] == [422, 302]
    else:
        assert browser.get(start).status_code == 200
    challenge = Challenge.objects.get()
    asked = browser.get(verify)
    wrong = browser.post(verify, kinds.wrong(challenge))
    if method.is_keyed:  # one try for each call
        kinds.pass_time(minutes=1)
        browser.post(reverse("methods:resend", args=[method.kind]))
    right = browser.post(verify, kinds.right(kinds.reload(challenge)), follow=True)
    delete = reverse("methods:delete", args=[Registration.objects.get().uuid])
    gone = browser.post(delete, {"password_only": "on"}, follow=True)

    statuses = [each.status_code for each in (asked, wrong, right, gone)]
    assert statuses == [200, 422, 200, 200]
    assert str(method.label) in right.content.decode()
    assert "was added." in right.content.decode()
    assert "was deleted." in gone.content.decode()
    assert not Registration.objects.exists()


@UNPROVED
def test_the_story_over_http_of_a_kind_without_proof(method, bob, allowed, signed_in):
    """What was entered counts at once; a second click adds no second one."""
    OrgPolicy.objects.update(registration_required=False)
    browser, sample = signed_in(bob), kinds.sample_of(method)
    start = reverse("methods:set-up", args=[method.kind])
    once = {"attempt": "one form"}

    nonsense = browser.post(start, sample.INVALID | once)
    first = browser.post(start, sample.FORM | once)
    second = browser.post(start, sample.FORM | once)
    added = browser.get(second["Location"])
    registration = Registration.objects.confirmed().get()
    change = reverse("methods:change", args=[registration.uuid])
    changed = browser.post(change, sample.OTHER | {"attempt": "another"}, follow=True)
    delete = reverse("methods:delete", args=[registration.uuid])
    gone = browser.post(delete, {"password_only": "on"}, follow=True)

    statuses = [each.status_code for each in (nonsense, first, second, added, changed, gone)]
    assert statuses == [422, 302, 302, 200, 200, 200]
    assert str(method.label) in added.content.decode()
    assert "was added." in added.content.decode()
    assert "was changed." in changed.content.decode()
    assert "was deleted." in gone.content.decode()
    assert not Registration.objects.exists()


@ISSUED
def test_what_is_issued_is_right_for_its_row_alone(method):
    row, text, digest = issued(method)

    assert judged(method, row, digest, text)
    assert not judged(method, uuid.uuid4(), digest, text)
    assert not judged(method, row, digest, issued(method)[1])


@ISSUED
def test_what_is_kept_of_what_was_issued_does_not_tell_it(method):
    _row, text, digest = issued(method)

    assert text not in digest
    assert text.replace("-", "") not in digest


@ISSUED
def test_what_is_issued_is_never_added_by_its_person(method, bob, allowed, signed_in):
    page = signed_in(bob).get(reverse("methods:set-up", args=[method.kind]))

    assert not kinds.policy.current_for(bob).may_register(method.traits)
    assert page.status_code == 302


def issued(method):
    row = uuid.uuid4()
    return row, *method.issue(row)


def judged(method, row, digest, text):
    form = method.answer_form({"code": text})
    prompt = Shown(row).prompt(method, Settings(), details={"digest": digest})
    assert form.is_valid()
    return method.check(prompt, form.cleaned_data).right


@METHODS
def test_deleting_leaves_nothing_behind(method, bob, allowed):
    registration = kinds.register(bob, method.kind)

    registration.delete()

    assert not Registration.objects.of(bob).exists()
    assert not Challenge.objects.filter(user=bob).exists()


def test_an_unknown_kind_is_an_error_of_its_own():
    with pytest.raises(registry.UnknownKind):
        registry.get(f"kind-{uuid.uuid4().hex[:8]}")
