"""R106, R107: who may open and change what in the administration, cell by cell.

The pages come from the addresses of the project: a new one fails here until it is in PAGES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db.models.functions import Now
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse

from accounts import duties
from accounts.models import Role, Session, User
from methods.models import Challenge, Registration
from securityinfo.actor import SYSTEM
from securityinfo.audit import log, tags
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from securityinfo.messaging.models import Message
from securityinfo.policy.models import OrgPolicy, PolicyVersion, Proposal
from tests.flows.walk import routes
from tests.security.test_secrets import notice_for

# Who may open what is decided in Python, whatever the database.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

PEOPLE, POLICY, READ = Duty.MANAGE_PEOPLE, Duty.EDIT_POLICY, Duty.READ_AND_AUDIT
STAFF = frozenset({PEOPLE, POLICY, READ})  # whoever may enter at all
NOBODY = frozenset[Duty]()

# --- The table: with which duty a page opens, and with which it takes what is posted --------------
# LOOK: a post is answered as a look and changes nothing.

LOOK = None
Cell = tuple[frozenset[Duty], frozenset[Duty] | None]


def model(name: str, *, seen: Iterable[Duty], changed: Iterable[Duty] = ()) -> dict[str, Cell]:
    """The five pages of a model; what is never changed has no page for adding and deleting."""
    seen, changed = frozenset(seen) | frozenset(changed), frozenset(changed)
    return {
        f"admin:{name}_changelist": (seen, LOOK),
        f"admin:{name}_history": (seen, LOOK),
        f"admin:{name}_change": (seen, changed),
        f"admin:{name}_add": (changed, changed),
        f"admin:{name}_delete": (changed, changed),
    }


PAGES: dict[str, Cell] = {
    "admin:index": (STAFF, LOOK),
    "admin:app_list": (frozenset({PEOPLE, READ}), LOOK),  # of the people, see ARGUMENTS
    "admin:jsi18n": (STAFF, LOOK),  # words for scripts, no data
    **model("accounts_user", seen=[READ], changed=[PEOPLE]),
    "admin:accounts_user_import": (frozenset({PEOPLE}), frozenset({PEOPLE})),
    "admin:accounts_user_import_look": (frozenset({PEOPLE}), frozenset({PEOPLE})),
    "admin:accounts_user_import_lines": (frozenset({PEOPLE}), frozenset({PEOPLE})),
    "admin:accounts_user_explain": (frozenset({READ}), LOOK),
    **model("auth_group", seen=[READ], changed=[PEOPLE, POLICY]),
    **model("policy_orgpolicy", seen=[READ], changed=[POLICY]),
    "admin:policy_orgpolicy_add": (NOBODY, NOBODY),  # there is one
    "admin:policy_orgpolicy_delete": (NOBODY, NOBODY),
    "admin:policy_orgpolicy_preview": (frozenset({POLICY}), frozenset({POLICY})),
    **model("policy_policyversion", seen=[READ, POLICY]),
    "admin:policy_policyversion_restore": (frozenset({POLICY}), frozenset({POLICY})),
    **model("methods_registration", seen=[READ]),
    **model("methods_challenge", seen=[READ]),
    **model("audit_event", seen=[READ]),
    "admin:audit_event_csv": (frozenset({READ}), LOOK),
    "admin:audit_event_jsonl": (frozenset({READ}), LOOK),
    **model("messaging_message", seen=[READ]),
    "reports:overview": (frozenset({READ}), LOOK),
    "reports:people": (frozenset({READ}), LOOK),
    "reports:people-csv": (frozenset({READ}), LOOK),
    "reports:recent": (frozenset({READ}), LOOK),
    "reports:recent-csv": (frozenset({READ}), LOOK),
    "reports:over-time": (frozenset({READ}), LOOK),
    "reports:over-time-csv": (frozenset({READ}), LOOK),
    "reports:delivery": (frozenset({READ}), LOOK),
    "reports:delivery-csv": (frozenset({READ}), LOOK),
    "reports:trial": (frozenset({PEOPLE}), frozenset({PEOPLE})),
}
# What opens otherwise than with a page: an empty form is refused, another one's file isn't there.
OPENED = {
    "admin:accounts_user_import": (200, 422),
    "admin:accounts_user_import_look": (404,),
    "admin:accounts_user_import_lines": (404,),
    "reports:trial": (200, 422),
}
# Not a page, or for nobody.
CLOSED = {
    "admin:login",  # leads to the only sign-in, or back: see tests/policy/test_admin.py
    "admin:logout",
    "admin:autocomplete",  # no form of ours asks for it
    "admin:view_on_site",  # no model of ours has a page elsewhere
}
# Looking at it is an event.
RECORDED = {
    "admin:policy_orgpolicy_preview",
    "admin:audit_event_csv",
    "admin:audit_event_jsonl",
    "reports:overview",
    "reports:people",
    "reports:people-csv",
    "reports:recent",
    "reports:recent-csv",
    "reports:over-time",
    "reports:over-time-csv",
    "reports:delivery",
    "reports:delivery-csv",
}
# Asks for two duties at once: see tests/policy/test_preview.py.
ELSEWHERE = {"admin:policy_orgpolicy_people"}
# A look that is an event, and nothing more: but for the preview, from which a policy is saved.
NO_POSTS = (RECORDED - {"admin:policy_orgpolicy_preview"}) | {"admin:jsi18n"}
# Where a page of Django is about any of several things.
SAM, PROPOSAL, NO_FILE = uuid4(), uuid4(), uuid4()
ARGUMENTS: dict[str, dict[str, Any]] = {
    "admin:app_list": {"app_label": "accounts"},
    "admin:accounts_user_import_look": {"uuid": NO_FILE},
    "admin:accounts_user_import_lines": {"uuid": NO_FILE},
    "admin:policy_orgpolicy_preview": {"key": PROPOSAL},
    "admin:policy_policyversion_restore": {"number": 99},
}

# --- Whoever comes --------------------------------------------------------------------------------

WHO: dict[str, tuple[Role, list[Duty]]] = {
    "person": (Role.PERSON, []),
    "agent": (Role.HELPDESK, []),
    "lead": (Role.HELPDESK, [Duty.APPROVE_HELP]),
    "auditor": (Role.PERSON, [READ]),
    "policy editor": (Role.PERSON, [POLICY]),
    "administrator": (Role.ADMINISTRATOR, []),
    "first administrator": (Role.ADMINISTRATOR, [POLICY]),
}
VISITOR, BY_PASSWORD = "visitor", "first administrator by password alone"
EVERYBODY = (VISITOR, BY_PASSWORD, *WHO)


@pytest.fixture
def client_of(make_person: Callable[..., User], signed_in: Callable[[User], Client]) -> Any:
    """The browser of somebody in the table, and what they hold."""

    def open_for(who: str) -> tuple[Client, frozenset[Duty]]:
        if who == VISITOR:
            return Client(), NOBODY
        role, given = WHO.get(who) or WHO["first administrator"]
        # Django's own flags, which mean nothing here.
        person = make_person("sam", role=role, is_superuser=True, public_id=SAM)
        duties.give(person, given)
        client = signed_in(person)
        if who == BY_PASSWORD:
            Session.objects.update(strongest=Session.NEVER_PROVED, strength=Session.NEVER_PROVED)
            return client, NOBODY
        return client, User.objects.get(pk=person.pk).duties

    return open_for


@pytest.fixture
def things(bob: User) -> dict[str, Any]:
    """One row of each model, by the middle of its pages' names."""
    registration = Registration.objects.create(
        user=bob, kind="email", confirmed=True, details={"address": "bob@example.net"}
    )
    challenge = Challenge.objects.create(
        user=bob,
        registration=registration,
        purpose="confirm",
        flow="flow",
        max_tries=5,
        expires_at=Now(),
    )
    Proposal.objects.create(pk=PROPOSAL, author=SAM, changes={"code_tries": 7})
    return {
        "accounts_user": bob.pk,
        "auth_group": Group.objects.create(name="Sales").pk,
        "policy_orgpolicy": OrgPolicy.objects.get().pk,
        "policy_policyversion": PolicyVersion.objects.create(number=99, state={}).pk,
        "methods_registration": registration.pk,
        "methods_challenge": challenge.pk,
        "audit_event": log.record(tags.STEP_UP_COMPLETED, actor=SYSTEM, subject=bob.public_id).pk,
        "messaging_message": notice_for(bob, "somebody@example.net").pk,
    }


