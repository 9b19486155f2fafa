"""`manage.py explain_policy bob`: why a method is or isn't offered to one person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import explain, explain_words
from accounts.models import User
from securityinfo.actor import COMMAND_LINE


class Command(BaseCommand):
    help = "For one person: what the policy allows, what it doesn't, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_name", help="User name or work address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(options["user_name"])
        if user is None:
            raise CommandError(f"There is nobody called {options['user_name']}.")
        explanation = explain.explain(user, COMMAND_LINE)
        for note in explain_words.notes(explanation):
            self.stdout.write(note)
        for row in explain_words.table(explanation):
            self.stdout.write(f"{row.label}, {row.value}")
            for cell in row.cells:
                self.stdout.write(f"  {cell.head + ':':<12} {cell.text}")
        self.stdout.write(explain_words.required(explanation))
