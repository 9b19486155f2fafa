"""The second check of a reset: the person's own methods on another channel than the first."""

from __future__ import annotations

from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import reset, reset_policy, reset_rights
from accounts.reset import PROOF, UnderWay
from methods.answers import Answer
from methods.models import Registration
from methods.proof_place import ProofPlace
from methods.standing import Standing
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.flows import FlowExpired
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose


def place_of(request: HttpRequest, under_way: UnderWay) -> ProofPlace:
    """Raises FlowExpired if the method of the first check is gone."""
    user, first = under_way.user, under_way.reset.first
    actor = Actor.of(request).acting_as(user)
    if first is None:
        raise FlowExpired
    standing = Standing.of(user, policy.current_for(user))

    def done(request: HttpRequest, registration: Registration, form: Form) -> HttpResponse:
        if not reset.passed(request, under_way, registration, is_first=False):
            raise FlowExpired
        return to_next_page(under_way)

    def wrong(registration: Registration, _answer: Answer) -> None:
        with transaction.atomic():
            log.record(
                tags.RESET_CHECK_REFUSED,
                actor=actor,
                subject=user.public_id,
                result="refused",
                reason="wrong",
                kind=registration.kind,
                masked=registration.summary,
            )

    return ProofPlace(
        user=user,
        purpose=Purpose.RESET,
        ruleset=standing.ruleset,
        actor=actor,
        offers=reset_policy.second_checks(first, standing),
        first=None,  # nothing is sent before it was chosen
        suffix=PROOF,
        flow_id=under_way.reset.flow,
        verify_url=reverse("accounts:reset-code-2"),
        resend_url=reverse("accounts:reset-code-2-resend"),
        status_url=reverse("accounts:reset-code-2-status"),
        other_url=reverse("accounts:reset-check-2"),
        cancel_url=reverse("accounts:sign-in"),
        title=_("Get back into your account"),
        choose_title=_("Get back into your account"),
        choose_step=_("One more check."),
        choose_error=_("Choose a way."),
        other_label=_("Choose another way"),
        button=_("Next"),
        done=done,
        wrong=wrong,
    )


def to_next_page(under_way: UnderWay) -> HttpResponse:
    """Where the reset goes on, with the cookie of a right that was granted."""
    response = redirect(reset.PAGES[reset.State(under_way.flow.state)])
    return reset_rights.give_cookie(response, under_way.token) if under_way.token else response
