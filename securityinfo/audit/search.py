"""Finds events by person, by who acted, name, result and time, as the address says (AD3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from securityinfo.audit import tags
from securityinfo.audit.models import Event

LONGEST = 254  # a work address
LOCAL_TIME = "%Y-%m-%dT%H:%M"
TYPED = ("person", "actor")  # whoever is named there is not written into the log


class PersonField(forms.CharField):
    """A user name, a work address or a public id; cleaned, the public id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> UUID | None:
        typed = super().clean(value)
        if not typed:
            return None
        person = get_user_model().objects.named(typed)
        if person is not None:
            return person.public_id
        try:
            return UUID(typed)  # of somebody who is gone
        except ValueError:
            raise ValidationError(_("Nobody has this user name or work address.")) from None


class EventSearch(forms.Form):
    """All of it holds; what is empty doesn't ask for anything."""

    person = PersonField(label=_("Person"))
    actor = PersonField(label=_("By"))
    tag = forms.ChoiceField(
        label=_("Name"),
        required=False,
        choices=[("", "–"), *((tag, tag) for tag in sorted(tags.ALL))],
    )
    since = forms.DateTimeField(label=_("From"), required=False)
    until = forms.DateTimeField(label=_("Until"), required=False)

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data, auto_id="search_%s")
        for name in ("since", "until"):
            field: Any = self.fields[name]
            field.widget = forms.DateTimeInput({"type": "datetime-local"}, LOCAL_TIME)
            field.input_formats = [LOCAL_TIME, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]

    def filtered(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """Those that are asked for; none if the question makes no sense."""
        if not self.is_valid():
            return events.none()
        lookups = {
            "person": "subject",
            "actor": "actor",
            "tag": "tag",
            "since": "at__gte",
            "until": "at__lt",
        }
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return events.filter(**{lookups[name]: value for name, value in given.items()})


class SearchFilter(admin.ListFilter):
    """The form, among the filters of the list."""

    title = _("search")
    parameter_name = "search"  # no address has it; its fields are offered by EventAdmin
    template = "admin/audit/search.html"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Event],
        model_admin: admin.ModelAdmin,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        names = [name for name in EventSearch.base_fields if name in params]
        given = {name: params.pop(name)[-1] for name in names}
        self.form = EventSearch(given)
        self.others = [(name, value) for name, value in request.GET.items() if name not in given]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(EventSearch.base_fields)

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return self.form.filtered(queryset)


def given_in(request: HttpRequest) -> dict[str, str]:
    """By what an export was filtered, for the log: without the names that were typed."""
    hidden: Callable[[str], bool] = (*TYPED, "q").__contains__
    return {
        name: "given" if hidden(name) else str(value)[:LONGEST]
        for name, value in request.GET.items()
        if value
    }
