"""The pages of "Security info"."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from methods import activity, changes, defaults, deletion, names, places, rows, setup_pages, texts
from methods.manage_forms import ChooseForm, DefaultForm, PasswordOnlyForm, RenameForm
from methods.models import Registration
from methods.place import Place
from methods.places import SignedIn
from methods.setup_pages import UNPROCESSABLE
from methods.standing import Standing
from securityinfo import freshness
from securityinfo.actor import Actor
from securityinfo.freshness import fresh_sign_in_required
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Reason

form_page = require_http_methods(["GET", "HEAD", "POST"])

DELETED = "deleted"  # in the session: what was deleted last, for the second click of two


@require_safe
def security_info(request: SignedIn) -> HttpResponse:
    standing = _standing(request)
    needed = standing.needed
    in_full = freshness.is_fresh(request)
    context = {
        "rows": rows.rows(
            standing, helpdesk=standing.ruleset.settings.helpdesk.text, in_full=in_full
        ),
        "status_sentence": rows.status_sentence(standing, needed),
        "needed": needed or not standing.usable,
        "default_sentence": rows.default_sentence(standing),
        "shown_in_full": in_full,
    }
    return render(request, "methods/list.html", context)


@require_safe
@fresh_sign_in_required
def show_in_full(request: SignedIn) -> HttpResponse:
    """Freshly confirmed, the list shows whole values."""
    return redirect("methods:list")


@form_page
@fresh_sign_in_required
def add(request: SignedIn) -> HttpResponse:
    standing = _standing(request)
    offered = standing.addable
    if len(offered) == 1:
        return redirect("methods:set-up", offered[0].kind)
    form = ChooseForm(_posted(request), kinds=[method.kind for method in offered])
    if request.method == "POST" and form.is_valid():
        return redirect("methods:set-up", form.cleaned_data["kind"])
    context = {
        "form": form,
        "cards": places.cards(offered, standing.ruleset),
        "cancel_url": reverse("methods:list"),
    }
    return render(
        request, "methods/choose.html", context, status=UNPROCESSABLE if form.errors else 200
    )


@form_page
@fresh_sign_in_required
def set_up(request: SignedIn, kind: str) -> HttpResponse:
    return setup_pages.enter(request, _adding(request, kind))


@form_page
@fresh_sign_in_required
def verify(request: SignedIn, kind: str) -> HttpResponse:
    return setup_pages.verify(request, _adding(request, kind))


@require_POST
@fresh_sign_in_required
def resend(request: SignedIn, kind: str) -> HttpResponse:
    return setup_pages.resend(request, _adding(request, kind))


@require_safe
def status(request: SignedIn, kind: str) -> HttpResponse:
    return setup_pages.status(request, _adding(request, kind))


@form_page
@fresh_sign_in_required
def change(request: SignedIn, uuid: UUID) -> HttpResponse:
    standing = _standing(request)
    registration = _own(standing, uuid)
    if registration.method.is_named:
        return _rename(request, registration, standing)
    return setup_pages.enter(request, places.changing(request, registration, standing))


@form_page
@fresh_sign_in_required
def change_verify(request: SignedIn, uuid: UUID) -> HttpResponse:
    return setup_pages.verify(request, _changing(request, uuid))


@require_POST
@fresh_sign_in_required
def change_resend(request: SignedIn, uuid: UUID) -> HttpResponse:
    return setup_pages.resend(request, _changing(request, uuid))


@require_safe
def change_status(request: SignedIn, uuid: UUID) -> HttpResponse:
    return setup_pages.status(request, _changing(request, uuid))


@form_page
@fresh_sign_in_required
def delete(request: SignedIn, uuid: UUID) -> HttpResponse:
    if request.method == "POST" and request.session.get(DELETED) == str(uuid):
        return redirect("methods:list")
    standing = _standing(request)
    registration = _own(standing, uuid)
    decision = deletion.may_delete(registration, standing)
    asks_consent = decision.reason is Reason.NEEDS_CONSENT
    form = PasswordOnlyForm(_posted(request)) if asks_consent else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return _delete(request, registration, standing, consent=asks_consent)
    context = {
        "registration": registration,
        "name": changes.what(registration),
        "refusal": "" if decision or asks_consent else texts.why_kept(standing),
        "left": [changes.what(each) for each in standing.without(registration).usable],
        "heir": defaults.heir_of(registration, standing),
        "form": form,
    }
    return render(request, "methods/delete.html", context, status=_status(form))


@form_page
@fresh_sign_in_required
def default(request: SignedIn) -> HttpResponse:
    standing = _standing(request)
    choices = {str(each.uuid): each for each in standing.for_sign_in}
    current = str(standing.default.uuid) if standing.default else None
    form = DefaultForm(_posted(request), uuids=list(choices), initial={"method": current})
    if request.method == "POST" and form.is_valid():
        return _make_default(request, choices[form.cleaned_data["method"]], standing)
    context = {"form": form, "cards": places.default_cards(choices)}
    return render(request, "methods/default.html", context, status=_status(form))


@require_safe
def recent_activity(request: SignedIn) -> HttpResponse:
    page = Paginator(activity.events_of(request.user), 50).get_page(request.GET.get("page"))
    entries = [activity.entry(event) for event in page.object_list]
    return render(request, "methods/activity.html", {"page": page, "entries": entries})


def _standing(request: SignedIn) -> Standing:
    return Standing.of(request.user, policy.current_for(request.user))


def _posted(request: SignedIn) -> QueryDict | None:
    """Nothing filled in is an answer too."""
    return request.POST if request.method == "POST" else None


def _own(standing: Standing, uuid: UUID) -> Registration:
    """One of this person's own methods; another person's looks like none at all."""
    for registration in standing.registrations:
        if registration.uuid == uuid:
            return registration
    raise Http404


def _adding(request: SignedIn, kind: str) -> Place:
    return places.adding(request, places.method_or_404(kind))


def _changing(request: SignedIn, uuid: UUID) -> Place:
    standing = _standing(request)
    return places.changing(request, _own(standing, uuid), standing)


def _delete(
    request: SignedIn, registration: Registration, standing: Standing, *, consent: bool
) -> HttpResponse:
    try:
        default = deletion.delete(
            registration,
            ruleset=standing.ruleset,
            actor=Actor.of(request),
            password_only=consent,
        )
    except changes.Refused:
        return redirect("methods:delete", registration.uuid)
    request.session[DELETED] = str(registration.uuid)
    messages.success(request, texts.deleted(registration, default, standing.default))
    return redirect("methods:list")


def _rename(request: SignedIn, registration: Registration, standing: Standing) -> HttpResponse:
    if not (decision := standing.may_change(registration)):
        messages.error(request, texts.why_refused(registration.method, decision.reason))
        return redirect("methods:list")
    used = names.taken(standing, besides=registration)
    form = RenameForm(_posted(request), taken=used, initial={"name": registration.name})
    if request.method == "POST" and form.is_valid():
        name, actor = form.cleaned_data["name"], Actor.of(request)
        try:
            if names.rename(registration, name, ruleset=standing.ruleset, actor=actor):
                messages.success(request, texts.renamed(registration))
            return redirect("methods:list")
        except (names.Taken, changes.Refused):  # in another tab, meanwhile
            return redirect(request.path)
    place = places.changing(request, registration, standing)
    context = {"form": form, "place": place, "method": registration.method}
    return render(request, "methods/rename.html", context, status=_status(form))


def _make_default(
    request: SignedIn, registration: Registration, standing: Standing
) -> HttpResponse:
    try:
        changed = defaults.make_default(
            registration, ruleset=standing.ruleset, actor=Actor.of(request)
        )
    except changes.Refused:
        messages.error(request, _("Choose a method."))
        return redirect("methods:default")
    if changed:
        messages.success(request, texts.made_default(registration))
    return redirect("methods:list")


def _status(form: Form | None) -> int:
    return UNPROCESSABLE if form is not None and form.errors else 200
