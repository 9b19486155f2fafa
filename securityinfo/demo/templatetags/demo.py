"""What the bar of the demo shows on every page."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from securityinfo.demo import organization

register = template.Library()


@register.simple_tag
def demo_user_names() -> Iterable[str]:
    return [person.username for person in organization.PEOPLE]


@register.simple_tag
def demo_password() -> str:
    return organization.PASSWORD
