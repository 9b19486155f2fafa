"""`manage.py doctor`: is everything there that this installation needs?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from securityinfo.operations import doctor
from securityinfo.operations.findings import Level


class Command(BaseCommand):
    help = "Look at everything this installation needs; exit code 1 if something is wrong."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.WARNING: self.style.WARNING,
            Level.WRONG: self.style.ERROR,
        }
        wrong = 0
        for finding in doctor.examine():
            wrong += finding.level is Level.WRONG
            level = styles[finding.level](f"{finding.level:8}")
            self.stdout.write(f"{level} {finding.about:15} {finding.text}")
        if wrong:
            raise CommandError(f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")
