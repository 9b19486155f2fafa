"""`manage.py verify_audit`: is the log as it was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from securityinfo.actor import SYSTEM
from securityinfo.audit import tasks


class Command(BaseCommand):
    help = "Check the audit log; exit code 1, and the places, if something was changed."

    def handle(self, *args: Any, **options: Any) -> None:
        report = tasks.check(actor=SYSTEM)
        if not report.is_intact:
            for finding in report.findings:
                self.stderr.write(str(finding))
            raise CommandError(f"The audit log is broken in {len(report.findings)} places.")
        self.stdout.write(
            f"The audit log is intact: {report.events} events, "
            f"the chain ends at position {report.position} with {report.mac[:16] or 'nothing'}."
        )
