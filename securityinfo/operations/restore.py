"""After an older state of the database was put back: what was over since then is ended anew.

Whatever was used, ended or taken away between the backup and the restore is there again: a code of
an app, a session that was signed out, a pass that was revoked.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.helpdesk import cases
from accounts.models import (
    HelpdeskCase,
    PasswordReset,
    Session,
    TemporaryPass,
    TrustedBrowser,
    Welcome,
)
from methods import registry
from methods.models import Challenge, Registration
from methods.outcomes import Outcome
from securityinfo import clock
from securityinfo.actor import COMMAND_LINE
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.policy.proposal_models import Proposal

# More events than an installation writes between two backups: no number is given a second time.
SKIPPED_NUMBERS = 10_000_000


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def void(*, dry_run: bool = False) -> dict[str, int]:
    """End everything that was begun before now, and record it; how many of each it were."""
    try:
        with transaction.atomic():
            numbers = {what: end() for what, end in _ENDS.items()}
            if dry_run:
                raise _Undone
            _skip_numbers_of_events()
            log.record(tags.BACKUP_RESTORED, actor=COMMAND_LINE, ended=numbers)
    except _Undone:
        return numbers
    return numbers


def _raise_counters() -> int:
    """An app's code that was used since the backup would be right once more."""
    raised, now = 0, clock.now()
    for method in registry.all_methods():
        used = method.counter_of(now)
        if used is not None:
            older = Registration.objects.filter(kind=method.kind, last_counter__lt=used)
            raised += older.update(last_counter=used)
    return raised


def _close_cases() -> int:
    """Whoever called has to be checked again."""
    closed = 0
    for case in HelpdeskCase.objects.not_closed().select_related("person"):
        cases.end(case.person, actor=COMMAND_LINE)
        closed += 1
    return closed


def _delete(rows: QuerySet) -> Callable[[], int]:
    """The number of `rows` alone: what hangs on them goes too."""

    def delete() -> int:
        number = rows.all().count()
        rows.all().delete()
        return number

    return delete


_ENDS: dict[str, Callable[[], int]] = {
    "codes of apps": _raise_counters,
    "challenges": lambda: Challenge.objects.all().close(Outcome.CANCELED),
    "password resets": _delete(PasswordReset.objects.all()),
    "temporary passes": lambda: TemporaryPass.objects.open().update(ended_at=Now()),
    "welcome links": _delete(Welcome.objects.all()),
    "trusted browsers": _delete(TrustedBrowser.objects.all()),
    "sessions": _delete(Session.objects.all()),
    "helpdesk cases": _close_cases,
    "unsaved changes of the policy": _delete(Proposal.objects.all()),
}


def _skip_numbers_of_events() -> None:
    """The links "This wasn't me" of lost events must not fit what happens from now on."""
    table = Event._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'),"
                " (SELECT coalesce(max(id), 0) FROM audit_event) + %s)",
                [table, SKIPPED_NUMBERS],
            )
        else:
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s",
                [SKIPPED_NUMBERS, table],
            )
