"""The simulated phone and mailbox, as a page for people and as data for scripts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from securityinfo.demo import organization, phone_apps
from securityinfo.demo.models import DemoMessage

SHOWN = 50  # the page reloads every few seconds: enough to look back, little to send
PEOPLE_SHOWN = 20


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
