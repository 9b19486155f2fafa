"""L5 in small: strangers guess faster than passwords can be compared, and an owner comes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pyotp

from tests.bench.promises import visits
from tests.bench.promises.visits import Answer, Browser
from tests.faults.whole import residents
from tests.faults.whole.residents import Resident
from tests.servers.processes import wait_until

STRANGERS = 400
COMPARED, SENT_AWAY = 422, 503
SAID = "connections wait: passwords of strangers are not tried."


def test_who_has_signed_in_before_gets_in_while_strangers_guess(there):
    keys = residents.settle(there, 1, "authenticator")
    web = there.site.start_web()
    owner = Resident.of(there, 0)
    owner.enter_password()
    owner.answer(pyotp.TOTP(keys[residents.name_of(0)]).now())
    assert owner.is_in
    owner.browser.post("/sign-out/")

    async def guess(number: int, due: float) -> Answer:
        stranger = Browser(there.site.port, f"203.0.{number // 250}.{number % 250}")
        form = {"name": f"somebody{number}", "password": "a guess", "next": ""}
        return await stranger.post("/sign-in/", form, due=due)

    with ThreadPoolExecutor() as flood:
        guesses = flood.submit(asyncio.run, visits.at_once(STRANGERS, guess))
        wait_until(lambda: SAID in web.said, what="for the flood")
        owner.enter_password()
        answers = guesses.result()

    assert owner.browser.at.endswith("/sign-in/verify/")
    assert {each.status for each in answers} == {COMPARED, SENT_AWAY}
    assert " ERROR " not in web.said
    assert web.said.count(SAID) <= 2  # once a minute by each process
