"""A temporary access pass at sign-in, in place of the second step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from accounts import failures, pass_proof, second_step, signin
from accounts.models import TemporaryPass, User
from accounts.signin_flow import SignInFlow
from methods import registry
from methods.answers import Result
from methods.base import Method
from methods.standing import Standing
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Purpose


def method_for(user: User) -> Method | None:
    """The kind that is asked for; None if policy doesn't let this person sign in with it."""
    return registry.issued() if pass_proof.may_use(user, Purpose.SIGN_IN) else None


def answer(
    request: HttpRequest, flow: SignInFlow, user: User, given: Mapping[str, Any]
) -> HttpResponse | None:
    """The next page; None if the pass was wrong. Raises throttling.Throttled and FlowExpired."""
    actor = second_step.actor_of(request, flow, user)
    pages: list[HttpResponse] = []

    def go_on(used: TemporaryPass) -> None:
        standing = Standing.of(user, policy.current_for(user))
        pages.append(HttpResponseRedirect(signin.passed(request, flow, standing, used)))

    result = pass_proof.use(user, given, flow=flow.id, actor=actor, then=go_on)
    if result:
        return pages[0]
    if result.result is Result.USED:
        return redirect("accounts:sign-in")  # which knows the page that the other click led to
    failures.note_wrong_second_step(user, actor, result)
    return None
