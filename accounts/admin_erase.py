"""Deleting a person in the administration: what goes and what stays, and then for good."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts import erasing
from accounts.models import Session, User
from methods import known
from methods.models import Registration
from securityinfo.actor import Actor
from securityinfo.admin_site import ByDuty
from securityinfo.audit import log


class Erasing(ByDuty):
    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Of somebody who is deactivated already; one at a time, on the page of its own."""
        is_out = obj is not None and not obj.is_active
        return is_out and super().has_delete_permission(request, obj)

    def _delete_view(  # Django's hook: the transaction is ours
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if not self.may_change(request):
            raise PermissionDenied
        person = get_object_or_404(User, pk=object_id)
        if not self.has_delete_permission(request, person):
            messages.warning(request, _("Deactivate this person first."))
            return redirect("admin:accounts_user_change", person.pk)
        if request.method == "POST":
            return self._erase(request, person)
        methods = Registration.objects.of(person).confirmed()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Delete for good"),
            "opts": self.opts,
            "person": person,
            "methods": [(each.label, each.summary) for each in methods],
            "known": list(known.masks(known.of(person))),
            "sessions": Session.objects.of(person).count(),
            "events": log.of_person(person.public_id).count(),
        }
        return TemplateResponse(request, "accounts/admin/erase.html", context)

    def _erase(self, request: HttpRequest, person: User) -> HttpResponse:
        try:
            erasing.erase(person, actor=Actor.of(request))
        except erasing.StillActive:
            messages.warning(request, _("Deactivate this person first."))
            return redirect("admin:accounts_user_change", person.pk)
        messages.success(request, _("The person was deleted for good."))
        return redirect("admin:accounts_user_changelist")
