"""The form of the settings and the table of rules, as the administration shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin import widgets
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from securityinfo.policy import cautions, fields
from securityinfo.policy.draft import RULE_FIELDS, Draft
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.settings_table import SPECS, Settings
from securityinfo.policy.values import Listed

LOGO_BYTES = 200 * 1024
UNDERSTOOD = "understood"  # the boxes "I understand"
NOT_UNDERSTOOD = ValidationError("", code="not_understood")  # the page shows what is to be read


class RangeField(forms.IntegerField):
    """A whole number; whatever is wrong with it, the range is said."""

    def __init__(self, *, low: int, high: int, **kwargs: Any) -> None:
        message = fields.out_of_range(low, high)
        kwargs.setdefault("widget", widgets.AdminIntegerFieldWidget)
        super().__init__(
            min_value=low,
            max_value=high,
            error_messages={
                "required": message,
                "invalid": message,
                "min_value": message,
                "max_value": message,
            },
            **kwargs,
        )


class LinesField(forms.CharField):
    """A list of values, one a line."""

    widget = widgets.AdminTextareaWidget

    def __init__(self, *, spec: Listed, **kwargs: Any) -> None:
        self.spec = spec
        super().__init__(required=False, **kwargs)
        self.widget.attrs["rows"] = 4

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return list(value)
        lines = (line.strip() for line in str(value or "").splitlines())
        return [self._cleaned(line) for line in lines if line]

    def validate(self, value: Any) -> None:
        if len(value) > self.spec.most:
            raise ValidationError(
                format_lazy(_("At most {most} lines."), most=self.spec.most), code="most"
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (self.prepare_value(initial) or "").split() != str(data or "").split()

    def _cleaned(self, line: str) -> str:
        cleaned = self.spec.each.clean(line)
        if not cleaned:
            raise ValidationError(format_lazy(_("“{line}” can't be used here."), line=line))
        return str(cleaned)


class SeveralField(forms.MultipleChoiceField):
    """Boxes; none ticked would mean all, so at least one has to be."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        return value or [key for key, _label in self.widget.choices]


class OfferedField(forms.MultipleChoiceField):
    """Boxes for what kinds offer; none ticked is none."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class LogoField(forms.FileField):
    """A PNG or WebP picture, known by its first bytes; cleaned to (bytes, type)."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not upload or not hasattr(upload, "read"):
            return None
        if upload.size > LOGO_BYTES:
            raise ValidationError(_("The logo may have at most 200 KB."))
        content = upload.read()
        return content, picture_type(content)


def picture_type(content: bytes) -> str:
    """What the bytes are, whatever the file is called. Raises ValidationError."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise ValidationError(_("The logo has to be a PNG or WebP picture."))


def ticked(form: Any) -> set[str]:
    """What was ticked as understood, of a form or a set of forms."""
    return set(form.data.getlist(UNDERSTOOD)) if hasattr(form.data, "getlist") else set()


@dataclass(frozen=True)
class TakenUp:
    """What was entered before, for the fields to begin with."""

    draft: Draft
    reason: str

    def of_rule(self, kind: str) -> dict[str, Any]:
        drafted = next(each for each in self.draft.rules if each.rule.kind == kind)
        return drafted.groups | {name: getattr(drafted.rule, name) for name in RULE_FIELDS}


class PolicyForm(forms.ModelForm):
    seen_version = forms.IntegerField(label=_("version"), widget=forms.HiddenInput, required=False)
    logo_file = LogoField(
        label=_("Logo"), required=False, help_text=_("PNG or WebP, at most 200 KB.")
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=200,
        widget=widgets.AdminTextInputWidget,
        help_text=_("Why it is changed; kept with the change."),
    )

    class Meta:
        model = OrgPolicy
        fields = [*(name for name in SPECS if name != "logo_type"), "reset_groups"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version
        self.cautions_before = cautions.of_settings(self._settings())
        self._take_up(getattr(self.instance, "taken_up", None))
        self.open_cautions: set[str] = set()

    def _take_up(self, proposal: TakenUp | None) -> None:
        """As somebody has entered it before and looked at what it does."""
        if proposal is not None:
            self.initial.update(reset_groups=proposal.draft.reset_groups, note=proposal.reason)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("seen_version") != self.instance.version:
            raise ValidationError(
                _("The policy was changed by somebody else. Open this page again."), code="stale"
            )
        return cleaned

    def _post_clean(self) -> None:
        """After the model has had its say, for only then the settings are what would be saved."""
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        if self.errors:
            return
        found = cautions.of_settings(self._settings()) - self.cautions_before
        self.open_cautions = found
        if found - ticked(self):
            self.add_error(None, NOT_UNDERSTOOD)

    def save(self, commit: bool = True) -> OrgPolicy:
        logo = self.cleaned_data.get("logo_file")
        if logo:
            self.instance.logo, self.instance.logo_type = logo
        elif self.cleaned_data.get("remove_logo"):
            self.instance.logo, self.instance.logo_type = b"", ""
        return super().save(commit)

    def _settings(self) -> Settings:
        return Settings.clamped({name: getattr(self.instance, name) for name in SPECS})


class RuleForm(forms.ModelForm):
    class Meta:
        model = MethodRule
        fields = [
            "state",
            "for_sign_in",
            "for_reset",
            "include_everyone",
            "include_groups",
            "exclude_groups",
            "maximum",
        ]

    def __init__(self, *args: Any, taken_up: TakenUp | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        self.fields["maximum"] = RangeField(
            low=1, high=rule.ceiling, label=self.fields["maximum"].label
        )
        for name, possible in (("for_sign_in", rule.can_sign_in), ("for_reset", rule.can_reset)):
            if not possible:
                self.fields[name].disabled = True
                self.initial[name] = False
        # The head of a column labels nothing for a screen reader.
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{rule}: {field.label}"
        if rule.pk:
            self.view_before = cautions.RuleView.of(rule, dict(self.initial))
            self.initial.update(taken_up.of_rule(rule.kind) if taken_up else {})

    def view(self) -> cautions.RuleView:
        return cautions.RuleView.of(self.instance, self.cleaned_data)


class RuleFormSet(BaseInlineFormSet):
    """All rules together: what only the whole table can be wrong about."""

    open_cautions: set[str] = set()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        taken_up = getattr(self.instance, "taken_up", None)
        return super().get_form_kwargs(index) | {"taken_up": taken_up}

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        views = [form.view() for form in self.forms]
        if cautions.is_lock_out(views):
            raise ValidationError(cautions.NO_SIGN_IN_KIND)
        before = cautions.of_rules(form.view_before for form in self.forms)
        self.open_cautions = cautions.of_rules(views) - before
        not_ticked = self.open_cautions - ticked(self)
        if not_ticked:
            raise NOT_UNDERSTOOD