def address_of(page: str, things: dict[str, Any]) -> str:
    name, _, _ = page.removeprefix("admin:").rpartition("_")
    try:
        return reverse(page, kwargs=ARGUMENTS.get(page))
    except NoReverseMatch:
        return reverse(page, args=[things[name]])


def stored() -> list[Any]:
    """What a post that is refused leaves as it is."""
    models = (User, Group, OrgPolicy, PolicyVersion, Registration, Challenge, Event, Message)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def answer_of(client: Client, method: str, address: str, things: dict[str, Any]) -> Any:
    form = {
        "post": "yes",
        "confirmed": "yes",
        "action": "delete_selected",
        "_selected_action": [str(things["accounts_user"])],
    }
    return client.get(address) if method == "get" else client.post(address, form)


# --- The cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_opens_for_whoever_has_its_duty(
    client_of: Any, things: dict[str, Any], page: str, method: str, who: str
) -> None:
    seen, changed = PAGES[page]
    needed = seen if method == "get" or changed is LOOK else changed
    client, held = client_of(who)
    address = address_of(page, things)
    before = stored()

    answer = answer_of(client, method, address, things)

    if answer.status_code == 405:  # for everybody: the page takes no posts
        assert method == "post"
        assert page in NO_POSTS
    elif held & needed:
        assert answer.status_code in OPENED.get(page, (200, 302))
        assert not answer.get("Location", "").startswith(("/sign-in/", "/confirm/"))
    elif held & STAFF:
        assert answer.status_code == (404 if page == "admin:app_list" else 403)
    else:
        refused_at_the_door(client, answer, who)
    may_write = held & (changed or NOBODY) if method == "post" else page in RECORDED and held & seen
    if not may_write:
        assert stored() == before


