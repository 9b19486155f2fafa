"""Where a person goes after signing in or confirming: pages for signed-in people, nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import resolve

from securityinfo.redirects import local_page


def safe(asked: str) -> str:
    """`asked` as path and query if it is such a page, otherwise the empty string.

    The list of destinations is the routes themselves: what answers without a sign-in, and what
    is no page of ours, is never followed.
    """
    page = local_page(asked)
    return page if page and _is_for_people(page) else ""


def after(asked: str) -> str:
    """The page asked for if it may be followed, otherwise Security info."""
    return safe(asked) or str(settings.LOGIN_REDIRECT_URL)


def _is_for_people(page: str) -> bool:
    view = resolve(urlsplit(page).path).func
    return getattr(view, "login_required", True)
