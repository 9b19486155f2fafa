"""What the start page of the administration shows of the reports."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from accounts.reports import start
from securityinfo.duties import Duty, may

register = template.Library()


@register.inclusion_tag("accounts/reports/start.html", takes_context=True)
def start_checks(context: Context) -> dict[str, Any]:
    """For whoever may read; the tests for whoever may send them."""
    request = context["request"]
    if not may(request.user, [Duty.READ_AND_AUDIT]):
        return {}
    may_send = may(request.user, [Duty.MANAGE_PEOPLE])
    return {"checks": start.checks(), "may_send": may_send}
