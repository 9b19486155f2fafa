"""What is sent, and to whom: plain values that every transport understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """The way by which something leaves the house."""

    EMAIL = "email"
    TEXT = "text"
    CALL = "call"


@dataclass(frozen=True)
class Contact:
    """Where notices go: an address or a number, with the mask that may be shown anywhere."""

    channel: str
    value: str = field(repr=False)
    masked: str = ""
    destination: str = ""  # keyed fingerprint of a number or address, to remember how it went
    country: str = ""  # of a number, in two letters


# Nothing of a message is in its repr: it would end in a log or a traceback.


@dataclass(frozen=True)
class EmailContent:
    """One email; the text and the HTML part say the same."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TextContent:
    """One text message to a number in E.164 form, of use for `valid_for` seconds (0: no end)."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    valid_for: int = 0  # seconds after which the provider drops it; 0: the provider's own


@dataclass(frozen=True)
class CallScript:
    """What a call says, in the person's language; no number, code or expected answer is in it."""

    ask: str = field(repr=False)
    right: str = field(repr=False)
    wrong: str = field(repr=False)
    silence: str = field(repr=False)
    reported: str = field(repr=False)
    over: str = field(repr=False)
    bare: bool = False  # nothing but # is asked for


@dataclass(frozen=True)
class CallContent:
    """One phone call to a number in E.164 form; the extension is dialed once it is answered."""

    to: str = field(repr=False)
    extension: str = field(repr=False)
    script: CallScript = field(repr=False)
    language: str = "en"


Outgoing = EmailContent | TextContent | CallContent
