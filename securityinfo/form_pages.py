"""Pages with a form: GET shows it, POST takes it, and what is refused comes back as a 422."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

UNPROCESSABLE = 422

form_page = require_http_methods(["GET", "HEAD", "POST"])


def posted(request: HttpRequest) -> QueryDict | None:
    """What the form is bound to: nothing filled in is an answer too."""
    return request.POST if request.method == "POST" else None


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], form: BaseForm | None
) -> HttpResponse:
    """The page; `form` is the one in `context` that may have been refused."""
    status = UNPROCESSABLE if form is not None and form.errors else 200
    return render(request, template, context, status=status)
