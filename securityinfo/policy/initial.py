"""The rows that every installation has: made, and brought up to date, after each migration."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from securityinfo.policy.models import ONLY_ROW, MethodRule, OrgPolicy
from securityinfo.policy.rules import InitialRule, Purpose


def ensure_policy(**kwargs: object) -> None:
    """Make the one row if it is missing: after a migration, and after a flush of the tests."""
    if _is_migrated():
        OrgPolicy.objects.get_or_create(pk=ONLY_ROW)


def ensure_rules(initial: Iterable[InitialRule]) -> None:
    """One rule for each kind there is, in this order; those that exist keep what was decided.

    Called after each migration. A kind that is gone keeps its rule, out of sight, for its return.
    """
    if not _is_migrated():
        return
    with transaction.atomic():
        ensure_policy()
        existing = {rule.kind: rule for rule in MethodRule.objects.all()}
        kinds = [_ensure_rule(existing, each, position) for position, each in enumerate(initial)]
        gone = [kind for kind in existing if kind not in kinds and existing[kind].installed]
        if gone:
            MethodRule.objects.filter(kind__in=gone).update(installed=False)


def _ensure_rule(existing: dict[str, MethodRule], each: InitialRule, position: int) -> str:
    traits = each.traits
    known = {
        "label": each.label,
        "caution": each.caution,
        "position": position,
        "installed": True,
        "strength": int(traits.strength),
        "can_sign_in": Purpose.SIGN_IN in traits.purposes,
        "can_reset": Purpose.RESET in traits.purposes,
        "ceiling": traits.max_per_user,
    }
    rule = existing.get(traits.kind)
    if rule is None:
        MethodRule.objects.create(kind=traits.kind, state=each.state, maximum=each.maximum, **known)
    elif any(getattr(rule, name) != value for name, value in known.items()):
        MethodRule.objects.filter(pk=rule.pk).update(**known)
    return traits.kind


def _is_migrated() -> bool:
    """False after a migration that only went part of the way."""
    tables = connection.introspection.table_names()
    return {OrgPolicy._meta.db_table, MethodRule._meta.db_table} <= set(tables)
