"""What a change of the policy does to people, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from securityinfo.policy.effects import Effect, Impact
from securityinfo.policy.models import MethodRule
from securityinfo.policy.rules import RuleState


def sentences(impact: Impact, changes: Mapping[str, list[Any]]) -> list[str]:
    """The largest effect first; one sentence if nobody loses anything."""
    counted = sorted(
        (effect for effect in Effect if impact.counts[effect]),
        key=lambda effect: -impact.counts[effect],
    )
    return [_sentence(effect, impact.counts[effect], changes) for effect in counted] or [
        _("Nobody loses anything.")
    ]


def name(effect: Effect) -> str:
    """Beside a person."""
    return {
        Effect.NO_SIGN_IN: _("no method to sign in with"),
        Effect.NO_RESET: _("can't reset the password"),
        Effect.LOSES_METHOD: _("a method stops working"),
        Effect.TOO_FEW: _("fewer methods than required"),
        Effect.OTHER_DEFAULT: _("asked for another method"),
        Effect.ASKED: _("asked to register"),
    }[effect]


def _sentence(effect: Effect, n: int, changes: Mapping[str, list[Any]]) -> str:
    if effect == Effect.NO_SIGN_IN:
        return _left_with_none(n, changes)
    return {
        Effect.NO_RESET: ngettext(
            "{n} person can no longer reset their password.",
            "{n} people can no longer reset their password.",
            n,
        ),
        Effect.LOSES_METHOD: ngettext(
            "{n} person loses a method that they use.",
            "{n} people lose a method that they use.",
            n,
        ),
        Effect.TOO_FEW: ngettext(
            "{n} more person will have fewer methods than required.",
            "{n} more people will have fewer methods than required.",
            n,
        ),
        Effect.OTHER_DEFAULT: ngettext(
            "{n} person will be asked for another method at sign-in.",
            "{n} people will be asked for another method at sign-in.",
            n,
        ),
        Effect.ASKED: ngettext(
            "{n} more person will be asked to register a method.",
            "{n} more people will be asked to register a method.",
            n,
        ),
    }[effect].format(n=n)


def _left_with_none(n: int, changes: Mapping[str, list[Any]]) -> str:
    """By the name of what is switched off, if that is all that changes."""
    switched_off = [
        changed.removesuffix(".state")
        for changed, (_old, new) in changes.items()
        if changed.endswith(".state") and new == RuleState.OFF
    ]
    if len(changes) == 1 and switched_off:
        kind = str(MethodRule.objects.get(kind=switched_off[0]))
        return ngettext(
            "Switching off “{kind}” leaves {n} person with no method.",
            "Switching off “{kind}” leaves {n} people with no method.",
            n,
        ).format(kind=kind, n=n)
    return ngettext(
        "{n} person is left with no method to sign in with.",
        "{n} people are left with no method to sign in with.",
        n,
    ).format(n=n)
