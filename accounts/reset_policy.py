"""What policy asks of one person's reset: may it be, is one check enough, what may be second."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts import pass_proof
from accounts.models import User
from accounts.reset_models import PasswordReset
from methods.models import Registration
from methods.standing import Standing
from securityinfo.policy import resets
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose


class Next(StrEnum):
    SECOND_CHECK = "second-check"
    NEW_PASSWORD = "new-password"  # noqa: S105 - the name of a step
    STOP = "stop"


class Why(StrEnum):
    """Why a person can't reset the password here (PR5)."""

    NOT_ALLOWED = "not_allowed"
    FROZEN = "frozen"
    TOO_FEW = "too_few"


WORDS = {
    Why.NOT_ALLOWED: _("Your organization doesn't allow it for your account."),
    Why.FROZEN: _("Changes to your account are frozen."),
    Why.TOO_FEW: _(
        "You need a second way to confirm it's you, and you have none that can be used here."
    ),
}


def next_step(reset: PasswordReset, user: User) -> tuple[Next, Why | None]:
    """What follows the checks that were passed, as policy is at this moment."""
    ruleset = policy.current_for(user)
    standing = Standing.of(user, ruleset)
    first = reset.first
    if not ruleset.may_reset() or not (first or reset.by_pass):
        return Next.STOP, Why.NOT_ALLOWED
    if not all(standing.may_use(each, Purpose.RESET) for each in reset.checks):
        return Next.STOP, Why.NOT_ALLOWED  # since it was passed
    if standing.is_frozen:
        return Next.STOP, Why.FROZEN
    if first is None:  # an agent has checked who it is
        may_go_on = pass_proof.may_use(user, Purpose.RESET)
        return (Next.NEW_PASSWORD, None) if may_go_on else (Next.STOP, Why.NOT_ALLOWED)
    if reset.second is not None or not needs_second(first, standing):
        return Next.NEW_PASSWORD, None
    if not second_checks(first, standing):
        return Next.STOP, Why.TOO_FEW
    return Next.SECOND_CHECK, None


def second_checks(first: Registration, standing: Standing) -> tuple[Registration, ...]:
    """On another channel than the first one, strongest first; what proves little comes last.

    Two new methods together prove no more than one: both may be the same stranger's (K9).
    """
    return tuple(
        each
        for each in standing.able_to(Purpose.RESET)
        if each.channel != first.channel and not (first.is_new() and each.is_new())
    )


def is_way_through(first: Registration, standing: Standing) -> bool:
    """Whether a reset may begin with this method, and come to its end."""
    if not resets.may_begin(standing.ruleset, first.method.traits):
        return False
    return not needs_second(first, standing) or bool(second_checks(first, standing))


def channels_proved(reset: PasswordReset) -> set[str]:
    """Answers to questions prove none (PR8)."""
    return {each.channel for each in reset.checks if each.method.traits.counts}


def needs_second(first: Registration, standing: Standing) -> bool:
    """What was disowned or can't be reached counts all the same: somebody would have to pass it."""
    ruleset, traits = standing.ruleset, first.method.traits
    return resets.needs_second(
        ruleset,
        traits,
        is_new=first.is_new(),
        has_stronger=any(
            each.method.strength > first.method.strength
            and ruleset.may_register(each.method.traits)
            for each in standing.registrations
        ),
    )
