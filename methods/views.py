"""The pages of "Security info", but for those that set a method up or change it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from methods import activity, changes, defaults, deletion, needs, places, rows, texts
from methods.manage_forms import ChooseForm, DefaultForm, PasswordOnlyForm
from methods.models import Registration
from methods.places import SignedIn, unless_frozen
from methods.standing import Standing
from securityinfo import errors, freshness, throttling
from securityinfo.actor import Actor
from securityinfo.form_pages import form_page, posted, show
from securityinfo.freshness import proof_required
from securityinfo.policy.rules import Reason

DELETED = "deleted"  # in the session: what was deleted last, for the second click of two


@require_safe
def security_info(request: SignedIn) -> HttpResponse:
    standing = places.standing_of(request)
    needed = standing.needed
    in_full = freshness.is_fresh(request)
    context = {
        "rows": rows.rows(
            standing, helpdesk=standing.ruleset.settings.helpdesk.text, in_full=in_full
        ),
        "status_sentence": rows.status_sentence(standing, needed),
        "needed": not standing.is_frozen and (needed or not standing.usable),
        "default_sentence": rows.default_sentence(standing),
        "is_frozen": standing.is_frozen,
        "shown_in_full": in_full,
        "trusted_browsers": request.user.browsers_trusted_for(
            standing.ruleset.settings.trusted_browser_days
        ),
    }
    return render(request, "methods/list.html", context)


@require_safe
@proof_required(needs.any_method)
def show_in_full(request: SignedIn) -> HttpResponse:
    """Freshly confirmed, the list shows whole values."""
    return redirect("methods:list")


@form_page
@unless_frozen
@proof_required(needs.to_add, then=places.chosen_page)
def add(request: SignedIn) -> HttpResponse:
    standing = places.standing_of(request)
    offered = standing.addable
    if len(offered) == 1:
        return redirect("methods:set-up", offered[0].kind)
    form = ChooseForm(posted(request), kinds=[method.kind for method in offered])
    if request.method == "POST" and form.is_valid():
        return redirect("methods:set-up", form.cleaned_data["kind"])
    context = {
        "form": form,
        "cards": places.cards(offered, standing.ruleset),
        "cancel_url": reverse("methods:list"),
    }
    return show(request, "methods/choose.html", context, form)


@form_page
@unless_frozen
@proof_required(needs.to_delete)
def delete(request: SignedIn, uuid: UUID) -> HttpResponse:
    if request.method == "POST" and request.session.get(DELETED) == str(uuid):
        return redirect("methods:list")
    standing = places.standing_of(request)
    registration = places.own_or_404(standing, uuid)
    decision = deletion.may_delete(registration, standing)
    asks_consent = decision.reason is Reason.NEEDS_CONSENT
    form = PasswordOnlyForm(posted(request)) if asks_consent else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return _delete(request, registration, standing, consent=asks_consent)
    heir = defaults.heir_of(registration, standing)
    context = {
        "registration": registration,
        "name": changes.what(registration),
        "refusal": "" if decision or asks_consent else texts.why_kept(standing),
        "left": [changes.what(each) for each in standing.without(registration).usable],
        "heir": heir and changes.what(heir),
        "form": form,
    }
    return show(request, "methods/delete.html", context, form)


@form_page
@unless_frozen
@proof_required(needs.to_change_default)
def default(request: SignedIn, uuid: UUID | None = None) -> HttpResponse:
    """`uuid`: what was chosen before it had to be confirmed."""
    standing = places.standing_of(request)
    choices = {str(each.uuid): each for each in standing.for_sign_in}
    chosen = places.own_or_404(standing, uuid) if uuid else standing.default
    initial = {"method": str(chosen.uuid) if chosen else None}
    form = DefaultForm(posted(request), uuids=list(choices), initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = choices[form.cleaned_data["method"]]
        if not freshness.meets(request, needs.to_make_default(standing, chosen)):
            return freshness.ask(request, reverse("methods:default", args=[chosen.uuid]))
        return _make_default(request, chosen, standing)
    context = {"form": form, "cards": places.default_cards(choices)}
    return show(request, "methods/default.html", context, form)


@require_safe
def recent_activity(request: SignedIn) -> HttpResponse:
    page = Paginator(activity.events_of(request.user), 50).get_page(request.GET.get("page"))
    entries = [activity.entry(event) for event in page.object_list]
    return render(request, "methods/activity.html", {"page": page, "entries": entries})


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
    except throttling.Throttled as wait:
        return errors.too_many(request, wait.retry_at)
    request.session[DELETED] = str(registration.uuid)
    messages.success(request, texts.deleted(registration, default, standing.default))
    return redirect("methods:list")


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
    except throttling.Throttled as wait:
        return errors.too_many(request, wait.retry_at)
    if changed:
        messages.success(request, texts.made_default(registration))
    return redirect("methods:list")
