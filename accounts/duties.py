"""Permission groups: who holds which duty, and that somebody always does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.ranks import RANK_OF_DUTY
from securityinfo.duties import GIVEN_BY_GROUP, Duty, groups_with, permissions_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Stored with a new installation; pages say LABELS.
NAMES = {
    Duty.EDIT_POLICY: "Policy editors",
    Duty.READ_AND_AUDIT: "Auditors",
    Duty.APPROVE_HELP: "Helpdesk leads",
}
LABELS = {
    Duty.EDIT_POLICY: _("Policy editor: decides which methods are allowed"),
    Duty.READ_AND_AUDIT: _("Auditor: reads reports, events and the policy"),
    Duty.APPROVE_HELP: _("Helpdesk lead: approves what agents ask for"),
}
# Nobody could give them again.
NEVER_WITHOUT = (Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY)
_LAST = {
    Duty.MANAGE_PEOPLE: _("This is the last active administrator. Make somebody else one first."),
    Duty.EDIT_POLICY: _("Nobody else can edit the policy. Give that duty to somebody else first."),
}


class NobodyLeft(Exception):
    """The last person with a duty would lose it."""

    def __init__(self, duty: Duty) -> None:
        super().__init__(duty)
        self.duty = duty


def ensure_groups(**_: object) -> None:
    """The three groups, after each migration and each flush of the tests; none is made twice."""
    if not _is_migrated():
        return
    create_permissions(apps.get_app_config("accounts"), verbosity=0)
    for duty, name in NAMES.items():
        if not groups_with([duty]).exists():
            # The organization may have named a group so for another reason.
            taken = Group.objects.filter(name=name).exists()
            group = Group.objects.create(name=f"{name} (duty)" if taken else name)
            group.permissions.set(permissions_of([duty]))


def _is_migrated() -> bool:
    """False after a migration that only went part of the way."""
    table = User._meta.db_table
    if table not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, table)
    return "duty_rank" in {column.name for column in columns}


def held_by(person: User) -> frozenset[Duty]:
    """By groups, as they are stored now."""
    codenames = set(permissions_of().filter(group__user=person.pk).values_list("codename"))
    return frozenset(duty for duty in GIVEN_BY_GROUP if (duty.codename,) in codenames)


def give(person: User, duties: Collection[Duty]) -> None:
    """These and no others by group; ordinary groups stay. In a transaction, see people.update."""
    person.groups.remove(*groups_with(set(GIVEN_BY_GROUP).difference(duties)))
    person.groups.add(*groups_with(duties))


def holders(*duties: Duty) -> QuerySet[User]:
    """Active people who could pass one of these on. By columns of the row alone: to be locked."""
    conditions = (
        Q(role=Role.ADMINISTRATOR)
        if duty == Duty.MANAGE_PEOPLE
        else Q(duty_rank__gte=RANK_OF_DUTY[duty])
        for duty in duties
    )
    return User.objects.filter(reduce(or_, conditions), is_active=True)


def why_not(refused: NobodyLeft) -> StrOrPromise:
    """In words, for whoever tried."""
    return _LAST[refused.duty]


def keep_somebody(person: User, *, role: str, is_active: bool, given: Collection[Duty]) -> None:
    """Locks whoever else has what `person` has now and will not have then.

    By one statement, so in one order for all. Raises NobodyLeft. In the transaction of the change:
    of two people who remove each other, one finds the other gone.
    """
    before = User.objects.get(pk=person.pk)
    if not before.is_active:
        return
    has = {duty for duty in NEVER_WITHOUT if duty in before.duties}
    keeps = {Duty.EDIT_POLICY}.intersection(given) if is_active else set[Duty]()
    if is_active and role == Role.ADMINISTRATOR:
        keeps.add(Duty.MANAGE_PEOPLE)
    lost = sorted(has - keeps)
    if not lost:
        return
    list(holders(*lost).select_for_update().order_by("pk").values_list("pk"))
    for duty in lost:
        if not holders(duty).exclude(pk=person.pk).exists():
            raise NobodyLeft(duty)


# --- The rank in the person's row -----------------------------------------------------------------


def rank_again(people: Iterable[int] | None = None) -> None:
    """Writes the rank of everybody's duties, or of these people."""
    concerned = User.objects.all() if people is None else User.objects.filter(pk__in=[*people])
    editors, others = groups_with([Duty.EDIT_POLICY]), groups_with()
    is_editor = Q(pk__in=User.groups.through.objects.filter(group__in=editors).values("user"))
    has_any = Q(pk__in=User.groups.through.objects.filter(group__in=others).values("user"))
    for rank, condition in ((2, is_editor), (1, has_any & ~is_editor), (0, ~has_any)):
        concerned.filter(condition).exclude(duty_rank=rank).update(duty_rank=rank)


def after_groups_changed(
    *, instance: Any, action: str, pk_set: set[int] | None, reverse: bool, **_: object
) -> None:
    """A receiver: somebody came into a group or left it, from either side."""
    if not action.startswith("post_"):
        return
    groups = {instance.pk} if reverse else pk_set
    if groups is not None and not groups_with().filter(pk__in=groups).exists():
        return
    if reverse:
        rank_again(pk_set)
        return
    rank_again([instance.pk])
    instance.__dict__.pop("given_duties", None)
    instance.refresh_from_db(fields=["duty_rank"])


def after_permissions_changed(**_: object) -> None:
    """A receiver: a group permits something else now, or is gone."""
    rank_again()
