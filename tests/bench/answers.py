"""Makes requests: of people after the right password, and of people who forgot theirs."""

from __future__ import annotations

import json
import os
import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "securityinfo.settings"
django.setup()

from django.conf import settings  # noqa: E402 - after setup
from django.db import connection  # noqa: E402 - after setup
from django.utils import timezone  # noqa: E402 - after setup

from accounts import browsers  # noqa: E402 - after setup
from accounts.models import KnownBrowser, Session, User  # noqa: E402 - after setup
from accounts.session_store import SessionStore, digest  # noqa: E402 - after setup
from accounts.signin_flow import SignInFlow, State  # noqa: E402 - after setup
from methods import proving  # noqa: E402 - after setup
from methods.kinds.authenticator import totp  # noqa: E402 - after setup
from methods.models import Challenge, Registration, new_nonce  # noqa: E402 - after setup
from methods.proving import Proving  # noqa: E402 - after setup
from securityinfo.policy import service as policy  # noqa: E402 - after setup
from securityinfo.policy.rules import Purpose  # noqa: E402 - after setup
from tests.bench import copying, people, posts, sites  # noqa: E402 - after setup

SIGN_IN, VERIFY, RESET = "/sign-in/", "/sign-in/verify/", "/password-reset/"
ORIGIN = f"https://{sites.PUBLIC_HOST}"
# As after a day without a sign-in: no counter of theirs, no challenge, no step used.
FORGET = (
    "DELETE FROM throttling_counter WHERE key LIKE 'answers-%'",
    "DELETE FROM methods_challenge WHERE purpose = 'sign_in'",
    "DELETE FROM accounts_session WHERE user_id IS NULL",
    "UPDATE methods_registration SET last_counter = -1 WHERE last_counter > -1",
)


@dataclass(frozen=True)
class Visit:
    """One browser between the password and the second step."""

    registration: Registration
    session: str
    browser: str
    code: str
    number: int

    def post(self, code: str) -> str:
        cookies = {
            settings.SESSION_COOKIE_NAME: self.session,
            settings.CSRF_COOKIE_NAME: sites.CSRF,
            browsers.COOKIE: self.browser,
        }
        form = {"csrfmiddlewaretoken": sites.CSRF, "code": code}
        return posts.post(VERIFY, form, cookies, number=self.number, origin=ORIGIN)


def right(count: int, first: int) -> Iterator[str]:
    return (visit.post(visit.code) for visit in _visits(count, first))


def wrong(count: int, first: int) -> Iterator[str]:
    """One off: never the code of a step beside it, or nearly never."""
    visits = _visits(count, first)
    return (visit.post(f"{(int(visit.code) + 1) % 1_000_000:06}") for visit in visits)


def known(count: int, first: int) -> Iterator[str]:
    """A reset of somebody's password: each of somebody else's."""
    everybody = User.objects.count() - 1
    names = (people.user_name(number % everybody) for number in range(first, first + count))
    return _resets(names)


def unknown(count: int, first: int) -> Iterator[str]:
    return _resets(f"nobody{number:06}" for number in range(first, first + count))


def refused(count: int, first: int) -> Iterator[str]:
    """Guesses at one account from one address: but for the first ten nothing is compared."""
    cookies = {settings.CSRF_COOKIE_NAME: sites.CSRF}
    for number in range(first, first + count):
        form = {"csrfmiddlewaretoken": sites.CSRF, "name": people.user_name(1)}
        form |= {"password": f"guess {number}", "next": ""}
        yield posts.post(SIGN_IN, form, cookies, number=0, origin=ORIGIN)


def _resets(names: Iterable[str]) -> Iterator[str]:
    _forget("DELETE FROM throttling_counter WHERE key LIKE 'reset%'")
    cookies = {settings.CSRF_COOKIE_NAME: sites.CSRF}
    for number, name in enumerate(names):
        form = {"csrfmiddlewaretoken": sites.CSRF, "name": name}
        yield posts.post(RESET, form, cookies, number=number, origin=ORIGIN)


def _forget(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _visits(count: int, first: int) -> list[Visit]:
    _forget(*FORGET)
    apps = Registration.objects.filter(kind="authenticator").select_related("user").order_by("pk")
    start = first % max(apps.count() - count, 1)
    visits = [
        Visit(
            registration,
            session=secrets.token_hex(16),
            browser=secrets.token_hex(16),
            code=totp.code_at(registration.details["key"], totp.step_now()),
            number=number,
        )
        for number, registration in enumerate(apps[start : start + count])
    ]
    challenges = [_challenge(visit) for visit in visits]
    copying.insert(Challenge, challenges)
    copying.insert(Session, map(_session, visits, challenges))
    copying.insert(KnownBrowser, map(_browser, visits))
    return visits


def _challenge(visit: Visit) -> Challenge:
    now = timezone.now()
    return Challenge(
        user=visit.registration.user,
        registration=visit.registration,
        purpose=Purpose.SIGN_IN,
        flow=uuid.uuid4().hex,
        destination=visit.registration.fingerprint,
        nonce=new_nonce(),
        max_tries=5,
        context=json.dumps({}),
        created_at=now,
        issued_at=now,
        expires_at=now + timedelta(minutes=policy.current().code_minutes),
    )


def _session(visit: Visit, challenge: Challenge) -> Session:
    user, now = visit.registration.user, timezone.now()
    sign_in = SignInFlow(
        person=user.pk,
        epoch=user.access_epoch,
        id=challenge.flow,
        known_browser=f"{user.pk} {digest(visit.browser)}",
        state=State.PROVING,
    )
    proof = Proving(
        id=challenge.flow,
        asked=str(visit.registration.uuid),
        challenge=str(challenge.pk),
        state=proving.State.ASKING,
    )
    data = {SignInFlow.key(): asdict(sign_in), Proving.key("sign-in"): asdict(proof)}
    return Session(
        digest=digest(visit.session),
        data=SessionStore().encode(data),
        created_at=now,
        last_used_at=now,
    )


def _browser(visit: Visit) -> KnownBrowser:
    now = timezone.now()
    user = visit.registration.user
    return KnownBrowser(user=user, digest=digest(visit.browser), created_at=now, last_used_at=now)


if __name__ == "__main__":
    posts.serve({"right": right, "wrong": wrong, "known": known, "unknown": unknown})
