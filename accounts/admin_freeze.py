"""Frozen accounts in the administration: finding them, and lifting the freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import disown
from accounts.models import User
from methods import suspension
from securityinfo.actor import Actor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


NOBODY_FROZEN = _(
    "None of the chosen people is frozen. "
    "Your own freeze has to be lifted by another administrator."
)


class FrozenFilter(admin.SimpleListFilter):
    title = _("frozen")
    parameter_name = "frozen"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, StrOrPromise]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() is None:
            return queryset
        return queryset.filter(frozen_at__isnull=self.value() != "yes")


class FreezeLifting(admin.ModelAdmin):
    """By an administrator who has talked to the owner; the helpdesk does it in a case."""

    @admin.action(permissions=["change"], description=_("Lift the freeze of the chosen people"))
    def lift_freeze(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Asks once more, and which suspended methods shall work again. Never for oneself."""
        others = chosen.exclude(username=request.user.get_username())
        frozen = others.exclude(frozen_at=None)
        if not frozen:
            messages.warning(request, NOBODY_FROZEN)
            return None
        if "confirmed" not in request.POST:
            return self._ask(request, frozen)
        restore, actor = request.POST.getlist("restore"), Actor.of(request)
        count = sum(disown.lift(person, restore, actor) for person in frozen)
        text = ngettext(
            "The freeze of %d person was lifted.", "The freeze of %d people was lifted.", count
        )
        messages.success(request, text % count)
        return None

    def _ask(self, request: HttpRequest, frozen: QuerySet[User]) -> HttpResponse:
        people = frozen[: self.list_per_page]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Lift the freeze"),
            "count": len(people),
            "people": [(person, suspension.suspended_of(person)) for person in people],
            # By name, not "all": nobody is lifted who wasn't on this page.
            "hidden": [(ACTION_CHECKBOX_NAME, person.pk) for person in people],
            "opts": self.opts,
        }
        return TemplateResponse(request, "accounts/admin/lift_freeze.html", context)
