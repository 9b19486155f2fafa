"""`manage.py policy export` and `manage.py policy apply`: the policy as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from securityinfo.actor import COMMAND_LINE
from securityinfo.policy import (
    cautions,
    changes,
    differences,
    documents,
    effect_words,
    proposals,
)
from securityinfo.policy.models import Proposal
from securityinfo.policy.proposals import Preview
from securityinfo.policy.version_models import LONGEST_REASON


class Command(BaseCommand):
    help = "Write the policy as JSON, or make it what a file says."

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        commands.add_parser("export", help="Write it to standard output, without the logo")
        apply = commands.add_parser("apply", help="Make it what a file says")
        apply.add_argument("file", help="The file; - for standard input")
        apply.add_argument("--dry-run", action="store_true", help="Say what it would do, only")
        apply.add_argument("--reason", default="", help="Kept with the version")
        apply.add_argument(
            "--understood",
            action="store_true",
            help="Apply it although it weakens something; the dry run says what",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "export":
            self.stdout.write(documents.exported(), ending="")
        else:
            self._apply(options)

    def _apply(self, options: dict[str, Any]) -> None:
        if len(options["reason"]) > LONGEST_REASON:
            raise CommandError(f"The reason may have at most {LONGEST_REASON} characters.")
        try:
            values = documents.read(_text_of(options["file"]))
        except ValidationError as refused:
            raise CommandError("\n".join(refused.messages)) from refused
        preview = proposals.preview(Proposal(changes=values))
        if preview.problems:
            raise CommandError("\n".join(map(str, preview.problems)))
        self._describe(preview)
        if options["dry_run"] or not preview.changes:
            return
        if preview.cautions and not options["understood"]:
            raise CommandError("Read what this does, and apply it with --understood.")
        self._save(values, options["reason"])

    def _describe(self, preview: Preview) -> None:
        for each in differences.described(preview.changes):
            self.stdout.write(f"{each.label}: {each.old} → {each.new}")
        if not preview.changes:
            self.stdout.write("Nothing is different from the policy as it is.")
            return
        for sentence in effect_words.sentences(preview.impact, preview.changes):
            self.stdout.write(sentence)
        for key in sorted(preview.cautions):
            self.stdout.write(f"! {cautions.text_of(key)}")

    def _save(self, values: dict[str, Any], reason: str) -> None:
        try:
            version = changes.change(values, actor=COMMAND_LINE, note=reason)
        except ValidationError as refused:  # since it was looked at
            raise CommandError("\n".join(differences.problems(refused))) from refused
        self.stdout.write(f"Saved as version {version}.")


def _text_of(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from error
