"""The demo organization: its people and its policy, made once and never touched again."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import duties
from accounts.models import Role, User
from methods import registrations, registry
from methods.models import NEVER_COUNTED, Challenge, Registration
from securityinfo import crypto
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.demo import phone_apps
from securityinfo.duties import Duty
from securityinfo.messaging.models import Message
from securityinfo.policy import service as policies
from securityinfo.policy.models import MethodRule, OrgPolicy
from securityinfo.policy.rules import RuleState

NAME = "Example Org"
PASSWORD = "demo-only-password"  # noqa: S105 - opens nothing but the demo
AUTHENTICATOR, TEXT, EMAIL = "authenticator", "sms", "email"
ON_HERE = ("questions",)  # off in a new organization, on in this one
ADDED_BEFORE = timedelta(days=143)
USED_BEFORE = timedelta(days=5)

SETTINGS = {
    "organization_name": NAME,
    "short_name": NAME,
    "organization_domains": ["example.org"],
    # Example values; the text stays empty, because "your IT helpdesk" is there in each language.
    "home_country": "US",
    "allowed_countries": ["US", "NL", "GB"],
    "helpdesk_phone": "+1 201-555-0123",
    "helpdesk_email": "helpdesk@example.org",
    "helpdesk_hours": "9:00–17:00",
}


@dataclass(frozen=True)
class DemoPerson:
    username: str
    full_name: str
    department: str
    story: str | Promise  # what a newcomer can try with this person
    role: Role = Role.PERSON
    language: str = ""
    private_address: str = ""  # registered at start, empty for none
    has_app: bool = False  # an authenticator app, registered at start
    phone: str = ""  # registered for texts, empty for none

    @property
    def work_address(self) -> str:
        return f"{self.username}@example.org"


PEOPLE = (
    DemoPerson(
        "alice", "Alice Martin", "Marketing", _("New here: signing in asks for a first method.")
    ),
    DemoPerson(
        "bob",
        "Bob Okafor",
        "Finance",
        _("Has an authenticator app, text messages and a private email address."),
        private_address="bob.okafor@example.net",
        phone="+1 201-555-0178",
        has_app=True,
    ),
    DemoPerson(
        "carol",
        "Carol Jensen",
        "IT helpdesk",
        _("Works at the helpdesk."),
        role=Role.HELPDESK,
        has_app=True,
    ),
    DemoPerson(
        "dave",
        "Dave de Vries",
        "Field service",
        _("Prefers Dutch, and has lost the phone with his authenticator app."),
        language="nl",
        private_address="dave.de.vries@example.net",
        phone="+31 6 12345678",
        has_app=True,
    ),
    DemoPerson(
        "admin",
        "Ada Lindqvist",
        "IT",
        _("Decides in the administration which methods are allowed."),
        role=Role.ADMINISTRATOR,
        has_app=True,
    ),
)


def seed() -> list[User]:
    """The people made by this call; none, and nothing else, when there are people already."""
    if User.objects.exists():
        return []
    with transaction.atomic():
        _set_policy()
        people = dict(zip(PEOPLE, _make_people(), strict=True))
    for person, user in people.items():
        with translation.override(user.language or None):  # names and masks are stored in words
            if person.has_app:
                _register(user, AUTHENTICATOR, {}, phone_apps.answer)
            if person.phone:
                _register(user, TEXT, {"number": person.phone}, _sent)
            if person.private_address:
                _register(user, EMAIL, {"address": person.private_address}, _sent)
    return list(people.values())


def _make_people() -> list[User]:
    # Hashed once for all of them: five times the same would only make the start slow.
    password = make_password(PASSWORD)
    return [_make(person, password) for person in PEOPLE]


def _make(person: DemoPerson, password: str) -> User:
    user = User(
        username=person.username,
        full_name=person.full_name,
        department=person.department,
        work_address=person.work_address,
        role=person.role,
        language=person.language,
        is_superuser=person.role == Role.ADMINISTRATOR,
        password=password,
    )
    user.full_clean()
    user.save()
    if person.role == Role.ADMINISTRATOR:
        duties.give(user, [Duty.EDIT_POLICY])
    log.record(tags.ACCOUNT_CREATED, actor=SYSTEM, subject=user.public_id)
    return user


def _set_policy() -> None:
    policy = OrgPolicy.objects.get()
    for name, value in SETTINGS.items():
        setattr(policy, name, value)
    policy.time_zone = _wall_clock_zone()
    policy.full_clean()
    policy.save()
    rule = MethodRule.objects.get(kind=EMAIL)
    rule.state = RuleState.ALLOWED
    rule.maximum = 2  # so that somebody who has one can still add another
    rule.full_clean()
    rule.save()
    MethodRule.objects.filter(kind__in=ON_HERE).update(state=RuleState.ALLOWED)


def _sent(challenge: Challenge) -> dict[str, str]:
    nonce = bytes(challenge.nonce)
    return {"code": crypto.derived_code(challenge.pk, nonce, challenge.generation)}


def _register(
    user: User,
    kind: str,
    filled_in: dict[str, str],
    answer: Callable[[Challenge], dict[str, str]],
) -> None:
    """By the way that everybody goes: ask for proof, then prove."""
    flow = f"demo:{user.username}:{kind}"
    ruleset, method = policies.current_for(user), registry.get(kind)
    form = method.enrol_form(filled_in, person=user, settings=ruleset.settings)
    form.full_clean()
    challenge = registrations.begin(
        user,
        method,
        form.cleaned_data,
        flow=flow,
        ruleset=ruleset,
        actor=SYSTEM,
    )
    registrations.confirm(
        challenge, answer(challenge), flow=flow, ruleset=ruleset, actor=SYSTEM, required=True
    )
    added = timezone.now() - ADDED_BEFORE
    Registration.objects.of(user).update(
        created_at=added,
        confirmed_at=added,
        last_used_at=timezone.now() - USED_BEFORE,
        last_counter=NEVER_COUNTED,  # so that the first code that the phone shows can be used
    )
    # A method of some months ago is no news: the mailbox begins empty, and no code is too early.
    Message.objects.filter(user=user).delete()
    Challenge.objects.filter(user=user).delete()


def _wall_clock_zone() -> str:
    """The machine's own, so that the pages agree with the clock on the wall; empty if unknown."""
    if settings.TIME_ZONE != "UTC":
        return ""  # chosen by whoever starts the demo
    _, _, name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")
    return name if name in zoneinfo.available_timezones() else ""
