"""A form of filters: what every report's has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict


class FilterForm(forms.Form):
    """What is not given doesn't filter: `cleaned_data` has only what is."""

    first: ClassVar[tuple[str, ...]] = ()  # seen without opening anything; none named: all

    def __init__(self, given: QueryDict) -> None:
        data = given.copy()
        for name, field in self.base_fields.items():
            if field.initial is not None:
                data.setdefault(name, field.initial)  # what is shown is what is chosen
        super().__init__(data)
        for field in self.fields.values():
            field.required = False
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def clean(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    @property
    def filters(self) -> dict[str, Any]:
        """What was chosen, for the log."""
        return self.cleaned_data

    @property
    def first_fields(self) -> Iterator[forms.BoundField]:
        return (field for field in self.visible_fields() if self._is_first(field.name))

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if not self._is_first(field.name)]

    @property
    def is_more_used(self) -> bool:
        return any(self.data.get(field.name) for field in self.more_fields)

    def _is_first(self, name: str) -> bool:
        return not self.first or name in self.first
