"""Says, before the site is deployed, which kinds are in use that had better not be."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import DatabaseError
from django.utils.translation import gettext

from securityinfo.policy.models import MethodRule
from securityinfo.policy.rules import RuleState


def kinds_to_be_careful_with(**_: Any) -> list[CheckMessage]:
    """A kind with a caution is switched on (R036). Without a database there is nothing to say."""
    try:
        rules = list(
            MethodRule.objects.installed().exclude(caution="").exclude(state=RuleState.OFF)
        )
    except DatabaseError:
        return []
    return [
        Warning(
            f"In the policy, this kind of method is on: {rule}.",
            hint=gettext(rule.caution),
            id="policy.W001",
        )
        for rule in rules
    ]
