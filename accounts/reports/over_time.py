"""How registration and resets developed: by day, week or month, up to now (RE4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.reports.charts import Columns
from accounts.reports.filters import FilterForm
from methods import registry
from methods.base import Purpose
from methods.models import Registration
from securityinfo import clock
from securityinfo.audit import tags, tally

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

COUNTED: dict[str, StrOrPromise] = {
    tags.METHOD_REGISTERED: _("Methods added"),
    tags.METHOD_DELETED: _("Methods deleted"),
    tags.HELPDESK_METHOD_DELETED: _("Methods deleted by the helpdesk"),
    tags.RESET_COMPLETED: _("Passwords reset"),
    tags.RESET_STOPPED: _("Resets stopped"),
}
REGISTERED = _("People registered for sign-in")


@dataclass(frozen=True)
class Period:
    """How long each column is, and how many there are."""

    label: StrOrPromise
    count: int
    before: Callable[[date], date]  # the beginning of the one before

    def first_days(self, today: date) -> list[date]:
        """Of all columns, the latest last."""
        days = [self.before(today + timedelta(days=1))]
        while len(days) < self.count:
            days.append(self.before(days[-1]))
        return days[::-1]


def _month_before(day: date) -> date:
    return (day - timedelta(days=1)).replace(day=1)


def _week_before(day: date) -> date:
    yesterday = day - timedelta(days=1)
    return yesterday - timedelta(days=yesterday.weekday())


PERIODS = {
    "week": Period(_("26 weeks"), 26, _week_before),  # the first one, unless another is chosen
    "day": Period(_("30 days"), 30, lambda day: day - timedelta(days=1)),
    "month": Period(_("12 months"), 12, _month_before),
}

USUAL = "week"


class PeriodForm(FilterForm):
    by = forms.ChoiceField(
        label=_("Time"),
        choices=[(name, each.label) for name, each in PERIODS.items()],
        initial=USUAL,
    )

    @property
    def period(self) -> Period:
        return PERIODS[self.cleaned_data.get("by", USUAL)]


@dataclass(frozen=True)
class Development:
    """The numbers of each column, by what is counted."""

    days: Sequence[date]
    registered: Sequence[int]
    counted: dict[str, Sequence[int]]

    @classmethod
    def by(cls, period: Period) -> Development:
        """Three queries."""
        days = period.first_days(timezone.localdate())
        return cls(days, _registered(days), _counted(days))

    @property
    def charts(self) -> list[Columns]:
        registered = Columns("registered", REGISTERED, self.days, self.registered)
        return [
            registered,
            *(Columns(tag, COUNTED[tag], self.days, each) for tag, each in self.counted.items()),
        ]

    @property
    def header(self) -> tuple[str, ...]:
        return ("from", "people_registered_for_sign_in", *self.counted)

    @property
    def rows(self) -> Iterator[list[Any]]:
        """Each beginning of a column, and its numbers."""
        for place, day in enumerate(self.days):
            numbers = [each[place] for each in self.counted.values()]
            yield [day.isoformat(), self.registered[place], *numbers]

    @property
    def labels(self) -> list[StrOrPromise]:
        return [REGISTERED, *(COUNTED[tag] for tag in self.counted)]

    @property
    def lines(self) -> list[tuple[date, list[int]]]:
        """For the table, the latest first."""
        lines = [
            (day, [self.registered[place], *(each[place] for each in self.counted.values())])
            for place, day in enumerate(self.days)
        ]
        return lines[::-1]


def _registered(days: Sequence[date]) -> list[int]:
    """How many of today's people had a sign-in method at the end of each column."""
    kinds = [each.kind for each in registry.all_methods() if Purpose.SIGN_IN in each.purposes]
    people = (
        Registration.objects.confirmed()
        .filter(kind__in=kinds, user__in=User.objects.filter(is_active=True))
        .order_by()
        .values("user")
        .annotate(first=Min("confirmed_at"))
    )
    ends = [*map(_midnight, days[1:]), clock.now()]
    found = people.aggregate(
        **{f"n{place}": Count("user", filter=Q(first__lt=end)) for place, end in enumerate(ends)}
    )
    return [found[f"n{place}"] for place in range(len(days))]


def _counted(days: Sequence[date]) -> dict[str, Sequence[int]]:
    """How often each of these happened in each column."""
    begins = [_midnight(day) for day in days]
    ends = [*begins[1:], clock.now() + timedelta(days=1)]
    columns = {
        f"n{place}": Count("pk", filter=Q(at__gte=begin, at__lt=end))
        for place, (begin, end) in enumerate(zip(begins, ends, strict=True))
    }
    events = tally.after(begins[0]).filter(tag__in=COUNTED, result="ok").order_by()
    found = {row["tag"]: row for row in events.values("tag").annotate(**columns)}
    nothing = dict.fromkeys(columns, 0)
    return {tag: [found.get(tag, nothing)[name] for name in columns] for tag in COUNTED}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))
