"""The demo organization: its people and its policy, made once and never touched again."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User

NAME = "Example Org"
PASSWORD = "demo-only-password"  # noqa: S105 - opens nothing but the demo


@dataclass(frozen=True)
class DemoPerson:
    username: str
    full_name: str
    department: str
    story: str | Promise  # what a newcomer can try with this person
    role: Role = Role.PERSON
    language: str = ""
    private_address: str = ""  # registered at start, empty for none

    @property
    def work_address(self) -> str:
        return f"{self.username}@example.org"

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMINISTRATOR


PEOPLE = (
    DemoPerson(
        "alice", "Alice Martin", "Marketing", _("New here: signing in asks for a first method.")
    ),
    DemoPerson(
        "bob",
        "Bob Okafor",
        "Finance",
        _("Has registered a private email address."),
        private_address="bob.okafor@example.net",
    ),
    DemoPerson(
        "carol", "Carol Jensen", "IT helpdesk", _("Works at the helpdesk."), role=Role.HELPDESK
    ),
    DemoPerson(
        "dave",
        "Dave de Vries",
        "Field service",
        _("Prefers Dutch, and has registered a private email address."),
        language="nl",
        private_address="dave.de.vries@example.net",
    ),
    DemoPerson(
        "admin",
        "Ada Lindqvist",
        "IT",
        _("Decides in the administration which methods are allowed."),
        role=Role.ADMINISTRATOR,
    ),
)


@transaction.atomic
def seed() -> list[User]:
    """The people made by this call; none of them when there are people already."""
    if User.objects.exists():
        return []
    _set_policy()
    # Hashed once for all of them: five times the same would only make the start slow.
    password = make_password(PASSWORD)
    people = [_make(person, password) for person in PEOPLE]
    return people


def _make(person: DemoPerson, password: str) -> User:
    user = User(
        username=person.username,
        full_name=person.full_name,
        department=person.department,
        work_address=person.work_address,
        role=person.role,
        language=person.language,
        is_superuser=person.is_administrator,
        password=password,
    )
    user.full_clean()
    user.save()
    return user
