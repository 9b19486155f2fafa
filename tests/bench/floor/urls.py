"""The one page of the floor."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from tests.bench.floor.models import Note


@login_required
def page(request: HttpRequest) -> HttpResponse:
    notes = list(Note.objects.filter(user=request.user))
    return render(request, "page.html", {"notes": notes})


urlpatterns = [path("", page)]
