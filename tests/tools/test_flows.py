"""Flows in the session: every state with every move, their two ends, and clocks that go back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import ClassVar

import pytest
import time_machine

from securityinfo.flows import (
    IDLE_SECONDS,
    TOTAL_SECONDS,
    FlowExpired,
    IllegalMove,
    SessionFlow,
)

BEGINNING = 1_800_000_000


class Step(StrEnum):
    ASKED = "asked"
    SENT = "sent"
    DONE = "done"


@dataclass
class Errand(SessionFlow):
    KEY: ClassVar[str] = "errand"
    START: ClassVar[StrEnum] = Step.ASKED
    MOVES: ClassVar = {
        Step.ASKED: frozenset({Step.SENT}),
        Step.SENT: frozenset({Step.SENT, Step.DONE}),
    }

    parcel: str = ""


@pytest.fixture
def time():
    with time_machine.travel(BEGINNING, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize(("here", "there"), list(product(Step, Step)))
def test_only_moves_of_the_table_are_possible(here, there):
    flow = Errand(state=here)
    allowed = there in Errand.MOVES.get(here, frozenset())

    if allowed:
        flow.move(there)
    else:
        with pytest.raises(IllegalMove):
            flow.move(there)

    assert flow.state == (there if allowed else here)


def test_a_flow_begins_in_its_first_state_and_survives_the_session(time):
    session = {}
    Errand(parcel="books").save(session)

    flow = Errand.load(session)

    assert (flow.state, flow.parcel, flow.started) == (Step.ASKED, "books", BEGINNING)


def test_two_flows_with_different_suffixes_do_not_meet():
    session = {}
    Errand(parcel="books").save(session, "one")

    assert Errand.load(session, "two") is None
    assert Errand.load(session, "one").parcel == "books"


def test_a_forgotten_flow_is_gone():
    session = {}
    Errand().save(session)

    Errand.forget(session)

    assert Errand.load(session) is None
    assert session == {}


@pytest.mark.parametrize(("seconds", "alive"), [(IDLE_SECONDS - 1, True), (IDLE_SECONDS, False)])
def test_an_idle_flow_ends(time, seconds, alive):
    flow = Errand()

    time.move_to(BEGINNING + seconds)

    assert flow.is_over() is not alive


def test_a_step_begins_the_idle_time_again(time):
    flow = Errand()
    time.move_to(BEGINNING + IDLE_SECONDS - 1)

    flow.move(Step.SENT)

    assert flow.ends_at() == BEGINNING + 2 * IDLE_SECONDS - 1


def test_no_step_takes_a_flow_beyond_its_total_time(time):
    flow = Errand(state=Step.SENT)
    for moment in range(0, TOTAL_SECONDS, IDLE_SECONDS // 2):
        time.move_to(BEGINNING + moment)
        flow.move(Step.SENT)

    time.move_to(BEGINNING + TOTAL_SECONDS)

    assert flow.is_over()


def test_an_expired_flow_says_so_once_and_is_gone(time):
    session = {}
    Errand().save(session)
    time.move_to(BEGINNING + IDLE_SECONDS)

    with pytest.raises(FlowExpired):
        Errand.load(session)

    assert Errand.load(session) is None


@pytest.mark.parametrize("back", [2, 3600])
def test_a_clock_that_goes_back_before_the_start_ends_a_flow(time, back):
    flow = Errand()

    time.move_to(BEGINNING - back)

    assert flow.is_over()


def test_a_clock_that_goes_back_after_a_step_ends_a_flow_rather_than_prolonging_it(time):
    flow = Errand()
    time.move_to(BEGINNING + 300)
    flow.move(Step.SENT)

    time.move_to(BEGINNING + 60)

    assert flow.is_over()


@pytest.mark.parametrize(
    "stored",
    [{"state": "asked", "colour": "red"}, {"state": "a state of yesterday"}, "text", ["list"]],
)
def test_a_flow_of_another_release_is_no_flow(stored):
    session = {Errand.key(): stored}

    assert Errand.load(session) is None
    assert session == {}
