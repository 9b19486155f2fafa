"""The pages of the floor: one that shows something, and the plain forms of signing in."""

from __future__ import annotations

from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.crypto import constant_time_compare

from tests.bench.floor.models import Note

BACKEND = "django.contrib.auth.backends.ModelBackend"


@login_required
def page(request: HttpRequest) -> HttpResponse:
    notes = list(Note.objects.filter(user=request.user))
    return render(request, "page.html", {"notes": notes})


def verify(request: HttpRequest) -> HttpResponse:
    """The second step with nothing around it: session, user, one query, compare, `login()`.

    A wrong code is noted in the session, or everybody could try all codes.
    """
    user = get_user_model().objects.get(pk=request.session["person"])
    note = Note.objects.filter(user=user).first()
    if constant_time_compare(request.POST.get("code", ""), note.text):
        login(request, user, backend=BACKEND)
        return redirect("page")
    if "forget" not in request.POST:
        request.session["tries"] = request.session.get("tries", 0) + 1
    context = {"user": user, "error": "That code isn't right."}
    return render(request, "verify.html", context, status=422)


def reset(request: HttpRequest) -> HttpResponse:
    """The first page of a reset with nothing around it: one query, and a session that begins."""
    user = get_user_model().objects.filter(username=request.POST.get("name", "")).first()
    request.session["person"] = user.pk if user else 0
    return redirect("page")


urlpatterns = [
    path("", page, name="page"),
    path("verify/", verify),
    path("reset/", reset),
]
