"""What one stored value of the policy may be: each kind of value brings anything into its range."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from dataclasses import dataclass
from typing import Any, Protocol

# The basic alphabet of text messages (GSM 03.38) without its line breaks: one character, one place.
PLAIN_LETTERS = (
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\Z")
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]+@[^@\s<>\"',;:\\]+\Z")
_ADDRESS_REST = r"[^\s<>\"'\\]+\Z"


class Spec(Protocol):
    @property
    def default(self) -> Any: ...

    def clean(self, value: object) -> Any:
        """The nearest value in range, the default where nothing is near; never raises."""


@dataclass(frozen=True)
class Number:
    default: int
    low: int
    high: int

    def clean(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            return self.default
        return max(self.low, min(value, self.high))


@dataclass(frozen=True)
class Flag:
    default: bool

    def clean(self, value: object) -> bool:
        return value if isinstance(value, bool) else self.default


@dataclass(frozen=True)
class OneOf:
    default: str
    options: tuple[str, ...]

    def clean(self, value: object) -> str:
        return str(value) if value in self.options else self.default


@dataclass(frozen=True)
class Several:
    """Any of the options, in their order; none of them means all."""

    options: tuple[str, ...]

    @property
    def default(self) -> tuple[str, ...]:
        return self.options

    def clean(self, value: object) -> tuple[str, ...]:
        chosen = value if isinstance(value, list | tuple) else ()
        return tuple(each for each in self.options if each in chosen) or self.options


@dataclass(frozen=True)
class Text:
    """One line without control characters."""

    default: str
    most: int

    def clean(self, value: object) -> str:
        if not isinstance(value, str):
            return self.default
        return "".join(each for each in value if each.isprintable())[: self.most].strip()


@dataclass(frozen=True)
class PlainText(Text):
    """Letters that every phone can show; it is never empty."""

    def clean(self, value: object) -> str:
        plain = "".join(each for each in super().clean(value) if each in PLAIN_LETTERS)
        return plain.strip() or self.default


@dataclass(frozen=True)
class _Shaped(Text):
    """Text of one shape; anything else is as if it were not given."""

    def is_fit(self, value: str) -> bool:
        raise NotImplementedError

    def clean(self, value: object) -> str:
        cleaned = super().clean(value)
        return cleaned if self.is_fit(cleaned) else self.default


@dataclass(frozen=True)
class ColorValue(_Shaped):
    most: int = 7

    def is_fit(self, value: str) -> bool:
        return bool(re.match(r"#[0-9a-fA-F]{6}\Z", value))


@dataclass(frozen=True)
class Phone(_Shaped):
    def is_fit(self, value: str) -> bool:
        return bool(re.match(r"[0-9+ ()./#-]+\Z", value))


@dataclass(frozen=True)
class EmailValue(_Shaped):
    def is_fit(self, value: str) -> bool:
        return bool(_EMAIL.match(value))


@dataclass(frozen=True)
class WebAddress(_Shaped):
    """http or https: an address of any other scheme could carry a script."""

    def is_fit(self, value: str) -> bool:
        return bool(re.match(r"https?://" + _ADDRESS_REST, value))


@dataclass(frozen=True)
class HttpsAddress(_Shaped):
    def is_fit(self, value: str) -> bool:
        return bool(re.match(r"https://" + _ADDRESS_REST, value))


@dataclass(frozen=True)
class Zone(_Shaped):
    default: str = ""
    most: int = 60

    def is_fit(self, value: str) -> bool:
        try:
            zoneinfo.ZoneInfo(value)
        except (ValueError, KeyError, OSError):
            return False
        return bool(value)


@dataclass(frozen=True)
class Country(_Shaped):
    """Two letters of ISO 3166."""

    default: str = ""
    most: int = 2

    def is_fit(self, value: str) -> bool:
        return bool(re.match(r"[A-Z]{2}\Z", value))

    def clean(self, value: object) -> str:
        return super().clean(value.upper() if isinstance(value, str) else value)


@dataclass(frozen=True)
class Price(_Shaped):
    """A country, and what a text and a call there cost: `NL 0.08 0.05`."""

    default: str = ""
    most: int = 30

    def is_fit(self, value: str) -> bool:
        amount = r"\d{1,4}(\.\d{1,4})?"
        return bool(re.match(rf"[A-Z]{{2}} {amount} {amount}\Z", value))

    def clean(self, value: object) -> str:
        return super().clean(" ".join(value.upper().split()) if isinstance(value, str) else value)


@dataclass(frozen=True)
class Domain(_Shaped):
    """A host name in lower case, without a leading `@`."""

    default: str = ""
    most: int = 253

    def is_fit(self, value: str) -> bool:
        return bool(_DOMAIN.match(value))

    def clean(self, value: object) -> str:
        return super().clean(value.strip().lstrip("@").lower() if isinstance(value, str) else value)


@dataclass(frozen=True)
class Network(_Shaped):
    """A range in CIDR notation, IPv4 or IPv6."""

    default: str = ""
    most: int = 60

    def is_fit(self, value: str) -> bool:
        try:
            ipaddress.ip_network(value)
        except ValueError:
            return False
        return True


@dataclass(frozen=True)
class Word:
    shortest: int
    longest: int
    default: str = ""

    def clean(self, value: object) -> str:
        cleaned = Text("", self.longest + 1).clean(value).lower()
        return cleaned if self.shortest <= len(cleaned) <= self.longest else ""


@dataclass(frozen=True)
class Phrase:
    """One line of a length; what is shorter or longer is as if it were not given."""

    shortest: int
    longest: int
    default: str = ""

    def clean(self, value: object) -> str:
        cleaned = Text("", self.longest + 1).clean(value)
        return cleaned if self.shortest <= len(cleaned) <= self.longest else ""


@dataclass(frozen=True)
class Slug(_Shaped):
    """A name that a kind gave, and that means something to it alone."""

    default: str = ""
    most: int = 40

    def is_fit(self, value: str) -> bool:
        return bool(re.match(r"[a-z0-9-]+\Z", value))


@dataclass(frozen=True)
class Listed:
    """A list of values of one kind, each once; what does not fit is left out."""

    each: Spec
    most: int
    default: tuple[str, ...] = ()

    def clean(self, value: object) -> tuple[str, ...]:
        given = value if isinstance(value, list | tuple) else ()
        cleaned = (self.each.clean(item) for item in given)
        return tuple(dict.fromkeys(filter(None, cleaned)))[: self.most]
