"""Pages for what went wrong; none of them says more than the person needs."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securityinfo import clock

BUSY_SECONDS = 60
# The database is gone, full, or has no time or connection for us: not a mistake in a statement.
DATABASE_IS_AWAY = (OperationalError, InterfaceError)


@dataclass(frozen=True)
class _Words:
    """An error in one language."""

    language: str
    heading: str
    text: str


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request makes no sense, so nothing in it is believed, its host least of all."""
    html = _static_page(_("This page was open too long."), _("Nothing was changed."))
    return HttpResponse(html, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, in the words of 404: what may not be seen is not confirmed to be there."""
    return render(request, "errors/404.html", status=403)


def form_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without the token of this browser."""
    return render(request, "errors/form_token.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also for what belongs to somebody else."""
    return render(request, "errors/404.html", status=404)


def too_many(request: HttpRequest, retry_at: datetime, *, back_url: str = "") -> HttpResponse:
    """429 with the clock time of the next try, and the way back to the page it is for.

    No other way is offered: what has to wait is the account or the network, not the method.
    """
    context = {
        "retry_at": whole_minute(retry_at),
        "back_url": back_url or request.path,
    }
    response = render(request, "errors/429.html", context, status=429)
    seconds = math.ceil((retry_at - clock.now()).total_seconds())
    response.headers["Retry-After"] = str(max(1, seconds))
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: made without database, session or policy, which may be what is broken.

    503 if it is the database that failed, wherever that was: in a view, in a middleware, in a
    template. Django calls this while it handles the exception.
    """
    if isinstance(sys.exc_info()[1], DATABASE_IS_AWAY):
        return busy(request)
    origin = getattr(request, "origin", None)
    html = _static_page(
        _("Something went wrong."),
        _("Nothing was changed unless a page told you so."),
        request_id=origin.request_id if origin else "",
    )
    return HttpResponse(html, status=500)


def busy(request: HttpRequest) -> HttpResponse:
    """503: nothing is wrong with what was asked for."""
    response = HttpResponse(_busy_page(), status=503)
    response.headers["Retry-After"] = str(BUSY_SECONDS)
    return response


@cache
def _busy_page() -> str:
    """Made once: whoever is busy makes no pages."""
    return _static_page(_("The service is busy."), _("Try again in a minute."))


def _static_page(heading: Promise | str, text: Promise | str, *, request_id: str = "") -> str:
    """In every language we have: which one the person reads is not known here."""
    words = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words.append(_Words(code, str(heading), str(text)))
    first, *others = words
    others = [each for each in others if each.heading != first.heading]
    with translation.override(first.language):
        context = {"first": first, "others": others, "request_id": request_id}
        return render_to_string("errors/static.html", context)


def whole_minute(moment: datetime) -> datetime:
    """Rounded up: "Wait until 14:40" must be true at 14:40:00."""
    floor = moment.replace(second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(minutes=1)
