"""The filters of the list of people, as the address has them: known values only (RE3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from accounts.reports import words
from accounts.reports.filters import FilterForm
from methods import registry
from securityinfo.duties import ordinary_groups

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Choices = list[tuple[str, StrOrPromise]]

ANY, YES, NO, NONE = "", "yes", "no", "none"
YES_OR_NO: Choices = [(ANY, _("any")), (YES, _("yes")), (NO, _("no"))]
SORTS: Choices = [
    ("user_name", _("user name")),
    ("-user_name", _("user name, from the end")),
    ("full_name", _("full name")),
    ("-full_name", _("full name, from the end")),
    ("last_sign_in", _("last sign-in, longest ago first")),
    ("-last_sign_in", _("last sign-in, latest first")),
]


class PeopleForm(FilterForm):
    """Every column of the list."""

    first = ("q", "group", "role", "kind", "sort")

    q = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("The beginning of the user name, work address or full name."),
    )
    group = forms.ChoiceField(label=_("Group"))
    role = forms.ChoiceField(label=_("Role"), choices=[(ANY, _("any")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Account"),
        choices=[
            (ANY, _("active")),
            ("frozen", _("frozen")),
            ("deactivated", _("deactivated")),
            ("all", _("all")),
        ],
    )
    kind = forms.ChoiceField(label=_("Method"))
    default = forms.ChoiceField(label=_("Default sign-in method"))
    changed_from = forms.DateField(label=_("Last change from"))
    changed_to = forms.DateField(label=_("Last change until"))
    seen = forms.ChoiceField(
        label=_("Ever signed in"),
        choices=YES_OR_NO,
    )
    seen_from = forms.DateField(label=_("Last sign-in from"))
    seen_to = forms.DateField(label=_("Last sign-in until"))
    sort = forms.ChoiceField(label=_("Sorted by"), choices=SORTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Choices = [
            (each.kind, each.label) for each in registry.all_methods() if not each.is_issued
        ]
        groups = [
            (str(pk), name)
            for pk, name in ordinary_groups().order_by("name").values_list("pk", "name")
        ]
        self._offer("kind", [(ANY, _("any")), (NONE, _("no method")), *kinds])
        self._offer("default", [(ANY, _("any")), (NONE, _("no default")), *kinds])
        self._offer("group", [(ANY, _("any")), (NONE, _("no group")), *groups])
        for name, label in words.FACTS.items():
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=YES_OR_NO)

    def _offer(self, name: str, choices: Choices) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices
