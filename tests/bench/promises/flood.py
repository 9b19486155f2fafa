"""L5: guessing at many accounts from fifty addresses, while their owners sign in."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.bench.promises import visits
from tests.bench.promises.ground import Ground
from tests.bench.promises.sign_ins import SignIn, sign_in
from tests.bench.promises.table import Outcome
from tests.bench.promises.visits import Answer, Browser

RATE, SECONDS = 500, 60
ADDRESSES = OWNERS = 50
TOO_MANY, SENT_AWAY = 429, 503
WRONG = 422
ERROR = " ERROR "


async def guessing(ground: Ground) -> Outcome:
    """L5: each owner is attacked all the time, and signs in once, in a browser that is known."""
    owners = ground.apps[-OWNERS:]

    async def guess(number: int, due: float) -> Answer:
        browser = Browser(ground.site.port, f"198.51.100.{number % ADDRESSES}")
        # Every address comes to every account.
        owner = owners[(number + number // ADDRESSES) % OWNERS]
        form = {"name": owner.name, "password": f"guess {number}", "next": ""}
        return await browser.post("/sign-in/", form, due=due)

    async def owner(number: int, due: float) -> SignIn:
        return await sign_in(ground, owners[number], 60_000 + number, due)

    errors = ground.web.said.count(ERROR)
    guesses, signed_in = await asyncio.gather(
        visits.at_rate(RATE, SECONDS, guess), visits.at_rate(OWNERS / SECONDS, SECONDS, owner)
    )
    answered = Counter(each.status for each in guesses)
    away = answered[SENT_AWAY]
    refused = (answered[TOO_MANY] + away) / len(guesses)
    strange = sum(answered.values()) - answered[TOO_MANY] - answered[WRONG] - away
    strange += ground.web.said.count(ERROR) - errors  # 503 may also mean that something broke
    wrong = [each.wrong for each in signed_in if each.wrong]
    slow = visits.percentile([each.seconds for each in signed_in], 95)
    return Outcome(
        "L5",
        f"{RATE} bad sign-ins/s from {ADDRESSES} addresses at {OWNERS} accounts for {SECONDS} s",
        "an owner's whole sign-in p95 under 3 s, 95 % or more refused before hashing",
        f"owners p95 {slow:.2f} s, {len(wrong)} kept out of {len(signed_in)}"
        f"{f' (first: {wrong[0]})' if wrong else ''}; {refused:.1%} refused ({away} "
        f"because of the crowd), {answered[WRONG]} hashed, {strange} without a proper answer",
        slow < 3 and not wrong and refused >= 0.95 and not strange,
    )
