"""Groups in groups: whoever is in the one is in the other, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from django.contrib.auth.models import Group
from django.db import models


class GroupPart(models.Model):
    """One group stands in another. Never in a circle; see `nesting`."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="+")
    part = models.ForeignKey(Group, models.CASCADE, related_name="+")

    objects: ClassVar[models.Manager[GroupPart]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "part"], name="policy_group_part_once"),
            models.CheckConstraint(
                condition=~models.Q(group=models.F("part")), name="policy_group_not_in_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} in {self.group_id}"


def above(parts: Iterable[tuple[int, int]]) -> Mapping[int, frozenset[int]]:
    """Of (group, part): for each part all groups that it is in, however deep, circles or not."""
    parents: dict[int, set[int]] = {}
    for group, part in parts:
        parents.setdefault(part, set()).add(group)
    return {part: _reached(part, parents) for part in parents}


def _reached(part: int, parents: Mapping[int, set[int]]) -> frozenset[int]:
    found: set[int] = set()
    open_ones = [part]
    while open_ones:
        for group in parents.get(open_ones.pop(), set()) - found:
            found.add(group)
            open_ones.append(group)
    return frozenset(found)
