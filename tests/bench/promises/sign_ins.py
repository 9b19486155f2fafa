"""L1 and L2: signing in, all the time and all at once; every password is really compared."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field

import pyotp

from tests.bench.memory import pss_of
from tests.bench.promises import visits
from tests.bench.promises.ground import Ground, Person, enter_password
from tests.bench.promises.table import Outcome, milliseconds
from tests.bench.promises.visits import Answer
from tests.servers.processes import session_members

RATE = 10  # sign-ins a second
MINUTES = float(os.environ.get("BENCH_MINUTES", "2"))
WARM_UP = 0.25  # of the time: by then each worker has done everything once
STRANGE = 10  # every tenth comes with a new browser, which is told to its person
CROWD = 200
ALL_WITHIN = 12.0  # seconds
BUSY = 503


@dataclass
class SignIn:
    """What each step of it took."""

    steps: dict[str, float] = field(default_factory=dict)
    wrong: str = ""  # the answer that was not the expected one

    def note(self, step: str, answer: Answer, expected: bool) -> bool:
        self.steps[step] = answer.seconds
        if not expected:
            self.wrong = f"{step}: {answer.status} {answer.to}"
        return expected

    @property
    def seconds(self) -> float:
        return sum(self.steps.values())


async def sign_in(
    ground: Ground, person: Person, number: int, due: float, *, known: bool = True
) -> SignIn:
    """Password, page, code of the app, and the page where it leads."""
    browser = ground.browser(number, person if known else None)
    done = SignIn()
    password = await enter_password(browser, person, due=due)
    if not done.note("password", password, password.to == "/sign-in/verify/"):
        return done
    page = await browser.get("/sign-in/verify/")
    if not done.note("its page", page, page.status == 200):
        return done
    answer = await browser.post("/sign-in/verify/", {"code": pyotp.TOTP(person.secret).now()})
    if not done.note("code", answer, answer.status == 302 and not _is_sign_in(answer.to)):
        return done
    home = await browser.get(answer.to)
    done.note("first page", home, home.status == 200)
    return done


def _is_sign_in(address: str) -> bool:
    return address.startswith("/sign-in/")


async def steady(ground: Ground) -> Outcome:
    """L1."""
    persons = itertools.cycle(ground.apps)
    used: list[float] = []

    async def visit(number: int, due: float) -> SignIn:
        if number == int(RATE * MINUTES * 60 * WARM_UP):
            used.append(_memory(ground))
        known = number % STRANGE != 0
        return await sign_in(ground, next(persons), number, due, known=known)

    done = await visits.at_rate(RATE, MINUTES * 60, visit)
    used.append(_memory(ground))
    growth = used[-1] / used[0] - 1
    slowest = _percentiles(done, 95)
    wrong = [each.wrong for each in done if each.wrong]
    kept = max(slowest.values()) < 0.6 and not wrong and growth <= 0.1
    steps = ", ".join(f"{step} {milliseconds(value)}" for step, value in slowest.items())
    return Outcome(
        "L1",
        f"{RATE} two-step sign-ins/s for {MINUTES:g} min",
        "p95 under 600 ms a step, no error, memory flat within 10 %",
        f"p95 {steps}; {len(wrong)} errors of {len(done)}{_first(wrong)}; "
        f"memory {used[0]:.0f} → {used[-1]:.0f} MB ({growth:+.1%})",
        kept,
    )


async def at_once(ground: Ground) -> Outcome:
    """L2."""

    async def visit(number: int, due: float) -> Answer:
        person = ground.apps[number]
        return await enter_password(ground.browser(number, person), person, due=due)

    answers = await visits.at_once(CROWD, visit)
    last = max(each.seconds for each in answers)
    right = sum(each.to == "/sign-in/verify/" for each in answers)
    shed = sum(each.status == BUSY for each in answers)
    return Outcome(
        "L2",
        f"{CROWD} sign-in posts at one instant",
        f"all answered in {ALL_WITHIN:g} s, 503 only as shed",
        f"{right} went on, {shed} shed, {CROWD - right - shed} otherwise; last after {last:.1f} s",
        last <= ALL_WITHIN and right + shed == CROWD,
    )


def _percentiles(done: list[SignIn], part: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {}
    for each in done:
        for step, seconds in each.steps.items():
            taken.setdefault(step, []).append(seconds)
    return {step: visits.percentile(values, part) for step, values in taken.items()}


def _first(wrong: list[str]) -> str:
    return f" (first: {wrong[0]})" if wrong else ""


def _memory(ground: Ground) -> float:
    """Of the web server with its workers, in MB."""
    return pss_of(session_members(ground.web.pid))
