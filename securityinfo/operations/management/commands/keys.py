"""`manage.py keys check|rotate`: what each key holds, and the way to a new one."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from securityinfo import resealing
from securityinfo.keyring import key_ring
from securityinfo.operations import key_proofs, rotation
from securityinfo.operations.rotation import Result

SHOWN = 20  # damaged rows; the log has them all


class Command(BaseCommand):
    help = "What each key of SECURITYINFO_ENCRYPTION_KEYS holds; seal everything under the first."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("check", help="Count rows by key, and open every stored value.")
        rotate = actions.add_parser("rotate", help="Seal everything anew under the first key.")
        rotate.add_argument(
            "--pause", type=float, default=0.05, help="Seconds after each batch, for others."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "check":
            self.check_keys()
        else:
            self.rotate(options["pause"])

    def check_keys(self) -> None:
        self._say_keys()
        self._say_holdings()
        closed = [f"Other processes have another key {each}." for each in key_proofs.closed()]
        damaged = [each for column in rotation.columns() for each in resealing.damaged(column)]
        self._end(closed + damaged)
        self.stdout.write("Every stored value opens.")

    def rotate(self, pause: float) -> None:
        self._say_keys()
        try:
            result = rotation.rotate(after_batch=lambda so_far: self._pause(so_far, pause))
        except KeyboardInterrupt:
            raise CommandError("Broken off. Start it again: it goes on from here.") from None
        self._say_holdings()
        self._end(result.damaged)
        self.stdout.write(
            f"{result.resealed.total()} values were sealed anew, "
            f"fingerprints of {result.renewed} methods made anew."
        )

    def _pause(self, so_far: Result, seconds: float) -> None:
        self.stdout.write(f"{so_far.steps} …")
        time.sleep(seconds)

    def _say_keys(self) -> None:
        ring = key_ring()
        older = [key_id for key_id in ring.by_id if key_id != ring.current.id]
        self.stdout.write(f"Current key: {ring.current.id}. Older: {', '.join(older) or 'none'}.")

    def _say_holdings(self) -> None:
        held: set[str] = set()
        for place, numbers in rotation.holdings():
            held |= set(numbers)
            told = ", ".join(f"{key_id}: {number}" for key_id, number in sorted(numbers.items()))
            self.stdout.write(f"{place:32} {told or 'nothing'}")
        for key_id in key_ring().by_id:
            if key_id not in held and key_id != key_ring().current.id:
                self.stdout.write(f"{key_id} holds nothing any more: it can be removed.")

    def _end(self, wrong: list[str]) -> None:
        for each in wrong[:SHOWN]:
            self.stderr.write(each)
        if wrong:
            raise CommandError(
                f"{len(wrong)} {'thing is' if len(wrong) == 1 else 'things are'} wrong."
            )
