"""The end of the chain as it was noted outside of the database: it shows an older state put back.

A file with one line, `position mac`; see docs/operators.md.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from securityinfo.audit.models import Head, Mark, Seal

_LINE = re.compile(r"(\d{1,18})[ :]([0-9a-f]{64})\s*", re.ASCII)


class Unreadable(Exception):
    """What should be an anchor is none."""


@dataclass(frozen=True)
class Anchor:
    """Where the chain ended once, and with which mac in hexadecimal digits."""

    position: int
    mac: str

    @classmethod
    def of(cls, text: str) -> Anchor:
        """Raises Unreadable."""
        found = _LINE.fullmatch(text)
        if not found:
            raise Unreadable
        return cls(int(found[1]), found[2])

    def problem(self) -> str:
        """What is wrong with the chain if this was its end once; empty if it still holds it."""
        retired = Mark.objects.aggregate(latest=Max("position"))["latest"] or 0
        if self.position <= retired:
            return ""  # removed since, as policy wants it
        seal = Seal.objects.filter(position=self.position).first()
        if seal is None:
            end = Head.objects.values_list("position", flat=True).first() or 0
            return f"was noted, and the chain ends at position {end}: an older state was put back"
        if bytes(seal.mac).hex() != self.mac:
            return "was noted otherwise: the chain went on from an older state that was put back"
        return ""


def noted() -> Anchor | None:
    """The one in the file; None if there is no file yet, or none is wanted. Raises Unreadable."""
    if not settings.AUDIT_ANCHOR:
        return None
    try:
        return Anchor.of(Path(settings.AUDIT_ANCHOR).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise Unreadable from None


def note() -> None:
    """Write down where the chain ends now. Raises OSError; a half-written file never stays."""
    head = Head.objects.first()
    if not settings.AUDIT_ANCHOR or head is None or not head.position:
        return
    path = Path(settings.AUDIT_ANCHOR)
    aside = path.with_suffix(".new")
    aside.write_text(f"{head.position} {bytes(head.mac).hex()}\n", encoding="ascii")
    os.replace(aside, path)
