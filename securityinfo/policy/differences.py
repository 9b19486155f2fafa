"""What differs between two states of the policy, as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from securityinfo.policy import memory
from securityinfo.policy.layout import OFFERED, SEVERAL
from securityinfo.policy.models import MethodRule, OrgPolicy

Changes = Mapping[str, list[Any]]  # old and new value by name


@dataclass(frozen=True)
class Difference:
    name: str
    label: str
    old: str
    new: str


def described(changes: Changes) -> list[Difference]:
    """One line each, rules before settings, both by their labels."""
    rules = _rule_labels()
    found = [
        Difference(name, _label(name, rules), _words(name, old), _words(name, new))
        for name, (old, new) in changes.items()
    ]
    return sorted(found, key=lambda each: ("." not in each.name, each.label))


def in_words(name: str, value: Any) -> tuple[str, str]:
    """Label and value of one setting."""
    return _label(name, {}), _words(name, value)


def labels(names: Iterable[str]) -> str:
    """The names alone, for a list of versions."""
    rules = _rule_labels()
    return ", ".join(_label(name, rules) for name in names)


def problems(refused: ValidationError) -> tuple[str, ...]:
    """Each in one line, with the label of what it is about."""
    if not hasattr(refused, "error_dict"):
        return tuple(refused.messages)
    rules = _rule_labels()
    return tuple(
        text if name == NON_FIELD_ERRORS else f"{_label(name, rules)}: {text}"
        for name, texts in refused.message_dict.items()
        for text in texts
    )


def _rule_labels() -> dict[str, str]:
    """Read once in a request and language, however many versions are listed."""
    key = ("rule labels", get_language())
    labels = memory.recall(key)
    if labels is None:
        labels = {rule.kind: str(rule) for rule in MethodRule.objects.all()}
        memory.keep(key, labels)
    return dict(labels)


def _label(name: str, rules: Mapping[str, str]) -> str:
    kind, _dot, part = name.rpartition(".")
    if kind:
        text = _("{kind}: {part}")
        return text.format(kind=rules.get(kind, kind), part=_field_name(MethodRule, part))
    return str(capfirst(_field_name(OrgPolicy, "logo" if name == "logo_type" else name)))


def _field_name(model: type[Model], name: str) -> str:
    """What is stored under the name of a setting of former days keeps that."""
    fields = [*model._meta.fields, *model._meta.many_to_many]
    return next((str(each.verbose_name) for each in fields if each.name == name), name)


def _words(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, list):
        return ", ".join(_choice(name, each) for each in value) or "–"
    return _choice(name, value) or "–"


def _choice(name: str, value: Any) -> str:
    """As the page with the form calls it."""
    part = name.rpartition(".")[2]
    model: type[Model] = MethodRule if "." in name else OrgPolicy
    choices = next((each.flatchoices for each in model._meta.fields if each.name == part), ())
    named = dict([*SEVERAL.get(part, ()), *OFFERED.get(part, ()), *choices])
    return str(named.get(value, value))
