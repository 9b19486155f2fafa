"""`changepassword`: as Django's, with the event that every change of a password has."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import people
from accounts.models import User
from securityinfo.actor import COMMAND_LINE

TRIES = 3


class Command(BaseCommand):
    help = "Sets another password for a person and ends that person's sessions."
    requires_migrations_checks = True
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", nargs="?", help="By default that of the system's user.")

    def handle(self, *args: Any, username: str | None, **options: Any) -> str:
        name = username or getpass.getuser()
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"user '{name}' does not exist")
        self.stdout.write(f"Changing password for user '{user}'")
        for _ in range(TRIES):
            if password := self._asked(user):
                people.set_password(user, password, actor=COMMAND_LINE)
                return f"Password changed successfully for user '{user}'"
        raise CommandError(f"Aborting password change for user '{user}' after {TRIES} attempts")

    def _asked(self, user: User) -> str:
        """Typed twice, and fit to be a password; empty if not, and then it was said why."""
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password (again): "):
            self.stderr.write("Passwords do not match. Please try again.")
            return ""
        try:
            validate_password(password, user)
        except ValidationError as error:
            self.stderr.write("\n".join(error.messages))
            return ""
        return password
