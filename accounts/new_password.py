"""A new password where one is due: between the second step and required registration."""

from __future__ import annotations

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts import password_change, signin
from accounts.models import User
from accounts.signin_flow import SignInFlow, State


def under_way(request: HttpRequest) -> tuple[SignInFlow, User] | None:
    """The sign-in of this browser, if it is waiting for a new password. Raises FlowExpired."""
    found = signin.resume(request)
    return found if found and found[0].state == State.NEW_PASSWORD else None


@sensitive_variables("new")
def choose(request: HttpRequest, flow: SignInFlow, user: User, new: str) -> str:
    """Replaces the password and goes on with signing in. Returns the next address.

    Raises password_rules.Refused, flows.FlowExpired and hashers.Busy.
    """
    password_change.change_due(request, flow, user, new=new)
    return signin.go_on(request, flow, user)
