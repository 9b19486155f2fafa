"""What every callback of a provider demands before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from securityinfo.messaging import calls, reports
from securityinfo.messaging.models import Message

LARGEST = 16 * 1024  # bytes; a report needs one or two

FORBIDDEN, UNKNOWN, GONE, TOO_LARGE, TAKEN = 403, 404, 410, 413, 204

View = Callable[[HttpRequest, Message], HttpResponse]
Judge = Callable[[HttpRequest, UUID], bool]


def callback(is_genuine: Judge) -> Callable[[View], Callable[..., HttpResponse]]:
    """A view below `/webhooks/` that only its provider reaches; nobody is signed in there.

    It gets the message that its address names, and may raise reports.Foreign or calls.Closed.
    """

    def decorate(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @login_not_required
        @require_POST
        @wraps(view)
        def answer(request: HttpRequest, message_id: UUID) -> HttpResponse:
            if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
                return HttpResponse(status=TOO_LARGE)
            if not is_genuine(request, message_id):
                return HttpResponse(status=FORBIDDEN)
            message = Message.objects.select_related("user").filter(pk=message_id).first()
            if message is None:
                return HttpResponse(status=UNKNOWN)
            return _answered(view, request, message)

        return answer

    return decorate


def _answered(view: View, request: HttpRequest, message: Message) -> HttpResponse:
    try:
        return view(request, message)
    except reports.Foreign:
        return HttpResponse(status=FORBIDDEN)
    except calls.Closed:
        return HttpResponse(status=GONE)
