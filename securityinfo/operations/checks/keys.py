"""Are the keys the ones that have sealed what is stored?"""

from __future__ import annotations

from django.db.models import Model

from securityinfo import crypto
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
    for model, name in crypto.sealed_columns():
        for row in _newest(model, name):
            damage = crypto.damage_of(row, name)
            opened += not damage
            if damage:
                damaged.append(f"{model._meta.db_table}.{name}: {damage}")
    if damaged:
        text = f"{len(damaged)} stored values don't open ({damaged[0]}): put the right keys back."
        yield wrong(ABOUT, text)
    else:
        yield ok(ABOUT, f"{opened} stored values were opened.")


def _newest(model: type[Model], name: str) -> list[Model]:
    rows = model._default_manager.exclude(**{f"{name}__isnull": True})
    return list(rows.order_by("-pk")[:SAMPLE])
