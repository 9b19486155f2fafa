"""`manage.py create_administrator`: an account with a link at which its owner comes in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import welcome
from securityinfo import times

NOT_NEW = (
    "{name} is here already. Somebody who is locked out gets in with emergency_pass; "
    "somebody who is to become an administrator is made one in the administration."
)


class Command(BaseCommand):
    help = "Make an administrator. Prints a link, once; a second call makes a new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user_name", metavar="<user name>")
        parser.add_argument("work_address", metavar="<work address>")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            link = welcome.invite(options["user_name"], options["work_address"])
        except welcome.NotNew:
            raise CommandError(NOT_NEW.format(name=options["user_name"])) from None
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        self.stdout.write("Open this link in your own browser; it is shown only now:")
        self.stdout.write(f"  {link.address}")
        self.stdout.write(f"It works once, until {times.clock(link.until)}.")
