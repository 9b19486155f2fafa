"""What was sent, what arrived, what failed, and what texts and calls cost by country (RE4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.reports import sent
from accounts.reports.filters import FilterForm
from accounts.reports.rows import Row
from methods import regions
from securityinfo import clock
from securityinfo.messaging import tally, words
from securityinfo.messaging.content import Channel
from securityinfo.policy import service as policy

DAYS = [("30", _("30 days")), ("7", _("7 days")), ("90", _("90 days"))]
USUAL = "30"


class DeliveryForm(FilterForm):
    last = forms.ChoiceField(label=_("Time"), choices=DAYS, initial=USUAL)

    @property
    def days(self) -> int:
        return int(self.cleaned_data.get("last", USUAL))


@dataclass(frozen=True)
class Country:
    """What the providers took for numbers of one country; `cost` where there are prices."""

    region: str
    name: str
    texts: int
    calls: int
    share: Row
    cost: Decimal | None


@dataclass(frozen=True)
class Delivered:
    """Of messages asked for in the last days, as far as their records are kept."""

    lines: tuple[sent.Line, ...]
    reasons: tuple[tuple[Any, Any, int], ...]  # channel, why, how many
    countries: tuple[Country, ...]
    total: Decimal | None  # of those countries that have a price

    @classmethod
    def since(cls, days: int) -> Delivered:
        """Three queries."""
        begins = clock.now() - timedelta(days=days)
        countries = tuple(_countries(tally.by_country(since=begins)))
        costs = [each.cost for each in countries if each.cost is not None]
        reasons = tally.failures(since=begins)
        return cls(
            lines=sent.lines(since=begins),
            reasons=tuple(
                (words.CHANNELS.get(channel, channel), words.REASONS.get(why, why), count)
                for (channel, why), count in reasons.items()
            ),
            countries=countries,
            total=sum(costs, Decimal()) if costs else None,
        )

    header = ("country", "channel", "state", "messages", "cost")

    @property
    def rows(self) -> Iterator[list[Any]]:
        """Channels by state, then countries: one table, whose empty cells say what is meant."""
        for line in self.lines:
            for state, number in line.states.items():
                yield ["", line.channel_name, state, number, ""]
        for country in self.countries:
            for channel, number in ((Channel.TEXT, country.texts), (Channel.CALL, country.calls)):
                yield [country.region, str(channel), "taken", number, ""]
            if country.cost is not None:
                yield [
                    country.region,
                    "",
                    "taken",
                    country.texts + country.calls,
                    str(country.cost),
                ]


def _countries(taken: dict[tuple[str, str], int]) -> Iterator[Country]:
    """Where most were sent first."""
    prices = policy.current().prices_by_country
    numbers = {
        code: (taken.get((code, Channel.TEXT), 0), taken.get((code, Channel.CALL), 0))
        for code in {code for code, _channel in taken}
    }
    most = max((texts + calls for texts, calls in numbers.values()), default=0)
    for code, (texts, calls) in sorted(numbers.items(), key=lambda each: (-sum(each[1]), each[0])):
        name = regions.name_of(code) if code else str(_("not known"))
        price = prices.get(code)
        cost = texts * price[0] + calls * price[1] if price else None
        yield Country(code, name, texts, calls, Row(name, texts + calls, most), cost)
