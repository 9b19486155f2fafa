"""A case never ends at a contact that the caller has just given (R105, HD11)."""

from __future__ import annotations

import pytest

from methods.models import Registration
from securityinfo.messaging.models import Message
from tests import kinds
from tests.helpdesk.steps import action_of, page_of, press

pytestmark = pytest.mark.django_db

# What pages of the account call them, and what somebody else might.
OF_THE_CALLER = {
    "address": "caller@example.com",
    "email": "caller@example.com",
    "work_address": "caller@example.com",
    "to": "caller@example.com",
    "destination": "+31687654321",
    "number": "+31687654321",
    "phone": "+31687654321",
    "country": "NL",
    "password": "a password of the caller",
    "new_password": "a password of the caller",
    "new_password_again": "a password of the caller",
}
ACTIONS = ("end-sessions", "pass", "reregister")  # each is told of


def contacts(person) -> set[tuple[str, str]]:
    person.refresh_from_db()
    return {
        ("password", person.password),
        ("work address", person.work_address),
        *((each.kind, each.fingerprint) for each in Registration.objects.of(person)),
    }


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_takes_no_contact_and_no_password(case, dave, name):
    kinds.allow("temporary-pass")
    before = contacts(dave)

    answer = press(case, action_of(dave, name), purpose="password", **OF_THE_CALLER)

    assert answer.status_code == 200
    assert contacts(dave) <= before
    told = {each.sealed["to"] for each in Message.objects.filter(user=dave)}
    assert told
    assert not told & set(OF_THE_CALLER.values())


def test_no_page_of_a_case_asks_for_a_contact_or_a_password(case, dave):
    kinds.allow("temporary-pass")
    for address in (page_of(dave), *(action_of(dave, name) for name in (*ACTIONS, "unlock"))):
        page = case.get(address).content.decode()

        for kind in ("email", "tel", "password"):
            assert f'type="{kind}"' not in page, address
