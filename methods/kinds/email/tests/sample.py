"""What the contract suite fills in for this kind."""

from __future__ import annotations

FORM = {"address": "bob@example.net"}
SAME = {"address": " BOB@Example.NET "}  # the same value in another spelling
OTHER = {"address": "bob.baker@example.net"}
INVALID = {"address": "not an address"}
SECRETS = ("bob@example.net",)  # never shown outside the owner's fresh session


def right(prompt):
    return {"code": prompt.code}


def wrong(prompt):
    return {"code": f"{(int(prompt.code) + 1) % 1_000_000:06d}"}
