"""What the contract suite fills in for this kind: the answer comes by telephone."""

from __future__ import annotations

from securityinfo.messaging import calls
from securityinfo.messaging.models import Message

POLICY = {"home_country": "NL", "allowed_countries": ["NL", "GB", "US"]}
FORM = {"type": "mobile", "country": "NL", "number": "06 12345678"}
SAME = {"type": "alternate", "country": "GB", "number": "+31 (0)6-12 34 56 78"}
OTHER = {"type": "mobile", "country": "GB", "number": "0121 234 5678"}
INVALID = {"type": "mobile", "country": "NL", "number": "12"}
SECRETS = ("12345678", "6 12345678")  # never shown outside the owner's fresh session


def right(prompt):
    key_in(prompt, prompt.number)
    return {"go_on": "yes"}  # the form of the page has no field


def wrong(prompt):
    key_in(prompt, "10" if prompt.number != "10" else "11")
    return {"go_on": "yes"}  # the form of the page has no field


def key_in(prompt, digits):
    """Somebody answers the call and presses keys."""
    message = Message.objects.get(reference=prompt.id, generation=prompt.generation)
    return calls.keys_pressed(message, digits)
