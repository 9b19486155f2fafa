"""Where a person stands: the methods, what they can be used for, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from methods import registry
from methods.base import Method
from methods.models import Registration
from securityinfo import clock
from securityinfo.policy.rules import (
    Decision,
    Needed,
    Purpose,
    Reason,
    Ruleset,
    Strength,
    staff_kind_installed,
)
from securityinfo.prepared import Prepared

if TYPE_CHECKING:
    from accounts.models import User


_confirmed_of = Prepared(lambda user: Registration.objects.confirmed().filter(user_id=user), -1)


@dataclass(frozen=True)
class Standing:
    """One person's confirmed methods under the policy of this moment: one query, then pure."""

    user: User
    ruleset: Ruleset
    registrations: tuple[Registration, ...]

    @classmethod
    def of(cls, user: User, ruleset: Ruleset) -> Standing:
        known = [each for each in _confirmed_of(user.pk) if registry.has(each.kind)]
        for registration in known:
            registration.user = user
            registration.siblings = known
        known.sort(key=lambda each: (each.method.position, each.pk))
        return cls(user, ruleset, tuple(known))

    @property
    def is_frozen(self) -> bool:
        """ "This wasn't me" was pressed: nothing changes until the helpdesk has lifted it."""
        return self.user.frozen_at is not None

    def named(self, uuid: UUID) -> Registration | None:
        """By its public id; another person's looks like none at all."""
        return next((each for each in self.registrations if each.uuid == uuid), None)

    def may_use(self, registration: Registration, purpose: Purpose) -> bool:
        if registration.suspended_at or registration.undeliverable or registration.is_damaged:
            return False
        return (registration.kind, purpose) in self._allowed

    @cached_property
    def _allowed(self) -> frozenset[tuple[str, Purpose]]:
        """What policy lets this person use each kind for; asked once for all methods of a kind."""
        traits = {each.kind: each.method.traits for each in self.registrations}
        return frozenset(
            (kind, purpose)
            for kind in traits
            for purpose in (Purpose.SIGN_IN, Purpose.CONFIRM, Purpose.RESET)
            if self.ruleset.may_use(traits[kind], purpose)
        )

    def is_usable(self, registration: Registration) -> bool:
        return self.may_use(registration, Purpose.SIGN_IN) or self.may_use(
            registration, Purpose.RESET
        )

    @property
    def readable(self) -> tuple[Registration, ...]:
        """Those whose details open."""
        return tuple(each for each in self.registrations if not each.is_damaged)

    @cached_property
    def usable(self) -> tuple[Registration, ...]:
        return tuple(each for each in self.registrations if self.is_usable(each))

    @cached_property
    def for_sign_in(self) -> tuple[Registration, ...]:
        """Usable sign-in methods, strongest first."""
        return self.able_to(Purpose.SIGN_IN)

    def able_to(self, purpose: Purpose) -> tuple[Registration, ...]:
        """Those that may serve this purpose, strongest first."""
        held = () if purpose is Purpose.RESET else self.held
        found = [each for each in self.usable if self.may_use(each, purpose) and each not in held]
        return strongest_first(found)

    @cached_property
    def held(self) -> tuple[Registration, ...]:
        """Those that a reset has proved alone, not long ago: no second step for now (PR8).

        None of them if the person has no other sign-in method: nobody is locked out.
        """
        now = clock.now()
        signing_in = [each for each in self.usable if self.may_use(each, Purpose.SIGN_IN)]
        held = tuple(each for each in signing_in if each.is_held(now))
        return held if len(held) < len(signing_in) else ()

    @property
    def strongest(self) -> Strength:
        """Of what this person signs in with; what is suspended still counts (SU2)."""
        signing_in = [
            each.method.strength
            for each in self.registrations
            if self.may_use(each, Purpose.SIGN_IN)
            or (each.suspended_at and (each.kind, Purpose.SIGN_IN) in self._allowed)
        ]
        return max(signing_in, default=Strength.NONE)

    @cached_property
    def last_resort(self) -> tuple[Registration, ...]:
        """Where policy has taken all sign-in methods away: those that prove once more (RR11).

        What the person has disowned or nobody can reach is no proof, whatever policy says. After
        such a proof a method is registered, which a frozen account can't (RR11).
        """
        if self.for_sign_in or self.is_frozen:
            return ()
        return strongest_first(
            each
            for each in self.registrations
            if Purpose.SIGN_IN in each.method.traits.purposes
            and not (each.suspended_at or each.undeliverable or each.is_damaged)
        )

    @property
    def default(self) -> Registration | None:
        return next((each for each in self.registrations if each.is_default), None)

    @property
    def asked_first(self) -> Registration | None:
        """The default, or the strongest one while that can't be used (MG8)."""
        default = self.default
        return default if default in self.for_sign_in else next(iter(self.for_sign_in), None)

    def first_of(self, offers: tuple[Registration, ...]) -> Registration | None:
        """What is asked for unprompted: the default, or the strongest while that one doesn't work.

        SI4, SU4, MG8, DE7. None while nothing can be sent to any of them.
        """
        working = [each for each in offers if self.ruleset.may_send(each.method.traits)]
        return self.default if self.default in working else next(iter(working), None)

    @cached_property
    def channels(self) -> int:
        """Distinct proofs that count: text and call to one number are one, questions are none."""
        return channels_of(self.usable)

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.registrations)

    def may_add(self, method: Method) -> Decision:
        """Raised limits and groups included; the maximum per person too."""
        if self.is_frozen:
            return Decision(False, Reason.FROZEN)
        decision = self.ruleset.may_register(method.traits)
        if decision and self.count(method.kind) >= self.ruleset.maximum(method.traits):
            return Decision(False, Reason.AT_MAXIMUM)
        return decision

    def may_change(self, registration: Registration) -> Decision:
        """A suspended method waits for the helpdesk; a damaged one can only be deleted."""
        if self.is_frozen:
            return Decision(False, Reason.FROZEN)
        if registration.suspended_at is not None:
            return Decision(False, Reason.SUSPENDED)
        if registration.is_damaged:
            return Decision(False, Reason.DAMAGED)
        return self.ruleset.may_register(registration.method.traits)

    @cached_property
    def addable(self) -> tuple[Method, ...]:
        """Kinds that may be added now, recommended ones first, then the strongest."""
        offered = [method for method in registry.strongest_first() if self.may_add(method)]
        return tuple(
            sorted(offered, key=lambda method: not self.ruleset.is_recommended(method.kind))
        )

    @cached_property
    def reachable(self) -> int:
        """The most channels that count this person could have; those there now are included."""
        possible = self.ruleset.reachable(method.traits for method in registry.all_methods())
        return max(possible, self.channels)

    @cached_property
    def has_sign_in_method(self) -> bool:
        """A confirmed one, usable now or not: who has one never registers by password alone."""
        return any(
            Purpose.SIGN_IN in registration.method.traits.purposes
            for registration in self.registrations
        )

    @cached_property
    def needed(self) -> Needed:
        """What required registration asks of this person."""
        return self.ruleset.registration_needed(
            channels=self.channels,
            has_sign_in_method=bool(self.for_sign_in),
            had_sign_in_method=self.has_sign_in_method or self.user.must_use_pass,
            reachable=self.reachable,
            now=clock.now(),
            since=self.user.short_since,
            grace_started=self.user.asked_first_at,
            skips_used=self.user.skips_used,
            staff_kind_installed=staff_kind_installed(
                method.traits for method in registry.all_methods()
            ),
        )

    def without(self, registration: Registration) -> Standing:
        """As it will be once this method is deleted."""
        left = tuple(each for each in self.registrations if each.pk != registration.pk)
        return replace(self, registrations=left)


def strongest_first(registrations: Iterable[Registration]) -> tuple[Registration, ...]:
    return tuple(sorted(registrations, key=lambda each: -each.method.strength))


def channels_of(registrations: tuple[Registration, ...]) -> int:
    """How many different proofs these are, of the kinds that count."""
    return len({each.channel for each in registrations if each.method.traits.counts})
