"""THE WALK: every address that takes something asks for a fresh proof first, or says why not."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.models import PeopleFile, Session, User
from methods import registry
from securityinfo import urls
from securityinfo.actor import SYSTEM
from securityinfo.policy import changes
from securityinfo.policy.models import Proposal
from securityinfo.urls import handler400, handler403, handler404, handler500
from tests import kinds
from tests.flows.proofs import has, is_default
from tests.flows.walk import Walker, rows

__all__ = ["handler400", "handler403", "handler404", "handler500"]

pytestmark = pytest.mark.django_db

# What answers a post without a fresh proof, each with the reason.
WITHOUT_PROOF = {
    "accounts:sign-out": "whoever leaves needs no proof",
    "accounts:sign-out-everywhere": "SE3: whoever has lost the phone can't give one",
    "accounts:review-later": "it only waits, three times",
    "accounts:stay": "asking is using; it changes the end of this session alone",
    "preferences:language": "how the pages look, not what the account is",
    "preferences:theme": "how the pages look, not what the account is",
    "accounts:not-me": "whoever stops an intruder may have lost everything; its link is the proof",
    "accounts:welcome": "whoever comes in first has nothing to prove with; the link is the proof",
    # It is the proof.
    "accounts:confirm": "it asks for the proof",
    "accounts:confirm-another-way": "it asks for the proof",
    "accounts:confirm-resend": "it asks for the proof",
}
# For whoever is not signed in yet: a session leads nowhere there.
STEPS_OF_SIGN_IN = {
    "accounts:sign-in",
    "accounts:verify",
    "accounts:verify-resend",
    "accounts:verify-status",
    "accounts:another-way",
    "accounts:sign-in-pass",
    "accounts:new-password",
    "accounts:keep-secure",
    "accounts:keep-secure-choose",
    "accounts:keep-secure-summary",
    "accounts:keep-secure-skip",
    "accounts:keep-secure-set-up",
    "accounts:keep-secure-verify",
    "accounts:keep-secure-resend",
    "accounts:keep-secure-status",
}
# For whoever has forgotten the password: each step asks for proofs of its own, and what is left
# of a session that was there has no part in it.
STEPS_OF_A_RESET = {
    "accounts:reset",
    "accounts:reset-check",
    "accounts:reset-code",
    "accounts:reset-resend",
    "accounts:reset-check-2",
    "accounts:reset-code-2",
    "accounts:reset-code-2-resend",
    "accounts:reset-code-2-status",
    "accounts:reset-password",
    "accounts:reset-done",
    "accounts:reset-stopped",
}
STEPS = STEPS_OF_SIGN_IN | STEPS_OF_A_RESET
# In the administration: pages that are only looked at, and show the same to a post.
ONLY_SHOWN = {
    "admin:index",
    "admin:app_list",
    "admin:login",  # leads to the start page
    "admin:policy_orgpolicy_changelist",  # leads to the policy
    "admin:accounts_user_history",
    "admin:accounts_user_explain",
    "admin:auth_group_history",
    "admin:policy_orgpolicy_history",  # leads to the versions
    "admin:policy_policyversion_changelist",
    "admin:policy_policyversion_history",
    "admin:methods_registration_changelist",
    "admin:methods_registration_history",
    "admin:methods_challenge_changelist",
    "admin:methods_challenge_history",
    "admin:messaging_message_changelist",
    "admin:messaging_message_history",
    "admin:audit_event_changelist",
    "admin:audit_event_history",
}
MAY_CHANGE_ROWS = {
    "accounts:sign-out-everywhere",  # ends sessions, and tells the contacts
    "accounts:confirm-another-way",  # sends the code that is asked for
    "preferences:language",
}


@pytest.fixture
def person(bob, signed_in) -> Walker:
    """Signed in, with something to change everywhere, and proved too long ago."""
    methods = [has(bob, kind) for kind in ("sms", "email", "authenticator")]
    is_default(methods[0])
    for method in registry.all_methods():
        kinds.allow(method.kind)
    other = signed_in(bob)
    other.get("/security-info/")
    client = signed_in(bob)
    sessions = list(Session.objects.order_by("pk").values_list("public_id", flat=True))
    Session.objects.update(fresh_at=None)
    known = {
        "kind": [method.kind for method in registry.all_methods()],
        "uuid": [method.uuid for method in methods],
        "accounts:sign-out-one uuid": sessions[:1],
    }
    return Walker(client, known)


@pytest.fixture
def administrator(ada, bob, signed_in) -> Walker:
    """In a session that was proved strongly, too long ago."""
    has(ada, "authenticator")
    Group.objects.create(name="Contractors")
    client = signed_in(ada)
    Session.objects.update(fresh_at=None)
    proposal = Proposal.objects.create(author=ada.public_id, changes={"code_tries": 7})
    changes.change_settings(actor=SYSTEM, code_tries=6)
    known = {
        "key": [proposal.pk],
        "number": ["1"],
        "object_id": ["1", str(bob.pk)],
        "app_label": ["accounts", "auth", "policy"],
        "content_type_id": ["1"],
        "uuid": [str(PeopleFile.objects.create(by=ada, content="user_name\n").pk)],
    }
    return Walker(client, known)


def escaped_of(found: dict[str, set[str]]) -> set[str]:
    return {name for name, answers in found.items() if answers - {"asked", "refused"}}


def is_for_people(name: str) -> bool:
    return not name.startswith(("admin:", "reports:"))


def test_no_address_takes_anything_without_a_fresh_proof(person):
    """R081: but for those of the lists above, each of which is still needed there."""
    found = person.posted_to(is_for_people)

    assert escaped_of(found) == set(WITHOUT_PROOF) | STEPS
    asked = {name for name, answers in found.items() if "asked" in answers}
    assert {"methods:delete", "methods:change", "accounts:password"} < asked


def test_what_needs_no_proof_changes_nothing_of_the_account(person):
    before = rows()

    for name in sorted((set(WITHOUT_PROOF) | STEPS) - MAY_CHANGE_ROWS):
        person.posted_to(lambda each, name=name: each == name)
        assert rows() == before, name


def test_what_asks_first_has_changed_nothing(person):
    before = rows()

    person.posted_to(lambda name: is_for_people(name) and name not in WITHOUT_PROOF)

    assert rows() == before


def test_the_administration_takes_nothing_without_a_fresh_proof(administrator):
    """SU6."""
    before = rows()

    found = administrator.posted_to(lambda name: not is_for_people(name))

    assert rows() == before
    asked = {name for name, answers in found.items() if "asked" in answers}
    assert {"admin:policy_orgpolicy_change", "admin:accounts_user_add"} < asked
    assert escaped_of(found) == ONLY_SHOWN


# --- The walk itself ------------------------------------------------------------------------------


def careless(request: HttpRequest) -> HttpResponse:
    """Changes something for whoever posts."""
    if request.method == "POST":
        User.objects.filter(pk=request.user.pk).update(department="Elsewhere")
    return HttpResponse("Done")


def careless_with_a_form(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its form wants what the walk doesn't know."""
    return HttpResponse("Fill in the rest", status=422)


careless_urls = [
    path("careless/", careless, name="careless"),
    path("careless/<uuid:uuid>/", careless_with_a_form, name="careless-form"),
]
urlpatterns = [path("", include((careless_urls, "new"))), *urls.urlpatterns]


@pytest.mark.urls(__name__)
def test_a_new_address_without_protection_is_found(person):
    found = person.posted_to(lambda name: name.startswith("new:"))

    assert found == {"new:careless": {"200"}, "new:careless-form": {"422"}}


@pytest.mark.urls(__name__)
def test_a_new_address_that_changes_something_is_found_by_what_it_changes(person):
    before = rows()

    person.posted_to(lambda name: name == "new:careless")

    assert rows() != before
