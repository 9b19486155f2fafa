"""Setting up a method: every move in every state, and none by looking."""

from __future__ import annotations

import pytest
from django.db.models.functions import Now

from accounts.models import Session
from methods.models import Challenge, Registration
from methods.setup import SetUp, State
from securityinfo.audit.models import Event
from securityinfo.flows import IllegalMove
from securityinfo.messaging.models import Message
from securityinfo.policy.models import MethodRule
from securityinfo.throttling.models import Counter
from tests import kinds
from tests.flows.steps import (
    ACTIVITY,
    ADD,
    BAKER,
    BOB,
    DEFAULT,
    LIST,
    RESEND,
    START,
    STATUS,
    VERIFY,
    change_of,
    delete_of,
    newest,
    right,
    wrong,
)

pytestmark = pytest.mark.django_db


# --- States and moves -----------------------------------------------------------------------------


@pytest.mark.parametrize("start", State)
@pytest.mark.parametrize("end", State)
def test_a_flow_makes_the_moves_of_its_table_only(start, end):
    flow = SetUp(state=start)
    allowed = {
        (State.ENTERING, State.PROVING),
        (State.ENTERING, State.DONE),  # where nothing has to be proved
        (State.PROVING, State.PROVING),
        (State.PROVING, State.DONE),
    }

    if (start, end) in allowed:
        flow.move(end)
        assert flow.state == end
    else:
        with pytest.raises(IllegalMove):
            flow.move(end)


def entering(browser) -> None:
    pass


def proving(browser) -> None:
    browser.post(START, BOB)
    kinds.pass_time(seconds=31)


def exhausted(browser) -> None:
    proving(browser)
    Challenge.objects.update(tries=4)
    browser.post(VERIFY, wrong())


def code_expired(browser) -> None:
    proving(browser)
    Challenge.objects.update(expires_at=Now())


def done(browser) -> None:
    proving(browser)
    browser.post(VERIFY, right())


STATES = {
    "entering": entering,
    "proving": proving,
    "exhausted": exhausted,
    "code expired": code_expired,
    "done": done,
}
MOVES = {
    "open start": lambda browser: browser.get(START),
    "send start": lambda browser: browser.post(START, BAKER),
    "cancel": lambda browser: browser.post(START, {"cancel": "cancel"}),
    "open verify": lambda browser: browser.get(VERIFY),
    "right code": lambda browser: browser.post(VERIFY, right() if newest() else {"code": "123456"}),
    "wrong code": lambda browser: browser.post(VERIFY, wrong() if newest() else {"code": "123456"}),
    "resend": lambda browser: browser.post(RESEND),
    "status": lambda browser: browser.get(STATUS),
}
# What follows: an answer, or where it leads; then how many methods count afterwards.
TABLE = {
    ("entering", "open start"): (200, 0),
    ("entering", "send start"): (VERIFY, 0),
    ("entering", "cancel"): (LIST, 0),
    ("entering", "open verify"): (START, 0),
    ("entering", "right code"): (START, 0),
    ("entering", "wrong code"): (START, 0),
    ("entering", "resend"): (START, 0),
    ("entering", "status"): (404, 0),
    ("proving", "open start"): (200, 0),
    ("proving", "send start"): (VERIFY, 0),
    ("proving", "cancel"): (LIST, 0),
    ("proving", "open verify"): (200, 0),
    ("proving", "right code"): (LIST, 1),
    ("proving", "wrong code"): (422, 0),
    ("proving", "resend"): (VERIFY, 0),
    ("proving", "status"): (200, 0),
    ("exhausted", "open start"): (200, 0),
    ("exhausted", "send start"): (VERIFY, 0),
    ("exhausted", "cancel"): (LIST, 0),
    ("exhausted", "open verify"): (200, 0),
    ("exhausted", "right code"): (422, 0),
    ("exhausted", "wrong code"): (422, 0),
    ("exhausted", "resend"): (VERIFY, 0),
    ("exhausted", "status"): (200, 0),
    ("code expired", "open start"): (200, 0),
    ("code expired", "send start"): (VERIFY, 0),
    ("code expired", "cancel"): (LIST, 0),
    ("code expired", "open verify"): (200, 0),
    ("code expired", "right code"): (422, 0),
    ("code expired", "wrong code"): (422, 0),
    ("code expired", "resend"): (VERIFY, 0),
    ("code expired", "status"): (200, 0),
    ("done", "open start"): (200, 1),
    ("done", "send start"): (VERIFY, 1),
    ("done", "cancel"): (LIST, 1),
    ("done", "open verify"): (LIST, 1),
    ("done", "right code"): (LIST, 1),
    ("done", "wrong code"): (LIST, 1),
    ("done", "resend"): (START, 1),
    ("done", "status"): (200, 1),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_in_every_state(browser, bob, state, move):
    STATES[state](browser)
    follows, methods = TABLE[state, move]

    response = MOVES[move](browser)

    assert (response.get("Location") or response.status_code) == follows
    assert Registration.objects.of(bob).confirmed().count() == methods


# --- Nothing by looking ---------------------------------------------------------------------------


def stored() -> dict:
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Registration, Challenge, Event, Message, Counter, MethodRule)
    } | {"sessions": list(Session.objects.order_by("pk").values("digest", "data", "user"))}


@pytest.mark.parametrize("state", [entering, proving, exhausted, done])
def test_looking_changes_nothing(browser, bob, state):
    """R120: every page twice, by GET and by HEAD; the database is equal."""
    registration = kinds.register(bob, form=BAKER)
    state(browser)
    browser.get(LIST)  # what there is to say after a change is said once
    pages = [LIST, ADD, START, STATUS, DEFAULT, ACTIVITY, "/security-info/show-in-full/"]
    pages += [delete_of(registration), *change_of(registration)]
    if state is not done:
        pages.append(VERIFY)
    before = stored()

    for page in pages * 2:
        assert browser.get(page).status_code in (200, 302, 404)
        assert browser.head(page).status_code in (200, 302, 404)

    assert stored() == before
