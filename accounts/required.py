"""Required registration: what the policy asks of one person at sign-in, and since when."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from methods import registry
from methods.base import Method
from methods.standing import Standing
from securityinfo.policy.required import Needed, NeededState
from securityinfo.policy.rules import Purpose, Ruleset, staff_kind_installed


@dataclass(frozen=True)
class Asked:
    """What is asked of a person, and what there is and could be to meet it."""

    needed: Needed
    standing: Standing

    @classmethod
    def of(cls, user: User, ruleset: Ruleset) -> Asked:
        standing = Standing.of(user, ruleset)
        needed = ruleset.registration_needed(
            channels=standing.channels,
            has_sign_in_method=has_sign_in_method(standing),
            reachable=standing.reachable,
            now=timezone.now(),
            since=user.short_since,
            grace_started=user.asked_first_at,
            skips_used=user.skips_used,
            staff_kind_installed=staff_kind_installed(
                method.traits for method in registry.all_methods()
            ),
        )
        return cls(needed, standing)

    @property
    def proposals(self) -> tuple[Method, ...]:
        """Kinds that count and may be added, the one to begin with first (RR3, RR4)."""
        ruleset = self.standing.ruleset
        kinds = [method for method in self.standing.addable if method.traits.counts]
        if not self.standing.for_sign_in:
            kinds.sort(key=lambda method: not ruleset.may_use(method.traits, Purpose.SIGN_IN))
        return tuple(kinds)

    @property
    def may_finish(self) -> bool:
        """Whether signing in may go on: "Done" (RR5)."""
        return not self.needed.blocks_sign_in


def has_sign_in_method(standing: Standing) -> bool:
    """A confirmed one, usable now or not: who has one never registers by password alone (RR11)."""
    return any(
        Purpose.SIGN_IN in registration.method.traits.purposes
        for registration in standing.registrations
    )


def note(user: User, needed: Needed) -> None:
    """Remember since when something is missing; the days that may pass are counted from then."""
    changes: dict[str, object] = {}
    if needed.state == NeededState.FIRST_METHOD and user.asked_first_at is None:
        changes["asked_first_at"] = timezone.now()
    if needed.state == NeededState.MORE_METHODS and user.short_since is None:
        changes["short_since"] = timezone.now()
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
