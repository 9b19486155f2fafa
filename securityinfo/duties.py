"""Duties: what staff may do beyond their own account, each apart from the others."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Protocol

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet


class Duty(StrEnum):
    """By the name of its permission.

    The role of an administrator holds all but editing the policy; permission groups give the rest.
    """

    MANAGE_PEOPLE = "accounts.manage_people"  # by the role alone: no group gives it
    EDIT_POLICY = "accounts.edit_policy"
    READ_AND_AUDIT = "accounts.read_and_audit"
    APPROVE_HELP = "accounts.approve_help"

    @property
    def codename(self) -> str:
        return self.value.partition(".")[2]


GIVEN_BY_GROUP = (Duty.EDIT_POLICY, Duty.READ_AND_AUDIT, Duty.APPROVE_HELP)


class Holder(Protocol):
    """What the administration asks of a person: see accounts.models.User."""

    def may(self, duty: Duty) -> bool: ...


def may(person: Any, duties: Iterable[Duty]) -> bool:
    """Whether this person holds one of them; a visitor holds none."""
    return bool(person.is_active) and any(person.may(duty) for duty in duties)


def permissions_of(duties: Iterable[Duty] = GIVEN_BY_GROUP) -> QuerySet[Permission]:
    codenames = [duty.codename for duty in duties]
    return Permission.objects.filter(content_type__app_label="accounts", codename__in=codenames)


def groups_with(duties: Iterable[Duty] = GIVEN_BY_GROUP) -> QuerySet[Group]:
    """Known by what they permit: a group of the same name in the organization is another one."""
    return Group.objects.filter(permissions__in=permissions_of(duties)).distinct()


def ordinary_groups() -> QuerySet[Group]:
    """Groups of people, for the policy: who is in one of them may do nothing more by it."""
    return Group.objects.exclude(pk__in=groups_with())
