"""Keep your account secure: registering what is required, between the password and the session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import required, signin
from accounts.models import User
from accounts.required import Asked
from accounts.signin_flow import SignInFlow
from methods import places
from methods.base import Method
from methods.models import Registration
from methods.place import Place, call_instead
from securityinfo.actor import Actor
from securityinfo.audit import log, tags
from securityinfo.flows import FlowExpired
from securityinfo.policy import service as policy
from securityinfo.policy.rules import Ruleset

TITLE = gettext_lazy("Keep your account secure")


class NotHere(Exception):
    """No registration is under way in this browser."""


@dataclass
class Wizard:
    """One request of the wizard: the sign-in under way, and what the policy asks right now."""

    request: HttpRequest
    flow: SignInFlow
    user: User

    template: ClassVar[str] = "accounts/keep_secure.html"  # of its first page

    def check(self) -> None:
        """Raises FlowExpired if signing in has to start over.

        Open only to an account without a sign-in method, or after a second step to one that is
        too long short of methods: a method that was added elsewhere meanwhile closes it (R060).
        """
        if not self.flow.registered and not self.is_wanted:
            SignInFlow.forget(self.request.session)
            raise FlowExpired

    @cached_property
    def ruleset(self) -> Ruleset:
        return policy.current_for(self.user)

    @cached_property
    def asked(self) -> Asked:
        proof = self.flow.proof if self.flow.proved_by else None
        return Asked.of(self.user, self.ruleset, proof=proof)

    @property
    def actor(self) -> Actor:
        return Actor.of(self.request).acting_as(self.user)

    @property
    def is_wanted(self) -> bool:
        """Whether there is something to register before signing in may go on."""
        is_stranger = self.asked.standing.has_sign_in_method and not self.flow.proved_by
        return not is_stranger and not self.asked.may_finish

    @property
    def is_short(self) -> bool:
        return bool(self.asked.needed)

    @property
    def may_add(self) -> bool:
        return self.is_short and bool(self.proposals)

    @property
    def proposals(self) -> tuple[Method, ...]:
        return self.asked.proposals

    @property
    def replaceable(self) -> tuple[Registration, ...]:
        """What may be changed here; nothing, unless a temporary access pass has led here."""
        return ()

    @property
    def has_choice(self) -> bool:
        return len(self.proposals) + len(self.replaceable) > 1

    @property
    def next_url(self) -> str:
        """Where "Add another method" leads: the chooser only where there is a choice."""
        if self.has_choice:
            return reverse("accounts:keep-secure-choose")
        only = [method.kind for method in self.proposals]
        only += [str(each.uuid) for each in self.replaceable]
        return reverse("accounts:keep-secure-set-up", args=[only[0]])

    @property
    def only_for_reset(self) -> bool:
        """What is set up so far can't be used for signing in."""
        return bool(self.asked.standing.usable) and not self.asked.standing.for_sign_in

    @property
    def skip_until(self) -> datetime | None:
        """Until when "Skip for now" is there; None if it isn't."""
        if not self.asked.needed.may_skip or self.user.asked_first_at is None:
            return None
        return self.user.asked_first_at + timedelta(days=self.ruleset.settings.grace_days)

    @property
    def may_finish(self) -> bool:
        """ "Done": what was proved here, and nothing missing that can't wait."""
        return bool(self.flow.registered) and self.asked.may_finish and not self.only_for_reset

    def step(self) -> None:
        """The person did something: the idle time begins again."""
        self.flow.touch()
        self.flow.save(self.request.session)

    def offers(self, place: Place) -> bool:
        return self.is_short and place.method in self.proposals

    def place(self, what: str) -> Place:
        """Where the pages of setting up stand in the wizard. Raises Http404.

        `what`: the kind in the address.
        """
        return self._place(places.method_or_404(what), what)

    @property
    def is_first_time(self) -> bool:
        """Whether what is set up here is trusted at once (K9)."""
        return not self.flow.proved_by

    @property
    def progress(self) -> tuple[int, int] | None:
        """Method 1 of 2."""
        number = self.asked.needed.channels + 1
        return number, max(number, self.asked.needed.required)

    def _place(self, method: Method, what: str) -> Place:
        return Place(
            user=self.user,
            method=method,
            ruleset=self.ruleset,
            actor=self.actor,
            title=str(TITLE),
            start_url=reverse("accounts:keep-secure-set-up", args=[what]),
            verify_url=reverse("accounts:keep-secure-verify", args=[what]),
            resend_url=reverse("accounts:keep-secure-resend", args=[what]),
            status_url=reverse("accounts:keep-secure-status", args=[what]),
            cancel_url=reverse("accounts:keep-secure"),
            call_url=self._call_url(method),
            different_url=reverse("accounts:keep-secure-choose") if self.has_choice else "",
            progress=self.progress,
            done=self.added,
            required=True,
            is_first_time=self.is_first_time,
        )

    def _call_url(self, method: Method) -> str:
        instead = call_instead(method, self.proposals, self.ruleset)
        return reverse("accounts:keep-secure-set-up", args=[instead.kind]) if instead else ""

    def added(self, request: HttpRequest, registration: Registration) -> HttpResponse:
        """The method counts; having proved it is the second step of this sign-in (RR7)."""
        self.flow.registered = registration.kind
        if not registration.is_new():
            self.flow.strength = max(self.flow.strength, registration.method.strength)
        self.step()
        if request.method == "POST":
            text = _("{method} was added.").format(method=registration.method.label)
            messages.success(request, text)
        return redirect("accounts:keep-secure-summary")

    def finish(self) -> str | None:
        """Goes on with signing in; None if something is still missing. Raises FlowExpired."""
        if not self.may_finish:
            return None
        with transaction.atomic():
            required.note(self.user, self.asked.needed)
            address = signin.complete(self.request, self.flow, self.user)
            log.record(tags.REGISTRATION_COMPLETED, actor=self.actor, subject=self.user.public_id)
        return address

    def skip(self) -> str | None:
        """Signs in without a method while the policy's grace lasts; None if it doesn't."""
        if not self.asked.needed.may_skip or not required.use_skip(self.user):
            return None
        with transaction.atomic():
            log.record(
                tags.SIGN_IN_SKIPPED_REGISTRATION, actor=self.actor, subject=self.user.public_id
            )
        return signin.complete(self.request, self.flow, self.user)
