"""“Explain for this person” in the administration."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts import explain, explain_words
from accounts.models import User
from securityinfo.actor import Actor
from securityinfo.admin_site import ByDuty, SecurityInfoAdminSite
from securityinfo.duties import Duty


class Explaining(ByDuty):
    def get_urls(self) -> list[URLPattern]:
        site = cast(SecurityInfoAdminSite, self.admin_site)
        view = site.view_for([Duty.READ_AND_AUDIT], self.explain_view)
        return [path("explain/", view, name="accounts_user_explain"), *super().get_urls()]

    def explain_view(self, request: HttpRequest) -> HttpResponse:
        """Whoever `name` says; without it the page asks for one."""
        name = request.GET.get("name", "").strip()
        person = User.objects.named(name) if name else None
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Explain for this person"),
            "opts": self.opts,
            "name": name,
            "person": person,
        }
        if person is not None:
            context |= explain_words.context(explain.explain(person, Actor.of(request)))
        return TemplateResponse(request, "accounts/admin/explain.html", context)
