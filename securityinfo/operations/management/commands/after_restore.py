"""`manage.py after_restore`: ends what an older state of the database has brought back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from securityinfo.audit import anchor
from securityinfo.audit import tasks as audit
from securityinfo.operations import restore


class Command(BaseCommand):
    help = "After a restore, before anything is started: end sessions, codes, resets and passes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what would be ended; change nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for what, number in restore.void(dry_run=options["dry_run"]).items():
            self.stdout.write(f"{number:8} {what}")
        if options["dry_run"]:
            self.stdout.write("These would be ended. Nothing was changed.")
            return
        self.stdout.write("These were ended. Apps are good again with their next codes.")
        # What was noted of the chain that is lost would be held against this one for ever.
        audit.seal_events()
        try:
            anchor.note()
        except OSError as error:
            raise CommandError(f"The new anchor can't be written: {error.strerror}.") from None
