"""`manage.py showconfig`: every variable, and where its value came from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from securityinfo.operations import variables


class Command(BaseCommand):
    help = "Show every variable and where its value came from. Secrets are never shown."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--redacted", action="store_true", help="Hide secrets. They are hidden without it too."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for reading in variables.all_readings():
            self.stdout.write(f"{reading.name}={reading.shown}  # {reading.source}")
        for name in variables.unused():
            self.stdout.write(f"# {name} is set and not used.")
