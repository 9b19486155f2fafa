"""Where a redirect may lead: to a page of this site, never anywhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000  # characters; no page of ours has a longer address


def local_page(asked: str) -> str:
    """`asked` as path and query if the routes know it, otherwise the empty string."""
    if not asked.startswith("/") or len(asked) > LONGEST or not asked.isprintable():
        return ""
    if "\\" in asked or not url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return ""
    parts = urlsplit(asked)
    try:
        resolve(parts.path)
    except Resolver404:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
