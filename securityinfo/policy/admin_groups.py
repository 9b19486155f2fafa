"""Groups of people, for the rules of the policy; duties aren't given here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from securityinfo.actor import Actor
from securityinfo.admin_site import ByDuty, FreshlyChanged
from securityinfo.duties import Duty, ordinary_groups
from securityinfo.policy import nesting
from securityinfo.policy.models import MethodRule, OrgPolicy


class GroupForm(forms.ModelForm):
    parts = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=_("Groups in it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Their people are people of this group, too."),
    )

    class Meta:
        model = Group
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["parts"]
        choices.queryset = ordinary_groups().exclude(pk=self.instance.pk).order_by("name")
        if self.instance.pk:
            self.initial["parts"] = nesting.parts_of(self.instance)

    def clean_parts(self) -> Any:
        parts = self.cleaned_data["parts"]
        if self.instance.pk:
            nesting.check(self.instance, parts)
        return parts


class GroupAdmin(FreshlyChanged, ByDuty):
    changed_with = frozenset({Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY})
    form = GroupForm
    fields = ["name", "parts"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Group]:
        """The permission groups are given on a person's page, with whatever goes with that."""
        return super().get_queryset(request).filter(pk__in=ordinary_groups())

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        before = form.initial["name"] if change else ""
        super().save_model(request, obj, form, change)
        nesting.record_name(before, obj.name, actor=Actor.of(request))

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        super().delete_model(request, obj)
        nesting.record_name(obj.name, "", actor=Actor.of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """By themselves, for they are no relation of Django's group."""
        super().save_related(request, form, formsets, change)
        nesting.set_parts(form.instance, form.cleaned_data["parts"], actor=Actor.of(request))

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Not while the policy names it: deleting an excluded group would let its people in."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or not (is_named_by_policy(obj) or nesting.is_part(obj))


def is_named_by_policy(group: Group) -> bool:
    rules = MethodRule.objects.filter(
        models.Q(include_groups=group) | models.Q(exclude_groups=group)
    )
    return rules.exists() or OrgPolicy.objects.filter(reset_groups=group).exists()
