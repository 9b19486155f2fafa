"""People in the administration."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import duties, names, people, sessions
from accounts.admin_erase import Erasing
from accounts.admin_explain import Explaining
from accounts.admin_forms import PersonForm
from accounts.admin_freeze import FreezeLifting, FrozenFilter
from accounts.admin_groups import GroupFilter
from accounts.admin_import import Importing
from accounts.admin_start import StartPasswords
from accounts.hashers import Busy
from accounts.models import User
from methods import known
from methods.models import Registration
from securityinfo import errors
from securityinfo.actor import Actor
from securityinfo.admin_site import BoundedPaginator, FreshlyChanged
from securityinfo.duties import ordinary_groups

# Fields that whoever only reads gets in words.
IN_WORDS = {"groups": "in_groups", "language": "in_language"}


@admin.register(User)
class PersonAdmin(FreshlyChanged, FreezeLifting, Explaining, Importing, StartPasswords, Erasing):
    form = PersonForm
    list_display = (
        "username",
        "full_name",
        "work_address",
        "department",
        "role",
        "is_active",
        "last_sign_in_at",
    )
    list_filter = ("role", "is_active", FrozenFilter, GroupFilter)
    search_fields = names.COLUMNS
    search_help_text = _("The beginning of the user name, work address or full name")
    ordering = ("username",)
    show_full_result_count = False
    paginator = BoundedPaginator
    actions = ("sign_out", "deactivate", "lift_freeze", "give_start_passwords")
    readonly_fields = ("created_at", "last_sign_in_at", "frozen_at", "registered", "known")
    fields = (
        "username",
        "full_name",
        "work_address",
        "department",
        "employee_number",
        "role",
        "duties",
        "groups",
        "language",
        "time_zone",
        "is_active",
        "created_at",
        "last_sign_in_at",
        "frozen_at",
        "registered",
        "known",
    )
    # Nobody takes away their own rights by mistake; another administrator can.
    not_of_oneself: ClassVar = ("role", "duties", "is_active")

    @admin.display(description=_("Duties"))
    def duties(self, person: User) -> str:
        """Those given by groups; what the role brings is no news."""
        return ", ".join(str(duties.LABELS[each]) for each in sorted(person.given_duties)) or "–"

    @admin.display(description=_("groups"))
    def in_groups(self, person: User) -> str:
        """Those of the organization: what gives duties stands there by its own name."""
        of_person = ordinary_groups().filter(user=person).order_by("name")
        return ", ".join(of_person.values_list("name", flat=True)) or "–"

    @admin.display(description=_("preferred language"))
    def in_language(self, person: User) -> str:
        return dict(settings.LANGUAGES).get(person.language, "–")

    @admin.display(description=_("Methods"))
    def registered(self, person: User) -> str:
        """By kind and mask; the whole value is its owner's."""
        confirmed = Registration.objects.of(person).confirmed()
        return ", ".join(f"{each.label} {each.summary}".strip() for each in confirmed) or "–"

    @admin.display(description=_("Known beforehand"))
    def known(self, person: User) -> str:
        """From a file; none of it counts (K1)."""
        return ", ".join(f"{label} {mask}" for label, mask in known.masks(known.of(person))) or "–"

    @admin.action(permissions=["change"], description=_("Sign out the chosen people everywhere"))
    def sign_out(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """R070; asks once more. Oneself signs out on the page for everybody."""
        others = chosen.exclude(username=request.user.get_username())
        if "confirmed" not in request.POST:
            return self._asked_again(request, others)
        for person in others:
            sessions.sign_out_everywhere(person, actor=Actor.of(request))
        count = len(others)
        text = ngettext("%d person was signed out.", "%d people were signed out.", count)
        messages.success(request, text % count)
        return None

    def _asked_again(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Sign out everywhere"),
            "count": people.count(),
            "people": people[: self.list_per_page],
            "hidden": [
                (name, value)
                for name in (ACTION_CHECKBOX_NAME, "select_across")
                for value in request.POST.getlist(name)
            ],
            "opts": self.opts,
        }
        return TemplateResponse(request, "accounts/admin/sign_out_people.html", context)

    @admin.action(permissions=["change"], description=_("Deactivate the chosen people"))
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        actor, count = Actor.of(request), 0
        for person in chosen.filter(is_active=True).exclude(username=request.user.get_username()):
            try:
                people.deactivate(person, actor=actor)
                count += 1
            except duties.NobodyLeft as refused:
                messages.error(request, f"{person}: {duties.why_not(refused)}")
        text = ngettext("%d person was deactivated.", "%d people were deactivated.", count)
        messages.success(request, text % count)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """All that was typed is the beginning of one name, unlike in Django's search."""
        typed = search_term.strip()
        return queryset.filter(names.beginning_with(typed)) if typed else queryset, False

    def formfield_for_manytomany(self, *args: Any, **kwargs: Any) -> Any:
        """Boxes: Django's selector has names that screen readers must not get (axe finds them)."""
        return super().formfield_for_manytomany(
            *args, **kwargs | {"widget": forms.CheckboxSelectMultiple}
        )

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form knows who fills it in: nobody gives a duty that they don't hold."""
        made = super().get_form(request, obj, change, **kwargs)
        return type(made.__name__, (made,), {"giver": request.user})

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        known_later = self.readonly_fields if obj is None else ()
        in_words = {} if self.may_change(request) else IN_WORDS
        return tuple(in_words.get(name, name) for name in self.fields if name not in known_later)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        oneself = obj is not None and obj.pk == request.user.pk
        return (*self.readonly_fields, *(self.not_of_oneself if oneself else ()))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Busy:
            return errors.busy(request)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor = Actor.of(request)
        if change:
            people.update(
                obj,
                changed=form.changed_data,
                actor=actor,
                given=form.given if "duties" in form.fields else None,
                giveable=form.giveable,
            )
            if form.given and "role" in form.changed_data:
                held = ", ".join(str(duties.LABELS[each]) for each in sorted(form.given))
                messages.warning(request, _("Duties that stay: {duties}").format(duties=held))
        else:
            people.create(obj, actor=actor, given=form.given)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The start password is shown in this answer and nowhere else: it is kept by nobody."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start password"),
            "person": obj,
            "password": obj.start_password,
            "opts": self.opts,
        }
        return TemplateResponse(request, "accounts/admin/start_password.html", context)
