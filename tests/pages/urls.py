"""The application's addresses, and one that breaks."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from securityinfo import errors, urls
from securityinfo.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


@login_not_required
def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("secret detail")


@login_not_required
def too_many(request: HttpRequest) -> HttpResponse:
    return errors.too_many(request, timezone.now() + timedelta(minutes=5))


@login_not_required
def busy(request: HttpRequest) -> HttpResponse:
    return errors.busy(request)


@login_not_required
def without_database(request: HttpRequest) -> HttpResponse:
    raise OperationalError("secret detail")


urlpatterns = [
    path("broken/", broken),
    path("without-database/", without_database),
    path("forbidden/", forbidden),
    path("too-many/", too_many),
    path("busy/", busy),
    *urls.urlpatterns,
]
