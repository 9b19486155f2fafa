"""Reads the documents by which a call is told what to say and ask: the part of TwiML we use."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree  # nosec B405

_ATTRIBUTES = {
    "Say": {"language", "voice", "loop"},
    "Gather": {"input", "action", "method", "finishOnKey", "timeout", "numDigits"},
    "Redirect": {"method"},
    "Hangup": set[str](),
}


class BadDocument(Exception):
    """Twilio would say "an application error has occurred" and hang up (12100, 12200)."""


@dataclass(frozen=True)
class Gather:
    """A question: what is said, and where the keys go."""

    said: tuple[str, ...]
    action: str
    finish_on_key: str = "#"
    most_digits: int = 0  # 0: as many as one likes
    seconds: int = 5


@dataclass(frozen=True)
class Keyed:
    """What keys come to: the fields that are posted, none if the document goes on instead."""

    posted: dict[str, str]
    at_once: bool  # or only after so many seconds without a key


def gathered(gather: Gather, keys: str) -> Keyed:
    """What Twilio makes of keys pressed one after the other.

    A key that finishes does so only after a digit; alone it makes no request, and the document
    goes on after <Gather>. Without such a key # is a digit, and what was pressed is posted after
    the pause, or as soon as there are `numDigits`.
    https://www.twilio.com/docs/voice/twiml/gather, "finishOnKey"
    """
    digits = ""
    for key in keys:
        if key == gather.finish_on_key:
            return Keyed({"Digits": digits, "FinishedOnKey": key} if digits else {}, at_once=True)
        digits += key
        if len(digits) == gather.most_digits:
            return Keyed({"Digits": digits}, at_once=True)
    return Keyed({"Digits": digits} if digits else {}, at_once=False)


@dataclass(frozen=True)
class Document:
    """What happens in a call, in order: sentences, questions, and how it goes on without keys."""

    said: tuple[str, ...] = ()
    gathers: tuple[Gather, ...] = field(default=())
    redirect: str = ""
    languages: frozenset[str] = frozenset()


def read(source: str) -> Document:
    """Raises BadDocument for any verb or attribute that is not as documented."""
    try:
        # The application's own documents, in the demo and in tests.
        root = ElementTree.fromstring(source)  # noqa: S314 # nosec B314
    except ElementTree.ParseError:
        raise BadDocument("not XML") from None
    if root.tag != "Response":
        raise BadDocument(f"<{root.tag}> is no response")
    for element in root.iter():
        if element is not root:
            _check(element)
    redirect = root.find("Redirect")
    return Document(
        said=tuple(_text(each) for each in root.findall("Say")),
        gathers=tuple(_gather(each) for each in root.findall("Gather")),
        redirect="" if redirect is None else _text(redirect),
        languages=frozenset(each.get("language", "") for each in root.iter("Say")),
    )


def _check(element: ElementTree.Element) -> None:
    if element.tag not in _ATTRIBUTES:
        raise BadDocument(f"<{element.tag}> is unknown")
    if unknown := set(element.attrib) - _ATTRIBUTES[element.tag]:
        raise BadDocument(f"<{element.tag}> has no {', '.join(sorted(unknown))}")


def _gather(element: ElementTree.Element) -> Gather:
    if element.get("input") != "dtmf" or element.get("method") != "POST":
        raise BadDocument("keys are pressed, and posted")
    return Gather(
        said=tuple(_text(each) for each in element.findall("Say")),
        action=element.get("action", ""),
        finish_on_key=element.get("finishOnKey", "#"),
        most_digits=int(element.get("numDigits", "0")),
        seconds=int(element.get("timeout", "5")),
    )


def _text(element: ElementTree.Element) -> str:
    return (element.text or "").strip()
