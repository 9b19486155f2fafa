"""L6: a crowd that tries one code, and a crowd of people with a code each."""

from __future__ import annotations

import asyncio
import re

from tests.bench.promises import visits
from tests.bench.promises.ground import Ground, Person, address, enter_password
from tests.bench.promises.table import NotTried, Outcome, milliseconds
from tests.bench.promises.visits import Answer, Browser

CROWD = 200
VERIFY = "/sign-in/verify/"
RATE = 20  # sign-ins a second, to get there
SETTLE = 15  # seconds in which the last texts may come
COMPARED = """
SELECT count(*) FROM audit_event WHERE tag = 'challenge.answered' AND subject = ANY(%s::uuid[])
"""
TRIED = """
SELECT coalesce(max(tries - max_tries), 0) FROM methods_challenge
JOIN accounts_user ON accounts_user.id = user_id WHERE public_id = ANY(%s::uuid[])
"""
DEADLOCKS = "SELECT sum(deadlocks)::bigint FROM pg_stat_database"
MOST = 5  # comparisons of one code


async def one_code(ground: Ground) -> Outcome:
    """L6: wrong codes for one challenge, from everywhere, in one moment."""
    person = ground.texts[-1]
    browser, code = (await _asked(ground, [person]))[0]
    wrong = _other_than(code)

    async def attempt(number: int, due: float) -> Answer:
        return await browser.twin(address(number)).post(VERIFY, {"code": wrong}, due=due)

    return await _crowd(ground, "one code", [person], attempt, most=MOST, expected={422, 429})


async def many_codes(ground: Ground) -> Outcome:
    """L6: one wrong code for each of as many challenges, in one moment; then the right ones."""
    people = ground.texts[-CROWD - 1 : -1]
    asked = await _asked(ground, people)

    async def attempt(number: int, due: float) -> Answer:
        browser, code = asked[number]
        return await browser.post(VERIFY, {"code": _other_than(code)}, due=due)

    async def answer(number: int, due: float) -> Answer:
        browser, code = asked[number]
        return await browser.post(VERIFY, {"code": code}, due=due)

    found = await _crowd(ground, f"{CROWD} codes", people, attempt, most=CROWD, expected={422})
    right = await visits.at_once(CROWD, answer)
    came_in = sum(each.status == 302 for each in right)
    slow = milliseconds(visits.percentile([each.seconds for each in right], 95))
    return Outcome(
        found.name,
        found.load,
        found.promise,
        f"{found.seen}; then {came_in} right ones, p95 {slow}",
        found.kept and came_in == CROWD,
    )


async def _crowd(
    ground: Ground,
    what: str,
    people: list[Person],
    attempt: visits.Visit[Answer],
    *,
    most: int,
    expected: set[int],
) -> Outcome:
    ids = [each.public_id for each in people]
    compared, deadlocks = ground.number(COMPARED, ids), ground.number(DEADLOCKS)
    answers = await visits.at_once(CROWD, attempt)
    compared = ground.number(COMPARED, ids) - compared
    deadlocks = ground.number(DEADLOCKS) - deadlocks
    beyond = ground.number(TRIED, ids)
    slow = visits.percentile([each.seconds for each in answers], 95)
    strange = sorted({each.status for each in answers} - expected)
    return Outcome(
        "L6",
        f"{CROWD} parallel tries on {what}",
        f"{most} compared or fewer, no deadlock, p95 under 2 s",
        f"{compared} compared, {deadlocks} deadlocks, p95 {milliseconds(slow)}"
        f"{f', and {strange}' if strange else ''}",
        compared <= most and beyond <= 0 and not deadlocks and slow < 2 and not strange,
    )


async def _asked(ground: Ground, people: list[Person]) -> list[tuple[Browser, str]]:
    """Each after the password, with the code that the phone got."""
    ground.receivers.taken()

    async def visit(number: int, due: float) -> Browser:
        browser = ground.browser(number, people[number])
        await enter_password(browser, people[number], due=due)
        return browser

    browsers = await visits.at_rate(RATE, len(people) / RATE, visit)
    codes: dict[str, str] = {}
    for _second in range(SETTLE):
        texts, _mails = ground.receivers.taken()
        codes |= {text["to"]: re.findall(r"\b\d{6}\b", text["text"])[0] for text in texts}
        if len(codes) == len(people):
            break
        await asyncio.sleep(1)
    else:
        raise NotTried(f"{len(codes)} of {len(people)} texts came")
    return [
        (browser, codes[person.secret]) for browser, person in zip(browsers, people, strict=True)
    ]


def _other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"
