"""A browser whose every answer is kept, and what the tours do behind the site's back."""

from __future__ import annotations

from datetime import timedelta

import pyotp
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from methods.models import NEVER_COUNTED, Challenge, Registration
from securityinfo import crypto
from securityinfo.demo import organization
from securityinfo.throttling.models import Counter

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"


class Visitor:
    """A browser whose every answer is kept."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.client = Client(headers={"accept-language": language, "user-agent": FIREFOX})
        self.answers: list[tuple[str, HttpResponse]] = []

    def get(self, address: str) -> HttpResponse:
        return self._keep("GET", address, self.client.get(address))

    def post(self, page: str, /, **data: str) -> HttpResponse:
        """Posts, and looks at the page that it leads to."""
        answer = self._keep("POST", page, self.client.post(page, data))
        if answer.status_code in (301, 302, 303):
            self.get(answer["Location"])
        return answer

    @property
    def page(self) -> HttpResponse:
        """What is on the screen."""
        return self.answers[-1][1]

    def sign_in(self, username: str) -> None:
        """The password, and the second step of whoever is asked for one."""
        self.give_password(username)
        verify = reverse("accounts:verify")
        if self.page.request["PATH_INFO"] == verify:
            self.post(verify, code=proof_for(self.page))

    def give_password(self, username: str) -> HttpResponse:
        """The first step alone; whatever was sent before was long ago."""
        later()
        page = reverse("accounts:sign-in")
        return self.post(page, name=username, password=organization.PASSWORD)

    def _keep(self, verb: str, address: str, answer: HttpResponse) -> HttpResponse:
        self.answers.append((f"{verb} {address} {answer.status_code}", answer))
        return answer


def later() -> None:
    """Long enough for another code, and for what an app shows to be another one."""
    Counter.objects.all().delete()
    Challenge.objects.update(issued_at=F("issued_at") - timedelta(hours=1))
    Registration.objects.update(last_counter=NEVER_COUNTED)


def proof_for(page: HttpResponse) -> str:
    """What a page that asks for a proof wants to be told."""
    asked = page.context["registration"]
    return code_sent() if asked.method.sends else app_code(asked)


def app_code(app: Registration | None = None) -> str:
    """What this app shows; the one that was set up last, if none is given."""
    app = app or Registration.objects.latest("pk")
    return pyotp.TOTP(app.details["key"]).now()


def code_sent() -> str:
    challenge = Challenge.objects.latest("issued_at")
    return crypto.derived_code(challenge.pk, bytes(challenge.nonce), challenge.generation)


def wrong(right: str) -> str:
    return "000000" if right != "000000" else "000001"
