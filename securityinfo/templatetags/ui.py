"""The tags that every page is written with; built in, so no template loads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string, select_template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

from securityinfo import times
from securityinfo.clock import now

register = template.Library()

# Django's message levels in the words of our notices.
NOTICE_LEVELS = {"error": "danger", "debug": "info", "": "info"}


@cache
def _icon_svg(name: str) -> SafeString:
    """The drawing `icons/<name>.svg`; a kind may bring its own. Unknown: a plain shield."""
    drawing = select_template([f"icons/{name}.svg", "icons/method.svg"]).render()
    return mark_safe(  # noqa: S308 - a file of the project, no input in it
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" '
        'stroke="currentColor" stroke-width="1.75" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true" focusable="false">{drawing.strip()}</svg>'
    )


@register.simple_tag
def icon(name: str) -> SafeString:
    """An inline drawing, hidden from screen readers: always beside a word."""
    return _icon_svg(str(name) if str(name).replace("-", "").isalnum() else "method")


@register.simple_block_tag
def notice(content: str, level: str, heading: str = "", role: str = "") -> SafeString:
    """A box with icon and bold first line; level is success, danger, warning or info.

    `role="status"` for what has just happened, `role="alert"` for what can't wait.
    """
    values = {
        "content": mark_safe(content.strip()),  # noqa: S308 - rendered by the page, which escapes
        "level": NOTICE_LEVELS.get(level, level),
        "heading": heading,
        "role": role,
    }
    return render_to_string("components/notice.html", values)


@register.simple_tag
def mark(text: str, level: str = "") -> SafeString:
    """A small outlined word beside a label: "Default"; level as for notices, or none."""
    if level:
        return format_html('<span class="mark mark-{}">{}</span>', level, text)
    return format_html('<span class="mark">{}</span>', text)


@register.simple_tag
def ltr(value: object) -> SafeString:
    """Numbers, codes, keys and addresses: left to right in every language."""
    return format_html('<bdi dir="ltr">{}</bdi>', value)


@register.simple_tag
def clock(moment: datetime | None, *, seconds: bool = False) -> SafeString | str:
    """`14:35`, or `23 Nov, 14:35` if it isn't today; `seconds=True` for waits of a moment."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>', moment.isoformat(), times.clock(moment, seconds=seconds)
    )


@register.simple_tag
def day(moment: datetime | date | None) -> SafeString | str:
    """`today`, `3 Mar`, or `3 Mar 2025` if that is another year."""
    if moment is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), times.day(moment))


@register.filter
def seconds_until(moment: datetime | None) -> int:
    """Whole seconds from now, at least 0: a wait that needs no clock in the browser."""
    if moment is None:
        return 0
    # One more: the button must never open before the server agrees.
    return max(0, int((moment - now()).total_seconds()) + 1)


@register.filter
def telephone(number: str) -> str:
    """A phone number as people write it, as the address of a `tel:` link."""
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")


@register.filter
def bare_address(url: str) -> str:
    """A web address as people say it: without scheme and last slash."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


@register.simple_tag
def contact(helpdesk: Any) -> SafeString:
    """The organization's helpdesk for the middle of a sentence, with its links."""
    return mark_safe(  # noqa: S308 - rendered by the template, which escapes
        render_to_string("components/helpdesk.html", {"helpdesk": helpdesk}).strip()
    )


@register.simple_tag(takes_context=True)
def same_as_block(context: Context, name: str) -> str:
    """The content of another block of this page once more: the title as heading."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return block.render(context) if block else ""


@register.simple_tag
def attributes(attrs: Mapping[str, Any]) -> SafeString:
    """Of a form's widget, as Django's own template writes them.

    That one is a loop of conditions, and was a tenth of all that a page with one field does.
    """
    written = (
        f" {escape(name)}"
        if value is True
        else f' {escape(name)}="{conditional_escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )
    return mark_safe("".join(written))  # noqa: S308 - each part is escaped
