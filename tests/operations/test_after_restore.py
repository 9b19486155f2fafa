"""F20, R111: what an older state brings back is ended, and what was noted outside is compared."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.helpdesk.models import HelpdeskCase
from accounts.models import PasswordReset, Session, TemporaryPass, TrustedBrowser, Welcome
from methods.models import Challenge, Registration
from securityinfo.audit import retention, seal, tasks
from securityinfo.audit.anchor import Anchor, Unreadable
from securityinfo.audit.models import Event, Head
from securityinfo.operations import doctor, restore
from securityinfo.operations.findings import Level
from tests import kinds
from tests.accounts.doors import VERIFY, has_method, post_password

pytestmark = pytest.mark.django_db

LEFT = (Session, TrustedBrowser, PasswordReset, Welcome)


@pytest.fixture
def begun(bob, eve, registered):
    """Something of everything that a person or an agent may have begun."""
    kinds.allow("authenticator")
    app = registered("authenticator")
    has_method(eve, "eve@example.net")
    post_password(Client(), "eve")
    Client().post("/password-reset/", {"name": "bob"})
    until = timezone.now() + timedelta(minutes=10)
    TemporaryPass.objects.create(user=bob, digest="d", expires_at=until)
    TrustedBrowser.objects.create(user=bob, series="s", token="t", bound_to="b")
    Welcome.objects.create(user=bob, digest="d", expires_at=until)
    HelpdeskCase.objects.create(
        agent=eve, person=bob, reason="lost", check_name="in_person", words="a b", ends_at=until
    )
    return app


@pytest.fixture
def anchored(settings, tmp_path):
    settings.AUDIT_ANCHOR = str(tmp_path / "anchor")
    return tmp_path / "anchor"


def told(*options: str) -> str:
    said = StringIO()
    call_command("after_restore", *options, stdout=said)
    return said.getvalue()


def test_everything_that_was_begun_is_ended(begun):
    ended = restore.void()

    assert ended == {
        "codes of apps": 1,
        "challenges": 1,
        "password resets": 1,
        "temporary passes": 1,
        "welcome links": 1,
        "trusted browsers": 1,
        "sessions": 2,
        "helpdesk cases": 1,
        "unsaved changes of the policy": 0,
    }
    assert [model.objects.count() for model in LEFT] == [0, 0, 0, 0]
    assert Challenge.objects.filter(closed_at=None).count() == 0
    assert TemporaryPass.objects.open().count() == 0
    assert HelpdeskCase.objects.not_closed().count() == 0


def test_it_is_one_event_with_the_numbers(begun):
    ended = restore.void()

    event = Event.objects.get(tag="backup.restored")
    assert event.actor_role == "command line"
    assert event.facts["ended"] == ended


def test_a_dry_run_says_the_same_and_changes_nothing(begun):
    events = Event.objects.count()
    would_end = told("--dry-run")

    assert Session.objects.count() == 2
    assert Event.objects.count() == events
    assert told().splitlines()[:9] == would_end.splitlines()[:9]


def test_a_code_of_an_app_that_may_have_been_used_is_refused(begun):
    """Whatever was used since the backup, `last_counter` has forgotten."""
    Registration.objects.filter(pk=begun.pk).update(last_counter=-1)
    restore.void()
    browser = Client()
    post_password(browser, "bob")

    code = kinds.right(Challenge(registration=begun, nonce=bytes(16), purpose="sign_in"))
    answer = browser.post(VERIFY, code)

    assert answer.status_code == 422


def test_a_link_of_an_event_that_is_lost_fits_no_later_one(begun):
    lost = range(Event.objects.latest("pk").pk + 1, Event.objects.latest("pk").pk + 100_000)

    restore.void()
    Client().post("/sign-in/", {"name": "bob", "password": "wrong", "next": ""})

    assert Event.objects.latest("pk").pk not in lost
    assert seal.seal_all()
    assert tasks.check(actor=restore.COMMAND_LINE).is_intact


# --- What was noted outside of the database -------------------------------------------------------


def some_events(client) -> None:
    client.post("/sign-in/", {"name": "bob", "password": "wrong", "next": ""})
    seal.seal_all()


def end() -> Anchor:
    head = Head.objects.get()
    return Anchor(head.position, bytes(head.mac).hex())


def test_the_check_notes_the_end_and_finds_it_again(client, bob, anchored):
    some_events(client)
    first = tasks.check(actor=restore.COMMAND_LINE)
    noted = Anchor.of(anchored.read_text())
    some_events(client)

    assert first.is_intact
    assert noted.position == first.position
    assert tasks.check(actor=restore.COMMAND_LINE).is_intact
    assert Anchor.of(anchored.read_text()).position > noted.position


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"position": 1_000}, "an older state was put back"),
        ({"mac": "ab" * 32}, "the chain went on from an older state"),
    ],
)
def test_another_state_than_was_noted_is_named(client, bob, anchored, changes, words):
    """Shorter than it was, or grown again since."""
    some_events(client)
    noted = vars(end()) | changes
    anchored.write_text(f"{noted['position']} {noted['mac']}\n")

    report = tasks.check(actor=restore.COMMAND_LINE)
    wrong = [found.text for found in doctor.examine() if found.level is Level.WRONG]

    assert words in str(report.findings[0])
    assert Anchor.of(anchored.read_text()) == Anchor(**noted)  # kept, until somebody has seen it
    assert any("An older state of the database" in each for each in wrong)


def test_after_restore_takes_the_chain_as_it_is(client, bob, anchored):
    some_events(client)
    anchored.write_text(f"1000 {'ab' * 32}\n")

    told()

    assert tasks.check(actor=restore.COMMAND_LINE).is_intact


def test_an_end_from_a_line_of_the_log_is_compared(client, bob):
    some_events(client)
    right, later = end(), "1000:" + "ab" * 32

    call_command("verify_audit", "--anchor", f"{right.position}:{right.mac}", stdout=StringIO())
    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("verify_audit", "--anchor", later, stderr=StringIO())
    with pytest.raises(CommandError, match="takes the position"):
        call_command("verify_audit", "--anchor", "1000")


def test_what_retention_has_removed_is_not_missed(client, bob, anchored):
    some_events(client)
    old = end()
    anchored.write_text(f"{old.position} {old.mac}\n")
    some_events(client)

    retention.retire_events(timezone.now() + timedelta(days=1))

    assert old.problem() == ""


def test_a_file_that_is_no_anchor_is_told(client, bob, anchored):
    some_events(client)
    anchored.write_text("what is this?")

    report = tasks.check(actor=restore.COMMAND_LINE)

    assert [str(each) for each in report.findings] == ["anchor: its file can't be read"]
    with pytest.raises(Unreadable):
        Anchor.of("-1 ab")
