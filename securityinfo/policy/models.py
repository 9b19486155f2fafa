"""What the administrators decide: one row of settings, and one rule per kind of method."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from securityinfo.policy import fields, layout, memory, values
from securityinfo.policy.group_models import GroupPart
from securityinfo.policy.proposal_models import Proposal
from securityinfo.policy.rules import RuleState, Strength
from securityinfo.policy.settings_table import SHORTEST_PASSWORD_ALONE, SPECS
from securityinfo.policy.stored_settings import StoredSettings
from securityinfo.policy.version_models import PolicyVersion

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["GroupPart", "MethodRule", "OrgPolicy", "PolicyVersion", "Proposal"]

ONLY_ROW = 1


class OrgPolicyQuerySet(models.QuerySet["OrgPolicy"]):
    def update(self, **kwargs: Any) -> int:
        memory.forget()
        return super().update(**{"token": uuid.uuid4()} | kwargs)


class OrgPolicy(StoredSettings):
    """The settings, as stored. What holds is `Settings`: the same names, each within its range."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # Another one at each write, by whatever way: what a process has cached is known by it.
    token = models.UUIDField(default=uuid.uuid4, editable=False)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = OrgPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policy")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=ONLY_ROW), name="policy_one_row")
        ]

    def __str__(self) -> str:
        return gettext("Policy, version %(version)s") % {"version": self.version}

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.token = uuid.uuid4()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "token", "changed_at"}
        memory.forget()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """What a range can't say, and what the settings demand of each other (PO3)."""
        errors = dict(self._unfit()) | dict(self._at_odds())
        if errors:
            raise ValidationError(errors)

    def _unfit(self) -> Iterator[tuple[str, StrOrPromise]]:
        for name, spec in SPECS.items():
            if isinstance(spec, values.Text):
                setattr(self, name, str(getattr(self, name)).strip())
            value = getattr(self, name)
            given = tuple(value) if isinstance(value, list) else value
            is_judged = isinstance(spec, values.Text | values.Listed | values.Several)
            if is_judged and given != () and spec.clean(value) != given:
                yield name, fields.UNFIT.get(type(spec), fields.UNFIT_OTHERWISE)

    def _at_odds(self) -> Iterator[tuple[str, StrOrPromise]]:
        if self.methods_to_reset > self.methods_to_register:
            yield (
                "methods_to_reset",
                _("Methods needed to reset can't be more than methods to register."),
            )
        if self.questions_to_answer > self.questions_to_register:
            yield "questions_to_answer", _("A reset can't ask for more than are registered.")
        built_in = {value for value, _label in layout.OFFERED.get("questions_off", ())}
        left = len(built_in - set(self.questions_off)) + len(self.own_questions)
        if built_in and left < self.questions_to_register:
            yield "questions_off", _("Leave at least as many questions as have to be registered.")
        if self.languages and self.default_language not in self.languages:
            yield "default_language", _("Choose one of the languages that are offered.")
        put_off = self.grace_days > 0 and self.grace_skips > 0
        is_short = self.password_min_length < SHORTEST_PASSWORD_ALONE
        if is_short and (put_off or not self.registration_required):
            yield (
                "password_min_length",
                _("Below 15 only with registration required and nothing put off."),
            )


class MethodRuleQuerySet(models.QuerySet["MethodRule"]):
    def update(self, **kwargs: Any) -> int:
        changed = super().update(**kwargs)
        renew_token()
        return changed

    def installed(self) -> MethodRuleQuerySet:
        """Of the kinds that this installation has."""
        return self.filter(installed=True)


class MethodRule(models.Model):
    """The rule about one kind. A kind is an opaque slug here: policy knows no kind by name."""

    class State(models.TextChoices):
        OFF = RuleState.OFF.value, _("Off")
        ALLOWED = RuleState.ALLOWED.value, _("Allowed")
        RECOMMENDED = RuleState.RECOMMENDED.value, _("Recommended")

    policy = models.ForeignKey(
        OrgPolicy, models.CASCADE, related_name="rules", default=ONLY_ROW, editable=False
    )
    kind = models.SlugField(_("kind"), max_length=50, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.OFF)
    for_sign_in = models.BooleanField(_("for sign-in"), default=True)
    for_reset = models.BooleanField(_("for reset"), default=True)
    include_everyone = models.BooleanField(_("everyone"), default=True)
    include_groups = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("or these groups")
    )
    exclude_groups = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("but not these groups")
    )
    maximum = models.PositiveSmallIntegerField(_("most per person"), default=1)

    # What the kind itself can, written by `initial.ensure_rules` from its code at each migration.
    label = models.CharField(max_length=100, blank=True, editable=False)
    caution = models.CharField(max_length=200, blank=True, default="", editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    installed = models.BooleanField(default=True, editable=False)
    strength = models.SmallIntegerField(default=Strength.NONE, editable=False)
    can_sign_in = models.BooleanField(default=True, editable=False)
    can_reset = models.BooleanField(default=True, editable=False)
    ceiling = models.PositiveSmallIntegerField(default=1, editable=False)

    objects = MethodRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule about a kind of method")
        verbose_name_plural = _("rules about kinds of methods")
        ordering = ["position", "kind"]

    def __str__(self) -> str:
        return gettext(self.label) if self.label else self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        renew_token()

    def clean(self) -> None:
        if self.maximum is not None and not 1 <= self.maximum <= self.ceiling:
            raise ValidationError({"maximum": fields.out_of_range(1, self.ceiling)})


def renew_token(**kwargs: object) -> None:
    """Let every process read the policy again."""
    OrgPolicy.objects.filter(pk=ONLY_ROW).update()
