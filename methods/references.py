"""The letter and the digit by which a late message is told from a new one: "B7"."""

from __future__ import annotations

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O: they read like digits


def of(nonce: bytes, generation: int) -> str:
    number = int.from_bytes(nonce[:4], "big") + generation * 7919
    return f"{LETTERS[number % 24]}{number // 24 % 8 + 2}"
