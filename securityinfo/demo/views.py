"""The simulated phone and mailbox, as a page for people and as data for scripts."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from securityinfo.demo import organization, phone_apps, tasks
from securityinfo.demo import phone as handset
from securityinfo.demo.models import Channel, DemoMessage

SHOWN = 50  # the page reloads every few seconds: enough to look back, little to send
PEOPLE_SHOWN = 20
KEYS = "123456789*0#"


@login_not_required
@require_safe
def phone(request: HttpRequest) -> HttpResponse:
    chosen = request.GET.get("person", "")
    people = User.objects.annotate(received=Count("demo_messages")).order_by("pk")
    context = {
        "chosen": chosen,
        "people": people[:PEOPLE_SHOWN],
        "received": DemoMessage.objects.count(),
        "phone_messages": DemoMessage.objects.of(chosen).newest_first()[:SHOWN],
        "apps": phone_apps.apps(chosen),
        "seconds_left": phone_apps.seconds_left(),
        "cast": organization.PEOPLE,
        "password": organization.PASSWORD,
        "keys": KEYS,
    }
    return render(request, "demo/phone.html", context)


@login_not_required
@require_safe
def phone_json(request: HttpRequest) -> JsonResponse:
    received = DemoMessage.objects.newest_first()[:SHOWN]
    return JsonResponse(
        {
            "messages": [message.as_data() for message in received],
            "authenticator": phone_apps.apps(),
        }
    )


@login_not_required
@require_POST
def answer(request: HttpRequest, call_id: UUID) -> HttpResponse:
    call = _call(call_id)
    handset.answer(call)
    tasks.later(tasks.keep_silent, call, seconds=tasks.PATIENCE)
    return _back_to(call)


@csrf_exempt
@login_not_required
@require_POST
def keys(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """For scripts: `digits=47`, with or without #; a phone that rings is answered first."""
    call = _call(call_id)
    handset.press(call, request.POST.get("digits", ""))
    return _back_to(call)


@login_not_required
@require_POST
def press(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """For people: one key of the keypad."""
    call = _call(call_id)
    key = request.POST.get("key", "")
    if key and key in KEYS:
        handset.press_one(call, key)
    return _back_to(call)


@login_not_required
@require_POST
def hang_up(request: HttpRequest, call_id: UUID) -> HttpResponse:
    call = _call(call_id)
    handset.hang_up(call)
    return _back_to(call)


def _call(call_id: UUID) -> DemoMessage:
    return get_object_or_404(DemoMessage, pk=call_id, channel=Channel.CALL)


def _back_to(call: DemoMessage) -> HttpResponse:
    return redirect(f"{reverse('demo:phone')}#demo-message-{call.pk}")
