"""The policy as it is, and as it would be: the same rows in memory, changed but not saved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from securityinfo.duties import ordinary_groups
from securityinfo.policy import cautions, service
from securityinfo.policy.models import ONLY_ROW, MethodRule, OrgPolicy
from securityinfo.policy.rules import Settings
from securityinfo.policy.settings_table import SPECS

RULE_FIELDS = ("state", "for_sign_in", "for_reset", "include_everyone", "maximum")
RULE_GROUPS = ("include_groups", "exclude_groups")
OF_THE_LOGO = ("logo", "logo_type")

# Everything that is decided, by name: "code_tries", "email.state"; as JSON has it, groups by their
# names, the logo by its checksum.
State = dict[str, Any]


@dataclass
class DraftRule:
    """A rule with the groups that it would have."""

    rule: MethodRule
    groups: dict[str, list[Group]]

    @classmethod
    def stored(cls, rule: MethodRule) -> DraftRule:
        return cls(rule, {name: list(getattr(rule, name).all()) for name in RULE_GROUPS})

    def state(self) -> State:
        rule = self.rule
        can = {"for_sign_in": rule.can_sign_in, "for_reset": rule.can_reset}
        own = {name: getattr(rule, name) and can.get(name, True) for name in RULE_FIELDS[1:-1]}
        named = {name: names_of(self.groups[name]) for name in RULE_GROUPS}
        values = {"state": rule.state, **own, "maximum": rule.maximum, **named}
        return {f"{rule.kind}.{name}": value for name, value in values.items()}

    def view(self) -> cautions.RuleView:
        return cautions.RuleView.of(self.rule, dict(self.groups))

    def stored_rule(self) -> service.StoredRule:
        keys = {name: frozenset(group.pk for group in self.groups[name]) for name in RULE_GROUPS}
        return service.StoredRule.of(self.rule, **keys)


@dataclass
class Draft:
    row: OrgPolicy
    reset_groups: list[Group]
    rules: list[DraftRule]

    @classmethod
    def current(cls, *, lock: bool = False) -> Draft:
        """As it is stored; `lock`: until the transaction ends nobody else writes it."""
        rows = OrgPolicy.objects.select_for_update() if lock else OrgPolicy.objects
        row = rows.get(pk=ONLY_ROW)
        rules = MethodRule.objects.prefetch_related(*RULE_GROUPS)
        return cls(row, list(row.reset_groups.all()), [DraftRule.stored(rule) for rule in rules])

    def state(self) -> State:
        state: State = {}
        for name, spec in SPECS.items():
            value = spec.clean(getattr(self.row, name))
            state[name] = list(value) if isinstance(value, tuple) else value
        state["logo"] = hashlib.sha256(self.row.logo).hexdigest()[:12] if self.row.logo else ""
        state["reset_groups"] = names_of(self.reset_groups)
        for each in self.rules:
            state |= each.state()
        return state

    def change(self, values: Mapping[str, Any]) -> None:
        """Set what is named; raises ValidationError for a name or a group that doesn't exist.

        The logo stays as it is: no state has it.
        """
        by_kind = {each.rule.kind: each for each in self.rules}
        for name, value in values.items():
            kind, _dot, part = name.rpartition(".")
            if name in OF_THE_LOGO:
                continue
            if name == "reset_groups":
                self.reset_groups = groups_named(value)
            elif name in SPECS:
                setattr(self.row, name, list(value) if isinstance(value, tuple) else value)
            elif kind in by_kind and part in RULE_GROUPS:
                by_kind[kind].groups[part] = groups_named(value)
            elif kind in by_kind and part in RULE_FIELDS:
                setattr(by_kind[kind].rule, part, value)
            else:
                raise ValidationError(
                    format_lazy(_("There is no “{name}” in this policy."), name=name)
                )

    def check(self) -> None:
        """What is never saved (PO3), by whatever way it comes.

        Raises ValidationError, with the names of `State` where it is about one of them.
        """
        errors = _errors(self.row)
        for each in self.rules:
            found = _errors(each.rule, exclude={"policy"})
            errors |= {f"{each.rule.kind}.{name}": texts for name, texts in found.items()}
        if errors:
            raise ValidationError(errors)
        if cautions.is_lock_out(each.view() for each in self._installed):
            raise ValidationError(cautions.NO_SIGN_IN_KIND)

    def cautions(self) -> set[str]:
        """What has to be understood of the policy as it would be: keys for `cautions.text_of`."""
        found = cautions.of_rules(each.view() for each in self._installed)
        return found | cautions.of_settings(self._settings())

    def policy(self) -> service.Policy:
        """What would hold for people."""
        return service.policy_of(
            self.row,
            [each.stored_rule() for each in self._installed],
            frozenset(group.pk for group in self.reset_groups),
        )

    def save(self) -> None:
        self.row.save()
        self.row.reset_groups.set(self.reset_groups)
        for each in self.rules:
            each.rule.save()
            for name, groups in each.groups.items():
                getattr(each.rule, name).set(groups)

    @property
    def _installed(self) -> list[DraftRule]:
        return [each for each in self.rules if each.rule.installed]

    def _settings(self) -> Settings:
        return Settings.clamped({name: getattr(self.row, name) for name in SPECS})


def _errors(row: OrgPolicy | MethodRule, exclude: set[str] | None = None) -> dict[str, Any]:
    """Values of a wrong type are not compared with each other."""
    try:
        row.clean_fields(exclude=exclude)
        row.clean()
    except ValidationError as refused:
        return dict(refused.error_dict)
    return {}


def names_of(groups: Iterable[Group]) -> list[str]:
    return sorted(group.name for group in groups)


def groups_named(names: object) -> list[Group]:
    """Raises ValidationError: a group that is gone can't be left out of a rule unseen."""
    wanted = names if isinstance(names, list | tuple) else [names]
    found = list(ordinary_groups().filter(name__in=[str(name) for name in wanted]))
    missing = {str(name) for name in wanted} - {group.name for group in found}
    if missing:
        named = ", ".join(sorted(missing))
        raise ValidationError(format_lazy(_("There is no group “{name}”."), name=named))
    return found


def changed(before: State, after: State) -> State:
    """What `after` has otherwise, by name."""
    return {name: value for name, value in after.items() if before.get(name) != value}
