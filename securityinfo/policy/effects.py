"""What a change of the policy does to people: counted by whoever knows them, see `use`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from securityinfo.policy.service import Policy

MOST_NAMED = 50


class Effect(StrEnum):
    """In the order in which they are told: the worst first."""

    NO_SIGN_IN = "no_sign_in"  # had a usable sign-in method, and has none
    NO_RESET = "no_reset"  # could reset the password, and can't
    LOSES_METHOD = "loses_method"  # one that worked for sign-in or for reset no longer does
    TOO_FEW = "too_few"  # had as many as required, and has fewer
    OTHER_DEFAULT = "other_default"  # is asked for another method at sign-in
    ASKED = "asked"  # is asked to register, and wasn't


@dataclass(frozen=True)
class Affected:
    user_name: str
    full_name: str
    effects: frozenset[Effect]


@dataclass
class Impact:
    counts: Counter[Effect] = field(default_factory=Counter)
    people: list[Affected] = field(default_factory=list)  # the first MOST_NAMED
    affected: int = 0

    @classmethod
    def of(cls, people: Iterator[Affected]) -> Impact:
        impact = cls()
        for person in people:
            impact.affected += 1
            impact.counts.update(person.effects)
            if len(impact.people) < MOST_NAMED:
                impact.people.append(person)
        return impact

    def is_worse_than(self, seen: str) -> bool:
        """`seen`: what `as_seen` gave when somebody looked."""
        known = dict(part.partition("=")[::2] for part in seen.split())
        return any(
            count > int(known.get(effect, "0") if known.get(effect, "0").isdecimal() else 0)
            for effect, count in self.counts.items()
        )

    @property
    def as_seen(self) -> str:
        return " ".join(f"{effect}={count}" for effect, count in sorted(self.counts.items()))


Finder = Callable[[Policy, Policy], Iterator[Affected]]
_finders: list[Finder] = [lambda before, after: iter(())]


def use(finder: Finder) -> None:
    """Ask `finder` from now on, with the policy before and after; called once, at the start."""
    _finders[:] = [finder]


def affected(before: Policy, after: Policy) -> Iterator[Affected]:
    """Everybody for whom something changes, by user name; read it to the end."""
    return _finders[0](before, after)
