"""The drawing of the QR code has exactly the modules of the code."""

from __future__ import annotations

import re

import pytest
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from methods.kinds.authenticator import qr, totp

SHORT = totp.uri("A" * 32, issuer="Example Org", account="bob")
LONG = totp.uri("Z" * 32, issuer="Ü" * 60, account="somebody.with.a.long.name@example.org")
RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def modules_of(drawing):
    """The dark modules, as the path paints them."""
    runs = [tuple(map(int, found)) for found in RUN.findall(drawing.path)]
    assert all(length == back for _, _, length, back in runs)
    return {(x + step, y) for x, y, length, _ in runs for step in range(length)}


@pytest.mark.parametrize("text", [SHORT, LONG])
def test_the_path_paints_the_dark_modules_and_no_others(text):
    code = QRCode(error_correction=ERROR_CORRECT_M, border=4, mask_pattern=qr.MASK)
    code.add_data(text)
    code.make(fit=True)

    drawing = qr.draw(text)

    rows = code.get_matrix()
    assert drawing.size == len(rows)
    assert modules_of(drawing) == {
        (x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    }
    assert RUN.sub("", drawing.path) == ""


def test_it_has_a_white_border_of_four_modules():
    drawing = qr.draw(SHORT)

    inner = range(4, drawing.size - 4)
    assert all(x in inner and y in inner for x, y in modules_of(drawing))
    assert {(4, 4), (drawing.size - 5, 4), (4, drawing.size - 5)} <= modules_of(drawing)
