"""Required registration: what the policy asks of one person at sign-in, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import F

from accounts.models import User
from methods import needs
from methods.base import Method
from methods.standing import Standing
from securityinfo import clock
from securityinfo.freshness import Proof
from securityinfo.policy.required import Needed, NeededState
from securityinfo.policy.rules import Purpose, Ruleset


@dataclass(frozen=True)
class Asked:
    """What is asked of a person, and what there is and could be to meet it."""

    standing: Standing
    proof: Proof | None = None  # the second step of this sign-in, if there was one

    @classmethod
    def of(cls, user: User, ruleset: Ruleset, *, proof: Proof | None = None) -> Asked:
        return cls(Standing.of(user, ruleset), proof)

    @cached_property
    def needed(self) -> Needed:
        return self.standing.needed

    @cached_property
    def proposals(self) -> tuple[Method, ...]:
        """Kinds that count and may be added, the one to begin with first (RR3, RR4, DE7)."""
        ruleset = self.standing.ruleset
        kinds = [method for method in self._countable if self._may_be_added(method)]
        if not self.standing.for_sign_in:
            kinds.sort(key=lambda method: not ruleset.may_use(method.traits, Purpose.SIGN_IN))
        return tuple(sorted(kinds, key=lambda method: not ruleset.may_send(method.traits)))

    @property
    def first(self) -> Method | None:
        """The kind that is proposed; none while all of them are out of order (RR8)."""
        works = self.standing.ruleset.may_send
        return next((method for method in self.proposals if works(method.traits)), None)

    @property
    def may_finish(self) -> bool:
        """Whether signing in may go on: "Done" (RR5).

        Where nothing may be registered nothing is asked for: a frozen account opens by what it has.
        """
        if self.standing.is_frozen:
            return bool(self.standing.for_sign_in)
        return not self.needed.blocks_sign_in or self._is_out_of_reach

    @property
    def _countable(self) -> list[Method]:
        return [method for method in self.standing.addable if method.traits.counts]

    def _may_be_added(self, method: Method) -> bool:
        """SU2, EM7: nobody adds a strong method by the word of a weaker one than there is."""
        if self.proof is None:
            return True
        return self.proof.meets(needs.need_of(self.standing, method.strength))

    @property
    def _is_out_of_reach(self) -> bool:
        """More methods are due, and this second step was too weak for all that could be added.

        It was right all the same: the person is let in, and asked again next time.
        """
        is_short_only = self.needed.state == NeededState.MORE_METHODS
        return is_short_only and bool(self._countable) and not self.proposals


def note(user: User, needed: Needed) -> None:
    """Remember since when something is missing; the days that may pass are counted from then."""
    changes: dict[str, object] = {}
    if needed.state == NeededState.FIRST_METHOD and user.asked_first_at is None:
        changes["asked_first_at"] = clock.now()
    if needed.state == NeededState.MORE_METHODS and user.short_since is None:
        changes["short_since"] = clock.now()
    if needed.state == NeededState.NOT_NEEDED and user.short_since is not None:
        changes["short_since"] = None
    if changes:
        User.objects.filter(pk=user.pk).update(**changes)
        for name, value in changes.items():
            setattr(user, name, value)


def use_skip(user: User) -> bool:
    """Count one "Skip for now"; False if another click was faster."""
    unchanged = User.objects.filter(pk=user.pk, skips_used=user.skips_used)
    return unchanged.update(skips_used=F("skips_used") + 1) == 1
