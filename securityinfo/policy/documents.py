"""The policy as a JSON document, to be kept, compared and applied elsewhere; without the logo."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from securityinfo.policy.draft import OF_THE_LOGO, Draft, State

FORMAT = 1
OTHER_FORMAT = _("This is no policy document of format 1.")


def exported() -> str:
    """As it holds now. Groups stand by their names."""
    draft = Draft.current()
    settings: State = {}
    rules: dict[str, State] = {}
    for name, value in draft.state().items():
        kind, _dot, part = name.rpartition(".")
        if kind:
            rules.setdefault(kind, {})[part] = value
        elif name not in OF_THE_LOGO:
            settings[name] = value
    document = {
        "format": FORMAT,
        "version": draft.row.version,
        "settings": settings,
        "rules": rules,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(text: str) -> State:
    """What a document decides; what it doesn't name stays. Raises ValidationError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValidationError(_("This is not JSON.")) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValidationError(OTHER_FORMAT)
    settings, rules = document.get("settings", {}), document.get("rules", {})
    if not isinstance(settings, dict) or not _is_table(rules):
        raise ValidationError(OTHER_FORMAT)
    named: State = {
        f"{kind}.{part}": value for kind in rules for part, value in rules[kind].items()
    }
    return {name: value for name, value in settings.items() if name not in OF_THE_LOGO} | named


def _is_table(rules: Any) -> bool:
    return isinstance(rules, dict) and all(isinstance(each, dict) for each in rules.values())
