"""Every change of the policy: a version further, with an event that says what was and what is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from securityinfo.actor import SYSTEM, Actor
from securityinfo.audit import log, tags
from securityinfo.policy.draft import RULE_FIELDS, RULE_GROUPS, Draft, State, names_of
from securityinfo.policy.models import ONLY_ROW, MethodRule, OrgPolicy, PolicyVersion
from securityinfo.policy.settings_table import SPECS

Listener = Callable[[PolicyVersion, Actor], object]
_listeners: list[Listener] = []

SWITCHES = {"text_switch", "call_switch", "email_switch"}


def on_saved(listener: Listener) -> None:
    """Call `listener` with each new version, in its transaction; told once, at the start."""
    if listener not in _listeners:
        _listeners.append(listener)


def snapshot() -> State:
    """Everything that is decided, as it holds."""
    return Draft.current().state()


def record_saved(
    before: State,
    *,
    since: datetime,
    actor: Actor,
    note: str = "",
    restores: int | None = None,
) -> int | None:
    """One version further if anything differs from `before`; the new version, None if nothing.

    In the transaction of the change, with the policy locked. `since`: when `before` was stored.
    `note` is the reason that the administrator gave; `restores` the version that was gone back to.
    """
    after = snapshot()
    changed = {
        name: [before.get(name), after.get(name)]
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    if not changed:
        return None
    version = _next_version(before, since)
    row = PolicyVersion.objects.create(
        number=version,
        author=actor.person,
        author_role=actor.role,
        reason=note,
        restores=restores,
        state=after,
        changes=changed,
    )
    facts: dict[str, Any] = {"restores": restores} if restores else {}
    tag = tags.POLICY_REVERTED if restores else tags.POLICY_SAVED
    log.record(tag, actor=actor, policy_version=version, changes=changed, note=note, **facts)
    _record_switches(changed, version, actor)
    for listener in _listeners:
        listener(row, actor)
    return version


def change_settings(*, actor: Actor, note: str = "", **values: Any) -> None:
    """Set settings by name, for code that isn't a form. Raises ValidationError."""
    for name in values:
        if name not in SPECS:
            raise ValueError(f"{name} is not a setting.")
    change(values, actor=actor, note=note)


def change_rule(kind: str, *, actor: Actor, note: str = "", **values: Any) -> None:
    """Set fields of one rule, groups as lists, for code that isn't a form.

    Raises ValidationError, MethodRule.DoesNotExist for a kind that has no rule.
    """
    MethodRule.objects.only("pk").get(kind=kind)
    state: State = {}
    for name, value in values.items():
        if name not in RULE_FIELDS + RULE_GROUPS:
            raise ValueError(f"{name} is not part of a rule.")
        state[f"{kind}.{name}"] = names_of(value) if name in RULE_GROUPS else value
    change(state, actor=actor, note=note)


@transaction.atomic
def change(
    values: State,
    *,
    actor: Actor,
    note: str = "",
    restores: int | None = None,
    logo: tuple[bytes, str] | None = None,
) -> int | None:
    """Set everything that `values` names; the new version. Raises ValidationError.

    `logo`: another one, or none if it is empty; it isn't part of `values`.
    """
    draft = Draft.current(lock=True)
    before, since = draft.state(), draft.row.changed_at
    draft.change(values)
    if logo is not None:
        draft.row.logo, draft.row.logo_type = logo
    draft.check()
    draft.save()
    return record_saved(before, since=since, actor=actor, note=note, restores=restores)


def _record_switches(changed: State, version: int, actor: Actor) -> None:
    """A channel that was stopped or goes on has an event of its own."""
    for name in SWITCHES & changed.keys():
        tag = tags.CHANNEL_RESUMED if changed[name][1] else tags.CHANNEL_STOPPED
        channel = name.removesuffix("_switch")
        log.record(tag, actor=actor, policy_version=version, channel=channel)


def _next_version(before: State, since: datetime) -> int:
    """The new number. What was there before the first save is a version too, to go back to."""
    number = OrgPolicy.objects.values_list("version", flat=True).get(pk=ONLY_ROW)
    PolicyVersion.objects.get_or_create(
        number=number, defaults={"at": since, "state": before, "author_role": SYSTEM.role}
    )
    OrgPolicy.objects.filter(pk=ONLY_ROW).update(version=number + 1)
    return int(number) + 1
