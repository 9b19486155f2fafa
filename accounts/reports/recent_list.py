"""What people registered, changed and reset of late, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.reports.filters import FilterForm
from methods import registry
from securityinfo.audit import tags, tally
from securityinfo.audit.models import Event

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WHAT: Mapping[str, StrOrPromise] = {
    tags.METHOD_REGISTERED: _("Method added"),
    tags.METHOD_CHANGED: _("Method changed"),
    tags.METHOD_DELETED: _("Method deleted"),
    tags.HELPDESK_METHOD_DELETED: _("Method deleted by the helpdesk"),
    tags.METHOD_DELETE_REFUSED: _("Deleting refused"),
    tags.REGISTRATION_CANCELED: _("Adding canceled"),
    tags.RESET_STARTED: _("Reset begun"),
    tags.RESET_CHECK_PASSED: _("Check of a reset passed"),
    tags.RESET_CHECK_REFUSED: _("Check of a reset failed"),
    tags.RESET_STOPPED: _("Reset stopped"),
    tags.RESET_COMPLETED: _("Password reset"),
}
AREAS: dict[str, tuple[StrOrPromise, tuple[str, ...]]] = {
    "methods": (_("Methods"), tuple(tag for tag in WHAT if not tag.startswith("reset."))),
    "resets": (_("Password resets"), tuple(tag for tag in WHAT if tag.startswith("reset."))),
}
DAYS, MOST_DAYS = 30, 365
CHUNK = 1_000
MORE = _("There are more events than fit into one file. Narrow the search.")
HEADER = ("time", "what", "result", "reason", "user_name", "method", "value", "by")


class RecentForm(FilterForm):
    """Of the last thirty days, unless another day is given."""

    person = forms.CharField(label=_("User name or work address"), max_length=254)
    area = forms.ChoiceField(
        label=_("What"),
        choices=[("", _("all")), *((name, label) for name, (label, _tags) in AREAS.items())],
    )
    tag = forms.ChoiceField(label=_("Event"), choices=[("", _("all")), *WHAT.items()])
    result = forms.ChoiceField(label=_("Outcome"), choices=[("", _("all")), *Event.Result.choices])
    kind = forms.ChoiceField(label=_("Method"))
    since = forms.DateField(label=_("From"))
    until = forms.DateField(label=_("Until and including"))
    before = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(each.kind, each.label) for each in registry.all_methods()]
        self.fields["kind"].choices = [("", _("all")), *kinds]  # type: ignore[attr-defined]  # of a choice

    def clean_person(self) -> UUID | None:
        typed = self.cleaned_data["person"]
        person = User.objects.named(typed) if typed else None
        if typed and person is None:
            raise ValidationError(_("Nobody has this user name or work address."))
        return person.public_id if person else None

    def clean_since(self) -> Any:
        since = self.cleaned_data["since"]
        if since and since < timezone.localdate() - timedelta(days=MOST_DAYS):
            raise ValidationError(_("Choose a day of the last 365."))
        return since

    @property
    def filters(self) -> dict[str, Any]:
        """Without the place in the list."""
        return {name: value for name, value in self.cleaned_data.items() if name != "before"}


@dataclass(frozen=True)
class Line:
    """One event, with its person's user name."""

    event: Event
    user_name: str
    person: int | None

    @property
    def what(self) -> StrOrPromise:
        return WHAT[self.event.tag]

    @property
    def method(self) -> str:
        kind = self.event.kind
        return str(registry.get(kind).label) if registry.has(kind) else kind


def lines(filters: Mapping[str, Any], most: int) -> list[Line]:
    """The latest ones; three queries."""
    return _named(list(_events(filters)[:most]))


def all_lines(filters: Mapping[str, Any]) -> Iterator[Line]:
    """The same without an end, from one part to the next."""
    events = _events(filters)
    part = list(events[:CHUNK])
    while part:
        yield from _named(part)
        part = list(events.filter(pk__lt=part[-1].pk)[:CHUNK])


def cells(line: Line) -> list[Any]:
    event = line.event
    return [
        event.at,
        event.tag,
        event.result,
        event.reason,
        line.user_name,
        event.kind,
        event.masked,
        event.actor_role,
    ]


def _events(filters: Mapping[str, Any]) -> QuerySet[Event]:
    first = filters.get("since") or timezone.localdate() - timedelta(days=DAYS)
    events = tally.after(_midnight(first)).filter(tag__in=_tags(filters))
    lookups = {"person": "subject", "result": "result", "kind": "kind", "before": "pk__lt"}
    events = events.filter(
        **{lookup: filters[name] for name, lookup in lookups.items() if name in filters}
    )
    if "until" in filters:
        events = events.filter(at__lt=_midnight(filters["until"] + timedelta(days=1)))
    return events.order_by("-pk")


def _tags(filters: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = AREAS[filters["area"]][1] if "area" in filters else tuple(WHAT)
    return tuple(tag for tag in chosen if filters.get("tag") in (None, tag))


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def _named(events: list[Event]) -> list[Line]:
    people = User.objects.filter(public_id__in={each.subject for each in events if each.subject})
    known = {person.public_id: person for person in people.only("public_id", "username")}
    found = []
    for event in events:
        person = known.get(event.subject) if event.subject else None
        name = person.username if person else str(event.subject or "")
        found.append(Line(event, name, person.pk if person else None))
    return found
