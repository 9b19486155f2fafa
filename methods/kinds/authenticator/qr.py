"""A QR code as one SVG path: qrcode's own SVG takes longer than everything else on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET_ZONE = 4  # modules of white on each side (ISO/IEC 18004)
MASK = 2  # any of the eight can be read; trying all of them takes most of the time


@dataclass(frozen=True)
class Drawing:
    """`size` modules wide and high, white border included; `path` draws the dark ones."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    return Drawing(len(rows), "".join(_row(y, row) for y, row in enumerate(rows)))


def _row(y: int, row: Sequence[bool | None]) -> str:
    """Each run of dark modules is one rectangle."""
    strokes, x = [], 0
    for dark, run in groupby(row, key=bool):
        length = len(list(run))
        if dark:
            strokes.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(strokes)
