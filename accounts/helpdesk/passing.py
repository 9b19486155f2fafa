"""The action that lets a person in to register: a temporary access pass, shown once (HD9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts import passes
from accounts.helpdesk.doing import Doing
from accounts.passes import Issued


def issue(doing: Doing, details: Mapping[str, Any]) -> Issued:
    """Recorded and told by the pass itself. Raises passes.NotIssued."""
    return passes.issue(
        doing.person,
        actor=doing.actor,
        sets_password=bool(details["sets_password"]),
        **doing.facts,
    )
