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
