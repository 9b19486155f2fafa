"""Are the keys the ones that have sealed what is stored?"""

from __future__ import annotations

from securityinfo import resealing
from securityinfo.keyring import key_ring
from securityinfo.operations import key_proofs
from securityinfo.operations.findings import Findings, ok, wrong

ABOUT = "keys"
SAMPLE = 20  # rows of each table: `manage.py keys check` looks at all of them


def findings() -> Findings:
    ring = key_ring()
    others = [key_id for key_id in ring.by_id if key_id != ring.current.id]
    also = f"; older ones: {', '.join(others)}" if others else ""
    yield ok(ABOUT, f"The current one is {ring.current.id}{also}. All differ.")
    if closed := key_proofs.closed():
        names = ", ".join(closed)
        yield wrong(ABOUT, f"Other processes have another key {names}: give all the same keys.")
    yield from _opened()


def _opened() -> Findings:
    opened = 0
    damaged: list[str] = []
    for column in resealing.columns():
        for row in column.sealed().order_by("-pk")[:SAMPLE]:
            damage = resealing.damage_of(row, column.name)
            opened += not damage
            if damage:
                damaged.append(f"{column}: {damage}")
    if damaged:
        text = f"{len(damaged)} stored values don't open ({damaged[0]}): put the right keys back."
        yield wrong(ABOUT, text)
    else:
        yield ok(ABOUT, f"{opened} stored values were opened.")
