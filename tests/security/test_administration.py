"""R107 and what goes with it: what an administrator can reach through the administration."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Role, Session, User
from securityinfo.audit.models import Event

pytestmark = pytest.mark.django_db

POLICY = "/admin/policy/orgpolicy/1/change/"
PEOPLE = "/admin/accounts/user/"
GROUPS = "/admin/auth/group/"


@pytest.fixture
def admin(ada: User, signed_in) -> Client:
    return signed_in(ada)


@pytest.fixture
def stale(admin: Client) -> Client:
    """Signed in, but not proved for a while."""
    Session.objects.update(fresh_at=None)
    return admin


@pytest.mark.parametrize(
    "lookup",
    [
        "accounts/user/?password__startswith=argon2",
        "accounts/user/?password__gt=a",
        "accounts/user/?sessions__digest__startswith=a",
        "accounts/user/?known_browsers__digest__startswith=a",
        "accounts/user/?email_registrations__details__contains=a",
        "methods/registration/?fingerprint__startswith=a",
        "methods/registration/?details__startswith=aes1",
        "methods/challenge/?nonce__gt=a",
        "methods/challenge/?flow__startswith=a",
        "audit/event/?stamp__gt=a",
        "auth/group/?user__password__startswith=a",
        "accounts/user/?role__regex=(p%2B)%2B%24",
        "audit/event/?result__iregex=(o%2B)%2B%24",
        "audit/event/?result__icontains=o",
        "methods/challenge/?outcome__contains=a",
    ],
)
def test_no_address_asks_for_a_column_that_is_not_offered(admin: Client, lookup: str) -> None:
    """R107: a hash would be found out letter by letter; and a pattern keeps the database busy."""
    assert admin.get(f"/admin/{lookup}").status_code in (302, 400)


@pytest.mark.parametrize(
    "lookup",
    [
        "accounts/user/?role__exact=person",
        "accounts/user/?is_active__exact=1",
        "methods/registration/?kind=email",
        "methods/registration/?confirmed__exact=1",
        "methods/challenge/?purpose=register",
        "methods/challenge/?outcome__exact=verified",
        "methods/challenge/?created_at__gte=2026-01-01+00%3A00%3A00%2B00%3A00",
        "audit/event/?area=policy",
        "audit/event/?result__exact=ok",
        "audit/event/?at__gte=2026-01-01+00%3A00%3A00%2B00%3A00",
    ],
)
def test_the_filters_that_are_offered_work(admin: Client, lookup: str) -> None:
    assert admin.get(f"/admin/{lookup}").status_code == 200


@pytest.mark.parametrize("page", [POLICY, f"{GROUPS}add/", f"{PEOPLE}add/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_changing_anything_needs_a_fresh_proof(stale: Client, page: str, method: str) -> None:
    """SU6."""
    answer = getattr(stale, method)(page, {"name": "Anything"})

    assert answer.headers["Location"].startswith("/confirm/?next=")
    assert not Event.objects.filter(tag="policy.saved").exists()


def test_deactivating_many_needs_a_fresh_proof_too(stale: Client, bob: User) -> None:
    """SU6: an action is a change, by whatever form it comes."""
    answer = stale.post(PEOPLE, {"action": "deactivate", "_selected_action": [bob.pk]})

    assert answer.headers["Location"].startswith("/confirm/?next=")
    bob.refresh_from_db()
    assert bob.is_active


@pytest.mark.parametrize("page", [PEOPLE, GROUPS, "/admin/audit/event/", "/admin/"])
def test_looking_needs_none(stale: Client, page: str) -> None:
    assert stale.get(page).status_code == 200


@pytest.mark.parametrize("role", [Role.PERSON, Role.HELPDESK])
@pytest.mark.parametrize(
    "page", ["", "accounts/user/", "policy/orgpolicy/1/change/", "audit/event/", "jsi18n/"]
)
def test_nobody_else_comes_in(make_person, signed_in, role: str, page: str) -> None:
    """R061: not even with Django's own flags."""
    person = make_person("sam", role=role, is_superuser=True)

    answer = signed_in(person).get(f"/admin/{page}", follow=True)

    assert answer.status_code in (403, 404)
