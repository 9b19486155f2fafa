"""`manage.py start_passwords FILE`: a password for each person who has never had one."""

from __future__ import annotations

import csv
import os
import sys
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from accounts import start_passwords
from accounts.models import User
from securityinfo.actor import COMMAND_LINE
from securityinfo.csv_files import safe


class Command(BaseCommand):
    help = "Give start passwords to all people who have never had one, and write them to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a new file, which only you can read; - for output")
        parser.add_argument("--group", default="", help="only people in this group")

    def handle(self, *args: Any, **options: Any) -> None:
        people = start_passwords.without_one(User.objects.order_by("username"))
        if options["group"]:
            people = people.filter(groups__name=options["group"])
        path, count = options["file"], 0
        with self._opened(path) as file:
            writer = csv.writer(file)
            writer.writerow(["user_name", "full_name", "work_address", "start_password"])
            for person, password in start_passwords.give(people.iterator(), actor=COMMAND_LINE):
                columns = (person.username, person.full_name, person.work_address, password)
                writer.writerow(safe(each) for each in columns)
                file.flush()  # whoever has one can't be given another
                count += 1
        if path != "-":
            text = f"{count} start passwords are in {path}. Hand them over, and delete it."
            self.stdout.write(text)

    def _opened(self, path: str) -> AbstractContextManager[TextIO]:
        if path == "-":
            return nullcontext(sys.stdout)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        return os.fdopen(descriptor, "w", newline="", encoding="utf-8")
