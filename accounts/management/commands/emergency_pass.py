"""`manage.py emergency_pass`: lets an administrator in who is locked out; all others are told."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import pass_rules, passes
from accounts.models import User
from securityinfo import times


class Command(BaseCommand):
    help = "Issue a temporary access pass, shown once. All administrators are told."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_name", metavar="<user name>")
        parser.add_argument(
            "--new-password",
            action="store_true",
            help="The pass also opens one password reset, for who has forgotten the password too.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(options["user_name"])
        if user is None:
            raise CommandError(f"There is nobody called {options['user_name']}.")
        try:
            issued = passes.issue_on_the_server(user, sets_password=options["new_password"])
        except passes.NotIssued as refused:
            raise CommandError(pass_rules.in_words(refused.why, user)) from None
        self.stdout.write(f"Temporary access pass of {user}, shown only now: {issued.text}")
        self.stdout.write(f"It works once, until {times.clock(issued.until)}.")
