"""What the organization allows: every "may I?" of the project, without Django or a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from securityinfo.policy.decisions import ALLOWED, Decision, Reason, refused
from securityinfo.policy.required import Needed, registration_needed
from securityinfo.policy.settings_table import Helpdesk, Settings

__all__ = [
    "Decision",
    "Helpdesk",
    "InitialRule",
    "KindTraits",
    "Needed",
    "Purpose",
    "Reason",
    "Rule",
    "RuleState",
    "Ruleset",
    "Settings",
    "Strength",
]


class Purpose(StrEnum):
    """Why a challenge exists."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    RESET = "reset"
    CALLER = "caller"


class Strength(IntEnum):
    """How hard a kind is to steal."""

    NONE = -1  # proves too little to count: security questions
    WEAK = 0
    RESTRICTED = 1
    STRONG = 2
    PHISHING_RESISTANT = 3


# What agents and administrators need; no rule and no setting can lower it (K10).
STAFF_STRENGTH = Strength.STRONG


class RuleState(StrEnum):
    """What the organization has decided about a kind."""

    OFF = "off"
    ALLOWED = "allowed"
    RECOMMENDED = "recommended"


@dataclass(frozen=True)
class KindTraits:
    """What policy knows of a kind."""

    kind: str
    strength: Strength
    purposes: frozenset[Purpose]
    max_per_user: int
    channel: str = ""  # "email", "text", "call" or empty
    is_issued: bool = False  # handed out by the helpdesk, never added by its person

    @property
    def counts(self) -> bool:
        """Counts toward the required number; questions, codes on paper and passes never do."""
        return self.strength > Strength.NONE


@dataclass(frozen=True)
class InitialRule:
    """How the rule of a newly found kind begins."""

    traits: KindTraits
    state: RuleState = RuleState.OFF
    maximum: int = 1
    label: str = ""  # untranslated
    caution: str = ""  # what to understand before it is switched on; untranslated


@dataclass(frozen=True)
class Rule:
    """The rule about one kind, resolved for one person."""

    kind: str
    state: RuleState
    for_sign_in: bool = True
    for_reset: bool = True
    maximum: int = 1
    included: bool = True
    excluded: bool = False


