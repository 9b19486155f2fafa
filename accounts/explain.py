"""Why a method is or isn't offered to one person: one answer for every place that asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db import transaction

from accounts import reset_policy
from accounts.models import User
from methods import registry
from methods.base import Method
from methods.models import Registration
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.policy import resets
from securityinfo.policy import service as policy
from securityinfo.policy.decisions import ALLOWED, Decision, Reason, refused
from securityinfo.policy.rules import Purpose

PURPOSES = (Purpose.REGISTER, Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET)


@dataclass(frozen=True)
class Answer:
    """Yes or no for one purpose, with the reason; a yes may have a reservation."""

    purpose: Purpose
    decision: Decision
    groups: tuple[str, ...] = ()  # those that exclude the person
    until: datetime | None = None  # of a hold, or of the first hours
    is_second_only: bool = False  # of a reset
    needs_second: bool = False  # of a reset


@dataclass(frozen=True)
class Line:
    """One registered method, or a kind of which the person has none."""

    method: Method
    registration: Registration | None
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything the policy says about one person; `explain_words` has it as a page reads."""

    user: User
    standing: Standing
    _groups: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, user: User) -> Explanation:
        return cls(user, Standing.of(user, policy.current_for(user)))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """In the order in which lists show kinds; what the helpdesk hands out isn't offered."""
        kinds = (each for each in registry.all_methods() if not each.traits.is_issued)
        return tuple(line for method in kinds for line in self._lines(method))

    def _lines(self, method: Method) -> Iterator[Line]:
        own = [each for each in self.standing.registrations if each.kind == method.kind]
        registered: list[Registration | None] = [*own] or [None]
        for registration in registered:
            answers = [self._answer(method, registration, purpose) for purpose in PURPOSES]
            yield Line(method, registration, tuple(answers))

    def _answer(
        self, method: Method, registration: Registration | None, purpose: Purpose
    ) -> Answer:
        decision = self._decision(method, registration, purpose)
        groups = self._excluding(method) if decision.reason is Reason.EXCLUDED else ()
        if registration is None or purpose is Purpose.REGISTER:
            return Answer(purpose, decision, groups)
        until = registration.trusted_from if registration.is_new() else None
        if decision.reason is Reason.HELD:
            until = registration.held_until
        if purpose is not Purpose.RESET or not decision:
            return Answer(purpose, decision, groups, until)
        begins = resets.may_begin(self.standing.ruleset, method.traits)
        second = reset_policy.needs_second(registration, self.standing)
        return Answer(
            purpose, decision, until=until, is_second_only=not begins, needs_second=second
        )

    def _decision(
        self, method: Method, registration: Registration | None, purpose: Purpose
    ) -> Decision:
        """The first thing that stands in the way, as the pages find it."""
        if purpose is Purpose.REGISTER:
            return self.standing.may_add(method) and self._sent(method)
        allowed = self._by_policy(method, purpose)
        if not allowed:
            return allowed
        if registration is None:
            return refused(Reason.NOT_REGISTERED)
        return self._of_one(registration, purpose) and self._sent(method)

    def _by_policy(self, method: Method, purpose: Purpose) -> Decision:
        ruleset = self.standing.ruleset
        if purpose is not Purpose.RESET:
            return ruleset.may_use(method.traits, purpose)
        decision = ruleset.may_use(method.traits, purpose) and ruleset.may_reset()
        return refused(Reason.FROZEN) if decision and self.standing.is_frozen else decision

    def _of_one(self, registration: Registration, purpose: Purpose) -> Decision:
        if registration.suspended_at:
            return refused(Reason.SUSPENDED)
        if registration.is_damaged:
            return refused(Reason.DAMAGED)
        if registration.undeliverable:
            return refused(Reason.UNDELIVERABLE)
        if purpose is Purpose.RESET:
            return self._finishes_reset(registration)
        return refused(Reason.HELD) if registration in self.standing.held else ALLOWED

    def _finishes_reset(self, registration: Registration) -> Decision:
        """Whether there is a way through a reset with this one: alone, first or second."""
        able = self.standing.able_to(Purpose.RESET)
        others = [each for each in able if each != registration]
        if reset_policy.is_way_through(registration, self.standing):
            return ALLOWED
        is_second = any(
            resets.may_begin(self.standing.ruleset, first.method.traits)
            and registration in reset_policy.second_checks(first, self.standing)
            for first in others
        )
        return ALLOWED if is_second else refused(Reason.NO_SECOND)

    def _sent(self, method: Method) -> Decision:
        return self.standing.ruleset.may_send(method.traits)

    def _excluding(self, method: Method) -> tuple[str, ...]:
        if method.kind not in self._groups:
            self._groups[method.kind] = tuple(policy.excluding_groups(self.user, method.kind))
        return self._groups[method.kind]


def explain(user: User, actor: Actor) -> Explanation:
    """Looking at somebody's explanation is an event."""
    explanation = Explanation.of(user)
    with transaction.atomic():
        log.record(
            tags.POLICY_EXPLAINED,
            actor=actor,
            subject=user.public_id,
            policy_version=explanation.standing.ruleset.version,
        )
    return explanation
