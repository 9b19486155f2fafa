"""What an administrator has to understand before it is saved (PO3), and what is never saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from securityinfo.policy.rules import RuleState, Strength
from securityinfo.policy.settings_table import SHORTEST_PASSWORD_ALONE, Settings

NO_SIGN_IN_KIND = _("Allow at least one method for sign-in.")

TEXTS: dict[str, str | Promise] = {
    "one_to_reset": _("Whoever holds a person's only method can then take over the account."),
    "paid_first_check": _("Anybody who knows a number can then cause texts and calls to it."),
    "bare_hash": _("A voicemail or a person who just presses keys can then confirm a call."),
    "short_password": _("Passwords below 15 characters are easier to guess."),
    "email_off": _(
        "Nobody can add or use email as a method until it is switched on again. "
        "People without another method have to ask the helpdesk."
    ),
    "only_restricted": _(
        "Some people may use texts or calls, but no stronger kind of method: numbers can be stolen."
    ),
    "nothing_left": _(
        "No kind of method is left for sign-in: nobody can add one, and those who have to will be "
        "sent to the helpdesk."
    ),
}


@dataclass(frozen=True)
class RuleView:
    """One rule as it would be saved."""

    on: bool
    for_sign_in: bool
    can_sign_in: bool
    strength: int
    caution: str
    everyone: bool
    included: frozenset[int]
    excluded: frozenset[int]

    @classmethod
    def of(cls, rule: Any, values: dict[str, Any]) -> RuleView:
        """`values` as a form has them; what it doesn't have is as the rule has it."""

        def value(name: str) -> Any:
            return values.get(name, getattr(rule, name))

        return cls(
            on=value("state") != RuleState.OFF,
            for_sign_in=bool(value("for_sign_in")),
            can_sign_in=rule.can_sign_in,
            strength=rule.strength,
            caution=rule.caution,
            everyone=bool(value("include_everyone")),
            included=frozenset(group.pk for group in values.get("include_groups") or ()),
            excluded=frozenset(group.pk for group in values.get("exclude_groups") or ()),
        )

    @property
    def signs_in(self) -> bool:
        """Somebody can sign in with it."""
        somebody = self.everyone or bool(self.included)
        return self.on and self.can_sign_in and self.for_sign_in and somebody

    def covers(self, other: RuleView) -> bool:
        """Whoever `other` is for, this one is for too."""
        if not self.on or not self.for_sign_in or not self.excluded <= other.excluded:
            return False
        return self.everyone or (not other.everyone and other.included <= self.included)


def is_lock_out(rules: Iterable[RuleView]) -> bool:
    """No kind is left for sign-in though there are several: refused.

    With a single kind installed its switch is the administrator's only one; see `of_rules`.
    """
    kinds = [rule for rule in rules if rule.can_sign_in]
    return len(kinds) > 1 and not any(rule.signs_in for rule in kinds)


def of_rules(rules: Iterable[RuleView]) -> set[str]:
    """Keys for `text_of`: what all rules together mean, the unchanged ones included."""
    rules = list(rules)
    found = {rule.caution for rule in rules if rule.on and rule.caution}
    restricted = [rule for rule in rules if rule.on and rule.strength == Strength.RESTRICTED]
    stronger = [rule for rule in rules if rule.strength > Strength.RESTRICTED]
    if any(not any(other.covers(rule) for other in stronger) for rule in restricted):
        found.add("only_restricted")
    if not any(rule.signs_in for rule in rules) and any(rule.can_sign_in for rule in rules):
        found.add("nothing_left")
    return found


def text_of(key: str) -> str:
    """In the reader's language: one of ours, or the caution of a kind, which is its own key."""
    return str(TEXTS[key]) if key in TEXTS else gettext(key)


def of_settings(settings: Settings) -> set[str]:
    """Keys of TEXTS: what these settings mean."""
    conditions = {
        "one_to_reset": settings.methods_to_reset == 1 and settings.reset_for != "nobody",
        "paid_first_check": settings.paid_first_check,
        "bare_hash": settings.call_key == "hash",
        "email_off": not settings.email_switch,
        "short_password": settings.password_min_length < SHORTEST_PASSWORD_ALONE,
    }
    return {key for key, holds in conditions.items() if holds}
