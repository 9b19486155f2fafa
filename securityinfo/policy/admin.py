"""The policy in the administration: one page with the table of kinds and all settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminErrorList
from django.contrib.auth import admin as _auth_admin  # noqa: F401 - registers groups first
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from securityinfo.admin_site import ByDuty
from securityinfo.duties import Duty, may, ordinary_groups
from securityinfo.policy import admin_preview, cautions, initial, problems, reading
from securityinfo.policy.admin_groups import GroupAdmin
from securityinfo.policy.admin_preview import Previewing
from securityinfo.policy.admin_versions import PolicyVersionAdmin
from securityinfo.policy.forms import (
    UNDERSTOOD,
    LinesField,
    OfferedField,
    PolicyForm,
    RangeField,
    RuleForm,
    RuleFormSet,
    SeveralField,
)
from securityinfo.policy.layout import FIELDSETS, OFFERED, SEVERAL
from securityinfo.policy.models import ONLY_ROW, MethodRule, OrgPolicy, PolicyVersion
from securityinfo.policy.settings_table import SPECS
from securityinfo.policy.values import Listed, Number, Several


class RuleInline(admin.TabularInline):
    model = MethodRule
    form = RuleForm
    formset = RuleFormSet
    extra = 0
    can_delete = False
    verbose_name_plural = _("Kinds of methods")
    template = "admin/policy/rules.html"
    fields = [*RuleForm.Meta.fields]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[MethodRule]:
        return super().get_queryset(request).filter(installed=True)

    def formfield_for_manytomany(self, *args: Any, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            *args,
            **kwargs | {"widget": forms.CheckboxSelectMultiple, "queryset": ordinary_groups()},
        )

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return _without_links(field)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page itself has asked for the proof and for the right to see it."""
        return may(request.user, [Duty.EDIT_POLICY])

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OrgPolicy)
class OrgPolicyAdmin(Previewing, ByDuty):
    changed_with = frozenset({Duty.EDIT_POLICY})
    form = PolicyForm
    inlines = [RuleInline]
    fieldsets = [
        (name, {"fields": [*fields], "classes": [] if "note" in fields else ["collapse"]})
        for name, fields in FIELDSETS
    ]
    change_form_template = "admin/policy/change_form.html"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever only reads gets the settings in words."""
        return self.fieldsets if self.may_change(request) else []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one policy: no list of it."""
        if not self.may_see(request):
            raise PermissionDenied
        initial.ensure_policy()
        return redirect("admin:policy_orgpolicy_change", ONLY_ROW)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The versions are its history."""
        return redirect("admin:policy_policyversion_changelist")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        spec = SPECS.get(db_field.name)
        words = {"label": capfirst(db_field.verbose_name), "help_text": db_field.help_text}
        if isinstance(spec, Number):
            return RangeField(low=spec.low, high=spec.high, **words)
        if isinstance(spec, Several):
            return SeveralField(choices=SEVERAL[db_field.name], **words)
        if db_field.name in OFFERED:
            return OfferedField(choices=OFFERED[db_field.name], **words)
        if isinstance(spec, Listed):
            return LinesField(spec=spec, **words)
        if db_field.name == "accent":
            kwargs["widget"] = forms.ColorInput
        if db_field.name == "reset_groups":
            kwargs |= {"widget": forms.CheckboxSelectMultiple, "queryset": ordinary_groups()}
        return _without_links(super().formfield_for_dbfield(db_field, request, **kwargs))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """One thing at a time: what is wrong, or else what has to be understood."""
        context["sections"] = [] if self.may_change(request) else reading.sections()
        context["may_explain"] = may(request.user, [Duty.READ_AND_AUDIT])
        form = context["adminform"].form
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        if problems.set_cautions_aside(form, formsets):
            rules = [rule for each in formsets for rule in each]
            context["problems"] = problems.of_fields([*rules, form])
        else:
            context["cautions"] = _cautions([form, *formsets], request)
        context["errors"] = AdminErrorList(form, formsets)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: OrgPolicy, form: Any, change: bool) -> None:
        """Not before somebody has looked at what it does."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.instance.proposal = admin_preview.proposed(form, formsets, request)

    def log_change(self, request: HttpRequest, obj: OrgPolicy, message: Any) -> Any:
        """The versions are the log."""

    def construct_change_message(self, *args: Any) -> Any:
        return []

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if obj.proposal is not None:
            return admin_preview.to_preview(obj.proposal)
        messages.info(request, _("Nothing is different from the policy as it is."))
        return redirect("admin:policy_orgpolicy_change", ONLY_ROW)


def _cautions(forms: Iterable[Any], request: HttpRequest) -> list[dict[str, Any]]:
    """What these forms ask to be understood, as the page shows it."""
    found = set[str]().union(*(each.open_cautions for each in forms))
    ticked = request.POST.getlist(UNDERSTOOD)
    return [
        {"key": key, "text": cautions.text_of(key), "ticked": key in ticked}
        for key in sorted(found)
    ]


def _without_links(field: Any) -> Any:
    """No "add" and "change" beside a choice of groups: the page would be left half filled in."""
    for name in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
        if field is not None and hasattr(field.widget, name):
            setattr(field.widget, name, False)
    return field


admin.site.register(PolicyVersion, PolicyVersionAdmin)
admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)
