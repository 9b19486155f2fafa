"""PO6: each save is a version; the list of them, and what each one says."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import duties
from securityinfo.actor import COMMAND_LINE, SYSTEM, Actor
from securityinfo.audit import tags
from securityinfo.audit.models import Event
from securityinfo.duties import Duty
from securityinfo.messaging.models import Message
from securityinfo.policy import changes
from securityinfo.policy.models import OrgPolicy, PolicyVersion

pytestmark = pytest.mark.django_db

LIST = "/admin/policy/policyversion/"


@pytest.fixture
def admin(ada, signed_in):
    return signed_in(ada)


def by(user) -> Actor:
    return Actor(person=user.public_id, role=user.role)


def test_a_version_says_who_when_why_and_what(ada, rules):
    changes.change_settings(actor=by(ada), note="Asked by the board", code_tries=7)

    version = PolicyVersion.objects.first()
    event = Event.objects.get(tag=tags.POLICY_SAVED)
    assert version.number == OrgPolicy.objects.get().version == event.policy_version
    assert (version.author, version.author_role) == (ada.public_id, "administrator")
    assert version.reason == "Asked by the board"
    assert version.changes == {"code_tries": [5, 7]}
    assert version.state["code_tries"] == 7


def test_what_was_there_before_the_first_change_is_kept_too(rules, contractors):
    since = OrgPolicy.objects.get().changed_at

    changes.change_rule("post", actor=SYSTEM, exclude_groups=[contractors])

    second, first = PolicyVersion.objects.all()
    assert (second.number, first.number) == (2, 1)
    assert (first.at, first.author, first.changes) == (since, None, {})
    assert first.state["post.exclude_groups"] == []
    assert second.state["post.exclude_groups"] == ["Contractors"]


def test_a_change_that_is_undone_leaves_no_version(rules):
    with pytest.raises(ZeroDivisionError):
        changes.change(
            {"code_tries": 7},
            actor=SYSTEM,
            note=_Breaking(),  # type: ignore[arg-type]
        )

    assert not PolicyVersion.objects.exists()
    assert OrgPolicy.objects.get().code_tries == 5


class _Breaking(str):
    """A reason that can't be stored."""

    def __str__(self):
        raise ZeroDivisionError

    def resolve_expression(self, *_args, **_options):
        raise ZeroDivisionError


def test_whoever_answers_for_the_policy_is_told(ada, bob, carol, make_person, rules):
    """N17: at the work address, in their own language, the author too."""
    editor = make_person("edda", language="nl")
    duties.give(editor, [Duty.EDIT_POLICY])

    changes.change_settings(actor=by(ada), code_tries=7, session_hours=23)

    told = {message.user: message for message in Message.objects.all()}
    assert set(told) == {ada, editor}
    assert told[ada].masked == "a•••@example.org"
    assert "ada saved version 2 of the policy." in str(told[ada].sealed)
    assert "Tries for a code" in str(told[ada].sealed)
    assert "Pogingen per code" in str(told[editor].sealed)


def test_a_change_on_the_server_is_told_too(ada, rules):
    changes.change_settings(actor=COMMAND_LINE, code_tries=7)

    assert "Version 2 of the policy was saved on the server." in str(Message.objects.get().sealed)


# --- The pages ------------------------------------------------------------------------------------


def test_the_list_is_empty_at_first(admin):
    page = admin.get(LIST).content.decode()

    assert "0 versions of the policy" in page


def test_the_list_names_what_changed(admin, ada, rules):
    changes.change_settings(actor=by(ada), note="Ticket 7", code_tries=7, session_hours=23)
    changes.change_rule("post", actor=SYSTEM, state="off")

    page = admin.get(LIST).content.decode()

    assert "Ticket 7" in page
    assert "Hours until a person is signed out, Tries for a code" in page or (
        "Tries for a code, Hours until a person is signed out" in page
    )
    assert "Post: state" in page
    assert ">ada<" in page


@pytest.mark.parametrize(
    ("words", "found"),
    [("ticket 7", [2]), ("ada", [2]), ("3", [3]), ("nothing", []), ("", [3, 2, 1])],
)
def test_the_list_is_searched_by_reason_author_and_number(admin, ada, rules, words, found):
    changes.change_settings(actor=by(ada), note="Ticket 7", code_tries=7)
    changes.change_settings(actor=SYSTEM, code_tries=8)

    answer = admin.get(LIST, {"q": words})

    assert [each.number for each in answer.context["cl"].result_list] == found


def test_a_long_list_has_pages_and_asks_no_more(admin, ada, rules):
    changes.change_settings(actor=by(ada), code_tries=7)
    few = _queries(admin)
    for number in range(60):
        changes.change_settings(actor=by(ada), note="x" * 200, code_tries=7 + number % 2)

    many = _queries(admin)

    assert len(admin.get(LIST).context["cl"].result_list) == 50
    assert many == few <= 12


def _queries(admin) -> int:
    admin.get(LIST)
    with CaptureQueriesContext(connection) as captured:
        admin.get(LIST)
    return len(captured)


def test_a_version_shows_old_and_new_in_the_words_of_the_form(admin, ada, rules, contractors):
    changes.change(
        {
            "post.state": "recommended",
            "post.exclude_groups": ["Contractors"],
            "email_switch": False,
            "reset_for": "nobody",
            "call_types": ["mobile", "office"],
        },
        actor=by(ada),
    )

    page = admin.get(f"{LIST}{PolicyVersion.objects.first().pk}/change/").content.decode()

    rows = " ".join(page.split())
    for label, old, new in [
        ("Post: state", "Allowed", "Recommended"),
        ("Post: but not these groups", "–", "Contractors"),
        ("Email", "on", "off"),
        ("Who may reset", "Everyone", "Nobody"),
        ("Types of phone call", "Mobile, Alternate, Office", "Mobile, Office"),
    ]:
        assert f'<th scope="row">{label}</th> <td>{old}</td> <td>{new}</td>' in rows


def test_the_first_version_has_nothing_before_it(admin, rules):
    changes.change_settings(actor=SYSTEM, code_tries=7)

    page = admin.get(f"{LIST}{PolicyVersion.objects.last().pk}/change/").content.decode()

    assert "This is what was there before the first change." in page


def test_what_a_former_release_had_is_shown_by_its_name(admin, rules):
    changes.change_settings(actor=SYSTEM, code_tries=7)
    PolicyVersion.objects.filter(number=2).update(
        changes={"old_setting": [1, 2], "pigeon.state": ["off", None]}
    )

    page = admin.get(f"{LIST}{PolicyVersion.objects.first().pk}/change/").content.decode()

    assert "Old_setting" in page
    assert "pigeon: state" in page


@pytest.mark.parametrize("page", ["add/", "{pk}/delete/"])
def test_nobody_makes_or_removes_a_version(admin, rules, page):
    changes.change_settings(actor=SYSTEM, code_tries=7)
    address = LIST + page.format(pk=PolicyVersion.objects.first().pk)

    assert admin.get(address).status_code == 403
    assert admin.post(address, {"post": "yes"}).status_code == 403
    assert PolicyVersion.objects.count() == 2


def test_the_history_of_the_policy_is_its_versions(admin, rules):
    assert admin.get("/admin/policy/orgpolicy/1/history/")["Location"] == LIST
