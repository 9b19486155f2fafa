"""What the contract suite fills in for this kind."""

from __future__ import annotations

POLICY = {"home_country": "NL", "allowed_countries": ["NL", "GB", "US"]}
FORM = {"country": "NL", "number": "06 12345678"}
SAME = {"country": "GB", "number": "+31 (0)6-12 34 56 78"}  # the same value in another spelling
OTHER = {"country": "GB", "number": "07400 123456"}
INVALID = {"country": "NL", "number": "12"}
SECRETS = ("12345678", "6 12345678")  # never shown outside the owner's fresh session


def right(prompt):
    return {"code": prompt.code}


def wrong(prompt):
    return {"code": f"{(int(prompt.code) + 1) % 1_000_000:06d}"}
