"""`manage.py changepassword`: Django's words, our rules, event and notice."""

from __future__ import annotations

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from accounts import password_change
from accounts.models import User

TRIES = 3


class Command(changepassword.Command):
    help = "Change a person's password; everybody is signed out of the account."

    def handle(self, *args: Any, **options: Any) -> str:
        name = options["username"] or getpass.getuser()
        user = User.objects.named(name)
        if user is None:
            raise CommandError(f"There is nobody called {name}.")
        self.stdout.write(f"Changing password for user '{user}'")
        password_change.by_operator(user, self._chosen(user))
        return f"Password changed successfully for user '{user}'"

    def _chosen(self, user: User) -> str:
        for _ in range(TRIES):
            password = getpass.getpass()
            if password != getpass.getpass("Password (again): "):
                self.stderr.write("Passwords do not match. Please try again.")
                continue
            try:
                validate_password(password, user)
            except ValidationError as refused:
                self.stderr.write("\n".join(refused.messages))
            else:
                return password
        raise CommandError(f"Aborting password change for user '{user}' after {TRIES} attempts")
