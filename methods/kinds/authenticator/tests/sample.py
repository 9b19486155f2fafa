"""What the contract suite fills in for this kind."""

from __future__ import annotations

from methods.kinds.authenticator import totp

FORM = {}  # nothing is asked before the proof
OTHER = {}
SECRETS = ()


def never_shown(details):
    """Not even to the owner, once the app is set up."""
    return (details["key"],)


def right(prompt):
    return {"code": totp.code_at(prompt.details["key"], totp.step_now())}


def wrong(prompt):
    """Two minutes ago it was right."""
    return {"code": totp.code_at(prompt.details["key"], totp.step_now() - 4)}
