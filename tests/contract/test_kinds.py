"""Every kind, through the registry: a new folder is under test before it has a test of its own."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.template.loader import get_template

from methods import registrations, registry
from methods.challenges import Result
from methods.models import Challenge, Registration
from securityinfo import discovery
from securityinfo.policy.models import MethodRule
from tests import kinds

pytestmark = pytest.mark.django_db

METHODS = pytest.mark.parametrize(
    "method", registry.all_methods(), ids=[method.kind for method in registry.all_methods()]
)


@METHODS
def test_a_kind_is_named_like_its_folder(method):
    assert method.kind in discovery.kind_names()


@METHODS
def test_a_kind_says_in_words_what_it_is(method):
    texts = (method.label, method.offer, method.in_words, method.description)

    assert all(str(text).strip() for text in texts)


@METHODS
def test_a_kind_serves_at_least_one_purpose(method):
    assert method.purposes


@METHODS
def test_the_pages_of_a_kind_exist(method):
    assert get_template(method.set_up_template)
    assert get_template(method.verify_template)


@METHODS
def test_every_kind_has_a_rule(method):
    rule = MethodRule.objects.get(kind=method.kind)

    assert rule.state == method.initial_state


@pytest.fixture
def allowed(method):
    """The kind switched on for everybody."""
    MethodRule.objects.filter(kind=method.kind).update(
        state="allowed", for_sign_in=True, for_reset=True, maximum=method.max_per_user
    )


@METHODS
def test_nonsense_is_refused_by_the_form(method, bob, allowed):
    form = method.enrol_form(
        kinds.sample_of(method).INVALID, person=bob, settings=kinds.policy.current_for(bob).settings
    )

    assert not form.is_valid()


@METHODS
def test_nothing_counts_before_it_is_proved(method, bob, allowed):
    kinds.begin(bob, method)

    assert not Registration.objects.of(bob).confirmed().exists()


@METHODS
def test_a_right_answer_confirms(method, bob, allowed):
    challenge = kinds.begin(bob, method)

    answer = kinds.confirm(challenge)

    assert answer.result is Result.RIGHT
    assert Registration.objects.of(bob).confirmed().get().kind == method.kind


@METHODS
def test_a_wrong_answer_confirms_nothing(method, bob, allowed):
    challenge = kinds.begin(bob, method)
    wrong = kinds.sample_of(method).wrong(challenge.prompt(challenge.registration.details))

    answer = kinds.confirm(challenge, wrong)

    assert answer.result is Result.WRONG
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
def test_the_stored_row_is_sealed_and_its_name_says_nothing(method, bob, allowed):
    registration = kinds.register(bob, method.kind)
    shown = f"{registration!s} {registration!r} {registration.summary}"

    assert not any(secret in shown for secret in kinds.sample_of(method).SECRETS)


@METHODS
def test_deleting_leaves_nothing_behind(method, bob, allowed):
    registration = kinds.register(bob, method.kind)

    registration.delete()

    assert not Registration.objects.of(bob).exists()
    assert not Challenge.objects.filter(user=bob).exists()


def test_an_unknown_kind_is_an_error_of_its_own():
    with pytest.raises(registry.UnknownKind):
        registry.get(f"kind-{uuid.uuid4().hex[:8]}")
