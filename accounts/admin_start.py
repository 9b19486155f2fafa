"""Handing out start passwords in the administration: several at once, shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import start_passwords
from accounts.hashers import Busy
from accounts.models import User
from securityinfo import errors
from securityinfo.actor import Actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST = 100  # each takes a thirtieth of a second; the rest of the chosen is said


class StartPasswords(admin.ModelAdmin):
    @admin.action(
        permissions=["change"], description=_("Give start passwords to the chosen people")
    )
    def give_start_passwords(
        self, request: HttpRequest, chosen: QuerySet[User]
    ) -> HttpResponse | None:
        """AC2: shown in this answer and nowhere else. Whoever has had one gets none (AC7)."""
        by = cast(User, request.user)
        without = start_passwords.without_one(chosen, by=by).order_by("username")
        if not without.exists():
            messages.warning(request, _why_nobody(chosen))
            return None
        try:
            given = list(start_passwords.give(without[:MOST], actor=Actor.of(request), by=by))
        except Busy:
            return errors.busy(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start passwords"),
            "given": given,
            "left": without.count(),
            "opts": self.opts,
        }
        return TemplateResponse(request, "accounts/admin/start_passwords.html", context)


def _why_nobody(chosen: QuerySet[User]) -> StrOrPromise:
    if start_passwords.without_one(chosen).exists():
        return _("Only a policy editor gives a start password to a policy editor.")
    return _("All of the chosen people have had a password before.")
