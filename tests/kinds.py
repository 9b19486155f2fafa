"""Kinds as the tests see them: the methods of the registry with their samples."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from types import ModuleType

from django.db.models import F

from methods import challenges, registrations, registry
from methods.base import Method
from methods.models import Challenge, Registration
from securityinfo.actor import Actor, Origin
from securityinfo.policy import service as policy
from securityinfo.policy.models import MethodRule, OrgPolicy

BROWSER = Origin(request_id="r1", address="192.0.2.10", browser="Firefox on Linux")


def sample_of(method: Method) -> ModuleType:
    """What to fill in for this kind: `tests/sample.py` in its folder."""
    package = type(method).__module__.rpartition(".")[0]
    return import_module(f"{package}.tests.sample")


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
    """Fill in the form of the kind and ask for proof."""
    ruleset = policy.current_for(user)
    filled = method.enrol_form(
        form or sample_of(method).FORM, person=user, settings=ruleset.settings
    )
    assert filled.is_valid(), filled.errors
    options = {"flow": "f1", "actor": actor_for(user)} | options
    return registrations.begin(user, method, filled.cleaned_data, ruleset=ruleset, **options)


def confirm(challenge: Challenge, answer: dict | None = None, **options) -> challenges.Answer:
    """Answer it, rightly unless told otherwise."""
    user, registration = challenge.user, challenge.registration
    prompt = challenge.prompt(registration.details)
    options = {"flow": challenge.flow, "actor": actor_for(user)} | options
    return registrations.confirm(
        challenge,
        answer or sample_of(registration.method).right(prompt),
        ruleset=policy.current_for(user),
        **options,
    )


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
    challenge = begin(user, registry.get(kind), form, **options)
    answer = confirm(challenge, **{k: v for k, v in options.items() if k != "replaces"})
    assert answer, answer
    return Registration.objects.get(pk=Challenge.objects.get(pk=challenge.pk).registration_id)


def pass_time(**duration) -> None:
    """`pass_time(seconds=30)`: for challenges, whose clock is the database's."""
    by = timedelta(**duration)
    for name in ("created_at", "issued_at", "expires_at", "closed_at"):
        Challenge.objects.update(**{name: F(name) - by})


def _prompt(challenge: Challenge):
    return challenge.prompt(challenge.registration.details)
