"""Pages that belong to no app: the way in, language and appearance, the organization's look."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from securityinfo import color
from securityinfo.context import THEME_COOKIE, THEMES
from securityinfo.policy import service as policy
from securityinfo.redirects import local_page

YEAR = 365 * 24 * 3600  # seconds

ACCENT_CSS = """\
:root {{
  --accent: light-dark({light.color}, {dark.color});
  --on-accent: light-dark({light.on_accent}, {dark.on_accent});
}}
"""


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return redirect("methods:list" if request.user.is_authenticated else "accounts:sign-in")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Kept in a cookie, and with the person who is signed in."""
    chosen = request.POST.get("language", "")
    response = _back(request)
    if chosen not in policy.current().languages:
        return response
    if request.user.is_authenticated and request.user.language != chosen:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """System, light or dark: this browser's choice, whoever sits before it."""
    chosen = request.POST.get("theme", "")
    response = _back(request)
    if chosen in THEMES:
        _keep(response, THEME_COOKIE, chosen)
    return response


@login_not_required
@require_safe
def accent(request: HttpRequest) -> HttpResponse:
    """The organization's color in both themes; kept for a year under the color's own address."""
    chosen = policy.current().accent
    css = ACCENT_CSS.format(
        light=color.accent_for(chosen, color.LIGHT), dark=color.accent_for(chosen, color.DARK)
    )
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    if request.GET.get("v") == chosen.removeprefix("#").lower():
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@login_not_required
@require_safe
def logo(request: HttpRequest) -> HttpResponse:
    stored = policy.logo()
    if stored is None:
        raise Http404
    image, content_type = stored
    response = HttpResponse(image, content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _back(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(local_page(request.POST.get("next", "")) or "/")


def _keep(response: HttpResponse, cookie: str, value: str) -> None:
    response.set_cookie(
        cookie, value, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
