"""Kinds as the tests see them: the methods of the registry with their samples."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from types import ModuleType

from django.db.models import F

from methods import answers, challenges, registrations, registry
from methods.base import Method
from methods.models import Challenge, Registration
from securityinfo.actor import Actor, Origin
from securityinfo.policy import service as policy
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import Purpose
from securityinfo.throttling import limits
from securityinfo.throttling.models import Counter

BROWSER = Origin(request_id="r1", address="192.0.2.10", browser="Firefox on Linux")


def sample_of(method: Method) -> ModuleType:
    """What to fill in for this kind: `tests/sample.py` in its folder."""
    package = type(method).__module__.rpartition(".")[0]
    return import_module(f"{package}.tests.sample")


def secrets_of(registration: Registration) -> tuple[str, ...]:
    """What may be in no mask, log line or row: shown to the owner in full, or to nobody."""
    sample = sample_of(registration.method)
    never_shown = getattr(sample, "never_shown", lambda details: ())
    return (*sample.SECRETS, *never_shown(registration.details))


def allow(kind: str, **rule) -> None:
    """The kind switched on for everybody, as many times as it can be."""
    method = registry.get(kind)
    _set_policy_for(method)
    values = {"state": "allowed", "for_sign_in": True, "for_reset": True}
    MethodRule.objects.filter(kind=kind).update(
        **values | {"maximum": method.max_per_user, "ceiling": method.max_per_user} | rule
    )


def _set_policy_for(method: Method) -> None:
    """What the samples of a kind take for granted; a kind of the tests alone has none."""
    try:
        settings = getattr(sample_of(method), "POLICY", {})
    except ModuleNotFoundError:
        return
    if settings:
        OrgPolicy.objects.update(**settings)


def actor_for(user, origin: Origin = BROWSER) -> Actor:
    return Actor(person=user.public_id, role=user.role, origin=origin)


def begin(user, method: Method, form: dict | None = None, **options) -> Challenge:
    """Fill in the form of the kind and ask for proof.

    Of a kind that needs none to be added, what counts already is to be proved.
    """
    ruleset = policy.current_for(user)
    options = {"flow": "f1", "actor": actor_for(user)} | options
    if not method.needs_proof:
        registration = _add_unproved(user, method, form, options.pop("replaces", None))
        return ask(registration, **options)
    entered = fill_in(user, method, form)
    return registrations.begin(user, method, entered, ruleset=ruleset, **options)


def fill_in(user, method: Method, form: dict | None = None) -> dict:
    """The cleaned data of the kind's form."""
    filled = method.enrol_form(
        form or sample_of(method).FORM, person=user, settings=policy.current_for(user).settings
    )
    assert filled.is_valid(), filled.errors
    return filled.cleaned_data


def ask(registration: Registration, **options) -> Challenge:
    """Ask for proof of what counts, for something that its kind can serve."""
    options = {
        "purpose": min(registration.method.purposes),
        "flow": "f1",
        "settings": policy.current_for(registration.user).settings,
        "actor": actor_for(registration.user),
    } | options
    return challenges.issue(registration, **options)


def confirm(challenge: Challenge, answer: dict | None = None, **options) -> answers.Answer:
    """Answer it, rightly unless told otherwise."""
    user = challenge.user
    given = answer or right(challenge)
    options = {"flow": challenge.flow, "actor": actor_for(user)} | options
    if challenge.purpose != Purpose.REGISTER:
        options = {"purpose": challenge.purpose, "then": lambda _: None} | options
        return answers.judge(challenge, given, **options)
    return registrations.confirm(challenge, given, ruleset=policy.current_for(user), **options)


def right(challenge: Challenge) -> dict:
    return sample_of(challenge.registration.method).right(_prompt(challenge))


def wrong(challenge: Challenge) -> dict:
    return sample_of(challenge.registration.method).wrong(_prompt(challenge))


def reload(challenge: Challenge) -> Challenge:
    """As another request finds it."""
    return Challenge.objects.select_related("registration__user", "registration__replaces").get(
        pk=challenge.pk
    )


def register(user, kind: str = "email", form: dict | None = None, **options) -> Registration:
    """A confirmed method, made as a person would make it."""
    method = registry.get(kind)
    if not method.needs_proof:
        return _add_unproved(user, method, form, options.get("replaces"))
    challenge = begin(user, method, form, **options)
    answer = confirm(challenge, **{k: v for k, v in options.items() if k != "replaces"})
    assert answer, answer
    return Registration.objects.get(pk=Challenge.objects.get(pk=challenge.pk).registration_id)


def pass_time(**duration) -> None:
    """`pass_time(seconds=30)`: for challenges and pauses, whose clock is the database's."""
    by = timedelta(**duration)
    pauses = Counter.objects.filter(key__startswith=limits.SENDS_AFTER_CANCEL.name)
    pauses.update(hold_until=F("hold_until") - int(by.total_seconds()))
    for name in ("created_at", "issued_at", "expires_at", "closed_at"):
        Challenge.objects.update(**{name: F(name) - by})


def _add_unproved(user, method: Method, form: dict | None, replaces: Registration | None):
    enrolment = method.enrol(user, fill_in(user, method, form))
    return registrations.add_unproved(
        registrations.draft(user, method, enrolment, replaces),
        ruleset=policy.current_for(user),
        actor=actor_for(user),
    )


def _prompt(challenge: Challenge):
    return challenge.prompt(challenge.registration.details)
