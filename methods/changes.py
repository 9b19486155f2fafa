"""What every change to security info has in common: the lock, the record, the news of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils.text import format_lazy

from methods.models import Registration
from methods.signals import security_info_changed
from securityinfo import throttling
from securityinfo.actor import Actor
from securityinfo.audit import log
from securityinfo.policy.rules import Reason, Ruleset
from securityinfo.prepared import Prepared
from securityinfo.throttling import limits

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User
    from securityinfo.audit.models import Event


_locked = Prepared(
    lambda pk: get_user_model().objects.select_for_update(no_key=True).filter(pk=pk), -1
)


class Refused(Exception):
    """Policy or the state of the account says no; `reason` tells which text to show."""

    def __init__(self, reason: Reason | None) -> None:
        super().__init__(reason)
        self.reason = reason


def charge(user: User) -> Sequence[throttling.Hit]:
    """Count one change, before it is written and outside of its transaction.

    Raises throttling.Throttled, and then nothing may be changed.
    """
    return throttling.hit_all(limits.CHANGES_BY_ACCOUNT, str(user.pk))


def lock(user: User) -> User:
    """The person's row, held until the transaction ends: changes of one person happen in turn.

    Take it before any other row. Rows that merely refer to the person may be written meanwhile.
    SQLite has no row locks; there every transaction of ours begins IMMEDIATE, which is stricter.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("A lock ends with its transaction.")
    found = _locked(user.pk)
    if not found:
        raise get_user_model().DoesNotExist
    return found[0]


def lock_for_change(user: User) -> User:
    """As `lock`, for whatever changes a method. Raises Refused while the account is frozen."""
    locked = lock(user)
    if locked.frozen_at:
        raise Refused(Reason.FROZEN)
    return locked


def what(registration: Registration) -> StrOrPromise:
    """The method as a notice names it: the label in the reader's language, and the mask."""
    label, shown = registration.method.label, registration.shown
    return format_lazy("{}, {}", label, shown) if shown else label


def record(
    tag: str, registration: Registration, actor: Actor, ruleset: Ruleset, **facts: Any
) -> Event:
    """The event of this method; by its public id "This wasn't me" finds the method again."""
    return log.record(
        tag,
        actor=actor,
        subject=registration.user.public_id,
        kind=registration.kind,
        masked=registration.summary,
        policy_version=ruleset.version,
        method=registration.uuid,
        **facts,
    )


def tell_others(user: User, change: str, actor: Actor) -> None:
    security_info_changed.send(
        sender=Registration, user=user, change=change, keep_session=actor.session
    )
