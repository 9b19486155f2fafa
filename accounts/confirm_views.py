"""The pages of "Confirm it's you"."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts import stepup
from accounts.forms import ConfirmForm
from accounts.stepup import StepUp
from methods import proof_pages
from methods.places import SignedIn
from securityinfo import errors
from securityinfo.form_pages import form_page, posted, show
from securityinfo.throttling import Throttled

View = Callable[[HttpRequest, StepUp], HttpResponse]


def on_the_way(view: View) -> Callable[[SignedIn], HttpResponse]:
    """Hands over what has to be proved; whoever has proved it already goes on."""

    @never_cache
    @sensitive_post_parameters("password")
    @wraps(view)
    def guarded(request: SignedIn) -> HttpResponse:
        step_up = StepUp.of(request)
        if step_up.is_met:
            return HttpResponseRedirect(step_up.next_page)
        return view(request, step_up)

    return guarded


@on_the_way
@form_page
def confirm(request: HttpRequest, step_up: StepUp) -> HttpResponse:
    if step_up.by_password:
        return _by_password(request, step_up)
    return proof_pages.verify(request, step_up.place())


@on_the_way
@form_page
def another_way(request: HttpRequest, step_up: StepUp) -> HttpResponse:
    return proof_pages.choose(request, step_up.place())


@on_the_way
@require_POST
def resend(request: HttpRequest, step_up: StepUp) -> HttpResponse:
    return proof_pages.resend(request, step_up.place())


@on_the_way
@require_GET
def status(request: HttpRequest, step_up: StepUp) -> HttpResponse:
    return proof_pages.status(request, step_up.place())


def _by_password(request: HttpRequest, step_up: StepUp) -> HttpResponse:
    form = ConfirmForm(posted(request), initial={"next": step_up.asked})
    if form.is_valid():
        try:
            if stepup.confirm_by_password(step_up.request, form.cleaned_data["password"]):
                return HttpResponseRedirect(step_up.next_page)
        except Throttled as wait:
            return errors.too_many(request, wait.retry_at, back_url=step_up.place().verify_url)
        form.refuse()
    context = {"form": form, "before": step_up.need.before}
    return show(request, "accounts/confirm.html", context, form)
