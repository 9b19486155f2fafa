"""`manage.py verify_audit`: is the log as it was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from securityinfo.actor import SYSTEM
from securityinfo.audit import tasks
from securityinfo.audit.anchor import Anchor, Unreadable


class Command(BaseCommand):
    help = "Check the audit log; exit code 1, and the places, if something was changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            metavar="POSITION:MAC",
            help="an end of the chain from an `audit.sealed` line: is it still in the chain?",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = tasks.check(actor=SYSTEM, against=_anchor(options["anchor"]))
        if not report.is_intact:
            for finding in report.findings:
                self.stderr.write(str(finding))
            raise CommandError(f"The audit log is broken in {len(report.findings)} places.")
        self.stdout.write(
            f"The audit log is intact: {report.events} events, "
            f"the chain ends at position {report.position} with {report.mac[:16] or 'nothing'}."
        )


def _anchor(text: str | None) -> Anchor | None:
    if text is None:
        return None
    try:
        return Anchor.of(text)
    except Unreadable:
        raise CommandError("--anchor takes the position, a colon and the whole mac.") from None