@dataclass(frozen=True)
class Ruleset:
    """Everything the policy says about one person at one moment."""

    settings: Settings = field(default_factory=Settings)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    privileged: bool = False  # agents and administrators
    version: int = 0
    in_reset_group: bool = False  # of the groups named where `reset_for` is "groups"
    without_provider: frozenset[str] = frozenset()  # channels by which nothing can be sent
    resting: frozenset[str] = frozenset()  # channels whose provider fails, for the moment

    def may_register(self, traits: KindTraits) -> Decision:
        """Whether this person may have this kind at all; how many is `maximum`."""
        if traits.is_issued:
            return refused(Reason.ISSUED)
        decision = self._may_have(traits)
        if not decision:
            return decision
        if any(self._serves(traits, purpose) for purpose in (Purpose.SIGN_IN, Purpose.RESET)):
            return ALLOWED
        return refused(Reason.PURPOSE_OFF)

    def may_use(self, traits: KindTraits, purpose: Purpose) -> Decision:
        """Whether a registration of this kind may serve `purpose` for this person."""
        if purpose == Purpose.REGISTER:
            return self.may_register(traits)
        return self._may_have(traits) and self._serves(traits, purpose)

    def may_send(self, traits: KindTraits) -> Decision:
        """Whether the kind's channel has a provider that works, and its switch is on.

        A kind that sends nothing may always.
        """
        if traits.channel in self.without_provider:
            return refused(Reason.NO_PROVIDER)
        if traits.channel in self.resting:
            return refused(Reason.PROVIDER_DOWN)
        switches = {
            "email": self.settings.email_switch,
            "text": self.settings.text_switch,
            "call": self.settings.call_switch,
        }
        return ALLOWED if switches.get(traits.channel, True) else refused(Reason.CHANNEL_STOPPED)

    def may_reset(self) -> Decision:
        """Whether this person may reset a forgotten password at all (PR5)."""
        who = self.settings.reset_for
        allowed = who == "everyone" or (who == "groups" and self.in_reset_group)
        return ALLOWED if allowed else refused(Reason.RESET_FOR)

    def maximum(self, traits: KindTraits) -> int:
        """How many of this kind one person may have: the policy's number within the kind's own."""
        rule = self.rules.get(traits.kind)
        return max(1, min(rule.maximum if rule else 1, traits.max_per_user))

    def is_recommended(self, kind: str) -> bool:
        rule = self.rules.get(kind)
        return rule is not None and rule.state == RuleState.RECOMMENDED

    def reachable(self, kinds: Iterable[KindTraits]) -> int:
        """The most channels that count this person could have; 0 if none is for sign-in."""
        allowed = [each for each in kinds if each.counts and self.may_register(each)]
        if not any(self.may_use(each, Purpose.SIGN_IN) for each in allowed):
            return 0
        return sum(self.maximum(each) for each in allowed)

    def channels_needed(self, reachable: int) -> int:
        """How many channels this person should have; nobody is asked for what is not allowed."""
        return min(self.settings.methods_to_register, reachable)

    def registration_needed(
        self,
        *,
        channels: int,
        has_sign_in_method: bool,
        reachable: int,
        now: datetime,
        had_sign_in_method: bool = False,
        since: datetime | None = None,
        grace_started: datetime | None = None,
        skips_used: int = 0,
        staff_kind_installed: bool = True,
    ) -> Needed:
        """What is missing at sign-in and whether it may wait (RR1, RR6, RR8, SI10).

        `has_sign_in_method`: a usable one; `had_sign_in_method`: at least one that policy has taken
        away (RR11), or the helpdesk (HD7). `channels`: usable ones that count. `reachable`: the
        most this person could have, those included. `since`: when they became too few;
        `grace_started`: when first asked for the very first method (None: now, both).
        `staff_kind_installed`: some kind in this installation is strong enough for staff; without
        one they are asked for nothing.
        """
        if self.privileged and not staff_kind_installed:
            return Needed.nothing(channels)
        return registration_needed(
            self.settings,
            privileged=self.privileged,
            channels=channels,
            has_sign_in_method=has_sign_in_method,
            had_sign_in_method=had_sign_in_method,
            reachable=reachable,
            since=since or now,
            grace_started=grace_started or now,
            skips_used=skips_used,
            now=now,
        )

    def may_delete(
        self,
        *,
        usable: bool,
        sign_in_left: int,
        channels_left: int,
        reachable: int,
        password_only: bool = False,
    ) -> Decision:
        """Whether one method may go (MG6); the numbers are of usable ones, after the deletion.

        `password_only`: the person has ticked "Sign in with my password only".
        """
        if not usable:
            return ALLOWED
        if not self.settings.registration_required and not self.privileged:
            consented = sign_in_left > 0 or password_only
            return ALLOWED if consented else refused(Reason.NEEDS_CONSENT)
        if sign_in_left < 1:
            return refused(Reason.LAST_SIGN_IN)
        if channels_left < self.channels_needed(reachable):
            return refused(Reason.TOO_FEW)
        return ALLOWED

    def _may_have(self, traits: KindTraits) -> Decision:
        if traits.channel in self.without_provider:
            return refused(Reason.NO_PROVIDER)
        rule = self.rules.get(traits.kind)
        if rule is None or rule.state not in (RuleState.ALLOWED, RuleState.RECOMMENDED):
            return refused(Reason.RULE_OFF)
        if rule.excluded:  # before "included": exclude wins
            return refused(Reason.EXCLUDED)
        if not rule.included:
            return refused(Reason.NOT_INCLUDED)
        # What was issued opens nothing but registering, for which staff have the same need.
        if self.privileged and traits.strength < STAFF_STRENGTH and not traits.is_issued:
            return refused(Reason.STAFF_STRENGTH)
        return ALLOWED

    def _serves(self, traits: KindTraits, purpose: Purpose) -> Decision:
        """The policy may switch a kind's "yes" off, never its "no" on."""
        if purpose not in traits.purposes:
            return refused(Reason.NOT_FOR_PURPOSE)
        rule = self.rules[traits.kind]
        switches = {
            Purpose.SIGN_IN: rule.for_sign_in,
            Purpose.CONFIRM: rule.for_sign_in,
            Purpose.RESET: rule.for_reset,
        }
        return ALLOWED if switches.get(purpose, True) else refused(Reason.PURPOSE_OFF)


def staff_kind_installed(kinds: Iterable[KindTraits]) -> bool:
    """Whether any of the kinds lets agents and administrators sign in, whatever the policy says."""
    return any(
        each.strength >= STAFF_STRENGTH and Purpose.SIGN_IN in each.purposes for each in kinds
    )