def refused_at_the_door(client: Client, answer: Any, who: str) -> None:
    """A visitor signs in first; whoever was not proved strongly is; for others there is no page."""
    assert answer.status_code == 302
    if answer["Location"].startswith("/admin/login/?next=/admin/"):
        answer = client.get(answer["Location"])
    if who == VISITOR:
        assert answer["Location"].startswith("/sign-in/?next=/admin/")
    elif who == BY_PASSWORD:
        assert answer["Location"].startswith("/confirm/?next=")
    else:
        assert answer.status_code == 404


@pytest.mark.parametrize("who", ["auditor", "policy editor", "agent", BY_PASSWORD])
@pytest.mark.parametrize("action", ["deactivate", "sign_out", "lift_freeze", "delete_selected"])
@pytest.mark.parametrize("name", ["accounts_user", "auth_group", "audit_event", "policy_orgpolicy"])
def test_no_bulk_action_is_open_to_whoever_only_reads(
    client_of: Any, things: dict[str, Any], name: str, who: str, action: str
) -> None:
    """R107: actions obey too."""
    client, _held = client_of(who)
    form = {"action": action, "_selected_action": [things[name]], "post": "yes", "confirmed": "yes"}
    before = stored()

    answer = client.post(reverse(f"admin:{name}_changelist"), form)

    assert answer.status_code in (200, 302, 403)
    assert stored() == before


# --- That nothing is left out ---------------------------------------------------------------------


def test_every_page_of_the_administration_is_in_the_table() -> None:
    """By address: not every page below /admin/ is one of Django's."""
    assert set(below("admin/")) == PAGES.keys() | CLOSED | ELSEWHERE


def below(start: str, resolver: Any = None, above: str = "", namespace: str = "") -> Iterator[str]:
    """The names of all routes whose address begins so; Django's nameless ones lead elsewhere."""
    for each in (resolver or get_resolver()).url_patterns:
        address = above + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from below(start, each, address, inner)
        elif address.startswith(start) and each.name:
            yield f"{namespace}{each.name}"


@pytest.mark.parametrize("who", [each for each in EVERYBODY if each != VISITOR])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["admin:logout", "admin:autocomplete", "admin:view_on_site"])
def test_what_is_closed_is_closed_to_everybody(
    client_of: Any, things: dict[str, Any], page: str, method: str, who: str
) -> None:
    client, _held = client_of(who)
    arguments = ["1", "1"] if page == "admin:view_on_site" else []

    answer = getattr(client, method)(reverse(page, args=arguments))

    refused = answer.status_code in (403, 404, 405)
    assert refused or answer["Location"].startswith("/admin/")  # to the door, as above


def test_an_address_that_is_none_is_closed_too(client_of: Any, things: dict[str, Any]) -> None:
    client, _held = client_of("auditor")

    assert client.get("/admin/nowhere/").status_code == 404
    assert client.get("/admin/auth/permission/").status_code == 404
    assert client.get(f"/admin/accounts/user/{uuid4()}/change/").status_code in (302, 404)


# --- The helpdesk's door --------------------------------------------------------------------------

HELPDESK = [(name, each) for name, each in routes() if name.startswith("helpdesk:")]


@pytest.mark.parametrize("who", ["person", "auditor", "policy editor", BY_PASSWORD, VISITOR])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", [name for name, _ in HELPDESK])
def test_the_helpdesk_is_for_agents_who_were_proved_strongly(
    client_of: Any, bob: User, page: str, method: str, who: str
) -> None:
    """R106; for agents and administrators see tests/helpdesk."""
    client, _held = client_of(who)
    pattern = dict(HELPDESK)[page].pattern
    address = reverse(page, kwargs=dict.fromkeys(pattern.regex.groupindex, bob.public_id))

    answer = getattr(client, method)(address)

    if answer.status_code == 405:
        return
    if who == VISITOR:
        assert answer["Location"].startswith("/sign-in/?next=")
    elif who == BY_PASSWORD:
        assert answer["Location"].startswith("/confirm/?next=")
    else:
        assert answer.status_code == 404
