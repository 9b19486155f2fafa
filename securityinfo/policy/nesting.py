"""Putting groups into a group: check, write, record."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.policy.draft import names_of
from securityinfo.policy.group_models import above
from securityinfo.policy.models import ONLY_ROW, GroupPart, OrgPolicy, renew_token


def parts_of(group: Group) -> QuerySet[Group]:
    """The groups that stand in this one, by name; not those that stand in them."""
    inside = GroupPart.objects.filter(group=group).values("part")
    return Group.objects.filter(pk__in=inside).order_by("name")


def is_part(group: Group) -> bool:
    return GroupPart.objects.filter(part=group).exists()


def check(group: Group, parts: Collection[Group]) -> None:
    """Raises ValidationError if a group would stand in itself, however deep."""
    others = GroupPart.objects.exclude(group=group).values_list("group_id", "part_id")
    reached = above(others).get(group.pk, frozenset()) | {group.pk}
    for part in parts:
        if part.pk in reached:
            raise ValidationError(
                format_lazy(
                    _("“{part}” can't stand in “{group}”: that one stands in it."),
                    part=part.name,
                    group=group.name,
                )
            )


@transaction.atomic
def set_parts(group: Group, parts: Collection[Group], *, actor: Actor) -> None:
    """From now on exactly these stand in `group`. Raises ValidationError.

    The policy is locked: two administrators can't close a circle together.
    """
    list(OrgPolicy.objects.select_for_update().filter(pk=ONLY_ROW).values_list("pk"))
    before = list(parts_of(group))
    if set(before) == set(parts):
        return
    check(group, parts)
    GroupPart.objects.filter(group=group).exclude(part__in=parts).delete()
    added = [GroupPart(group=group, part=part) for part in parts if part not in before]
    GroupPart.objects.bulk_create(added)
    renew_token()
    log.record(
        tags.GROUP_CHANGED,
        actor=actor,
        group=group.name,
        parts=[names_of(before), names_of(parts)],
    )


def record_name(before: str, after: str, *, actor: Actor) -> None:
    """A group is new, has another name, or is gone. In the transaction of that."""
    if before != after:
        log.record(tags.GROUP_CHANGED, actor=actor, group=after or before, name=[before, after])
