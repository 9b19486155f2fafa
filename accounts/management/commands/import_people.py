"""`manage.py import_people people.csv`: accounts from a file, all of it or nothing."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.importing import reading, report, writing
from accounts.importing.planning import What
from accounts.importing.reading import Problem
from securityinfo.actor import COMMAND_LINE


class Command(BaseCommand):
    help = "Create, change and deactivate accounts as a CSV file says; see docs/operators.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the file; - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--verbose", action="store_true", help="say it of each line")

    def handle(self, *args: Any, **options: Any) -> None:
        data = self._read(options["file"])
        if options["verbose"]:
            for step in report.lines(data, by=None):
                if not isinstance(step, Problem):
                    self._say(step.wanted.line, f"{step.wanted.name}: {step.what}", step.columns)
        if options["dry_run"]:
            self._look(data)
            return
        try:
            done = writing.write(reading.text_of(data), by=None, actor=COMMAND_LINE)
        except (writing.Refused, reading.Unreadable, reading.WrongHeader) as refused:
            self._look(data)  # which says all that is wrong, not only the first
            # Who is the last one with a duty is found out by whoever writes.
            problems = [_in_words(each) for each in getattr(refused, "problems", [])]
            why = problems or ["People were changed meanwhile."]
            raise CommandError("\n".join([*why, "Nothing was imported."])) from None
        self.stdout.write(f"Imported, batch {done.batch}: {_counted(done.counts)}")

    def _look(self, data: bytes) -> None:
        found = report.of(data, by=None)
        for problem in found.problems:
            self.stderr.write(_in_words(problem))
        if found.problem_count:
            raise CommandError(f"{found.problem_count} to correct; nothing was imported.")
        self.stdout.write(f"Would import: {_counted(found.counts)}")

    def _say(self, line: int, what: str, columns: list[Any]) -> None:
        self.stdout.write(f"line {line}: {what} {', '.join(columns)}".rstrip())

    def _read(self, path: str) -> bytes:
        if path == "-":
            return sys.stdin.buffer.read()
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None


def _counted(counts: Any) -> str:
    return ", ".join(f"{counts[what]} {what}" for what in What)


def _in_words(problem: Problem) -> str:
    where = [f"line {problem.line}"] if problem.line else []
    where += [problem.column] if problem.column else []
    return f"{', '.join(where)}: {problem.words}" if where else problem.words
