"""Every change of the policy: a version further, with an event that says what was and what is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.policy import cautions
from securityinfo.policy.models import ONLY_ROW, MethodRule, OrgPolicy
from securityinfo.policy.settings_table import SPECS

RULE_FIELDS = ("state", "for_sign_in", "for_reset", "include_everyone", "maximum")
RULE_GROUPS = ("include_groups", "exclude_groups")

Snapshot = dict[str, Any]


def snapshot() -> Snapshot:
    """Everything that is decided, as it holds; groups by their names, the logo by its checksum."""
    row = OrgPolicy.objects.get(pk=ONLY_ROW)
    state: Snapshot = {name: spec.clean(getattr(row, name)) for name, spec in SPECS.items()}
    state["logo"] = hashlib.sha256(row.logo).hexdigest()[:12] if row.logo else ""
    state["reset_groups"] = _names(row.reset_groups.all())
    for rule in MethodRule.objects.prefetch_related(*RULE_GROUPS):
        for name in RULE_FIELDS:
            state[f"{rule.kind}.{name}"] = getattr(rule, name)
        for name in RULE_GROUPS:
            state[f"{rule.kind}.{name}"] = _names(getattr(rule, name).all())
    return state


def record_saved(before: Snapshot, *, actor: Actor, note: str = "") -> int | None:
    """One version further if anything differs from `before`; the new version, None if nothing.

    In the transaction of the change. `note` is the reason that the administrator gave.
    """
    after = snapshot()
    changed = {
        name: [before.get(name), after.get(name)]
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    if not changed:
        return None
    OrgPolicy.objects.filter(pk=ONLY_ROW).update(version=F("version") + 1)
    version = OrgPolicy.objects.values_list("version", flat=True).get(pk=ONLY_ROW)
    log.record(tags.POLICY_SAVED, actor=actor, policy_version=version, changes=changed, note=note)
    return version


@transaction.atomic
def change_settings(*, actor: Actor, note: str = "", **values: Any) -> None:
    """Set settings by name, for code that isn't a form. Raises ValidationError."""
    policy = OrgPolicy.objects.select_for_update().get(pk=ONLY_ROW)
    before = snapshot()
    for name, value in values.items():
        if name not in SPECS:
            raise ValueError(f"{name} is not a setting.")
        setattr(policy, name, list(value) if isinstance(value, tuple) else value)
    policy.full_clean()
    policy.save()
    record_saved(before, actor=actor, note=note)


@transaction.atomic
def change_rule(kind: str, *, actor: Actor, note: str = "", **values: Any) -> None:
    """Set fields of one rule, groups as lists, for code that isn't a form.

    Raises ValidationError, MethodRule.DoesNotExist for a kind that has no rule.
    """
    OrgPolicy.objects.select_for_update().get(pk=ONLY_ROW)
    before = snapshot()
    rule = MethodRule.objects.get(kind=kind)
    for name, value in values.items():
        if name not in RULE_FIELDS + RULE_GROUPS:
            raise ValueError(f"{name} is not part of a rule.")
        if name in RULE_FIELDS:
            setattr(rule, name, value)
    rule.full_clean()
    rule.save()
    for name in RULE_GROUPS:
        if name in values:
            getattr(rule, name).set(values[name])
    if cautions.is_lock_out(_views()):
        raise ValidationError(cautions.NO_SIGN_IN_KIND)
    record_saved(before, actor=actor, note=note)


def _views() -> list[cautions.RuleView]:
    rules = MethodRule.objects.installed().prefetch_related(*RULE_GROUPS)
    return [
        cautions.RuleView.of(rule, {name: getattr(rule, name).all() for name in RULE_GROUPS})
        for rule in rules
    ]


def _names(groups: Iterable[Group]) -> list[str]:
    return sorted(group.name for group in groups)
