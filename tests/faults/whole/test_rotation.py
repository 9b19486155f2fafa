"""F17, R116: people sign in all the while a new key takes over; and what a wrong key can't do."""

from __future__ import annotations

import itertools
import queue
import re
import threading
from collections import Counter

import pyotp
import pytest

from tests.faults.whole import residents
from tests.faults.whole.residents import Resident, name_of
from tests.servers import processes
from tests.servers.balancer import Balanced, Balancer
from tests.servers.installation import installed
from tests.servers.processes import wait_until

PEOPLE = 900  # a busy machine takes long to restart everything, and nobody signs in twice
BY_TEXT = 6  # every so manieth takes the text
AT_ONCE = 2
NEW = "t2:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
KEYS = "SECURITYINFO_ENCRYPTION_KEYS"


class Crowd:
    """People who sign in one after the other, AT_ONCE of them, each with password and code."""

    def __init__(self, there, balancer, keys) -> None:
        self.there, self.balancer, self.keys = there, balancer, keys
        self.phase = ""
        self.signed_in: Counter[str] = Counter()
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._numbers: queue.Queue[int] = queue.Queue()
        for number in itertools.islice(itertools.count(1), PEOPLE - 1):
            self._numbers.put(number)
        self._threads = [threading.Thread(target=self._work) for _ in range(AT_ONCE)]

    def __enter__(self):
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for each in self._threads:
            each.join(120)

    def during(self, phase: str) -> None:
        """What comes now has this name; the one before has seen people come in."""
        before, self.phase = self.phase, phase
        if before:
            self.wait_for(before, 1)

    def wait_for(self, phase: str, number: int) -> None:
        wait_until(lambda: self.signed_in[phase] >= number or self.failed, 60, f"in {phase}")

    def _work(self) -> None:
        while not self._stop.is_set() and not self.failed:
            number, phase = self._numbers.get(timeout=5), self.phase
            try:
                why = self._sign_in(number)
            except Exception as error:  # noqa: BLE001 - whatever it was, somebody was kept out
                why = repr(error)
            if why:
                self.failed.append(f"{name_of(number)} in {phase}: {why}")
            else:
                self.signed_in[phase] += 1

    def _sign_in(self, number: int) -> str:
        """What the last page says, if that isn't the person's own; empty if it is."""
        browser = Balanced(self.balancer, address=f"198.51.{number // 250}.{number % 250 + 1}")
        who = Resident(self.there, number, browser)
        who.enter_password()
        if number % BY_TEXT:
            page = who.answer(pyotp.TOTP(self.keys[name_of(number)]).now())
        else:
            who.choose("Text a code")
            page = who.answer(who.texted())
        said = f"{browser.status} {browser.at} {' '.join(re.findall('>([^<>]+)<', page))}"
        return "" if who.is_in else said


class Processes:
    """Two web servers behind a balancer, and a worker: restarted one after the other."""

    def __init__(self, there, balancer) -> None:
        self.site, self.balancer = there.site, balancer
        self.web = dict.fromkeys((there.site.port, processes.free_port()))
        self.worker = None
        self.site.start_scheduler()

    def restart(self, keys: str) -> None:
        self.site.environment[KEYS] = keys
        for port, old in self.web.items():
            url = f"http://127.0.0.1:{port}"
            if old:
                self.balancer.drain(url)
                old.stop()
            self.web[port] = self.site.start_web(port=port)
            self.balancer.add(url)
        if self.worker:
            self.worker.stop()
        self.worker = self.site.start_worker()


def damage_method_of_first(there) -> None:
    """Its app's key is another row's: nothing opens it any more."""
    kind = "kind = 'authenticator' AND user_id = (SELECT id FROM accounts_user WHERE username ="
    damaged = there.rows(
        "UPDATE methods_registration SET details = (SELECT details FROM methods_registration "
        f"WHERE {kind} '{name_of(1)}')) WHERE {kind} '{name_of(0)}') RETURNING id"
    )
    assert len(damaged) == 1


@pytest.fixture
def there(tmp_path):
    with installed(tmp_path, WEB_CONCURRENCY="1") as installation:
        yield installation


def test_nobody_s_sign_in_fails_while_a_new_key_takes_over(there):
    """Behind, in front, rotated with a kill half-way, the old one dropped; one row is damaged."""
    site, old = there.site, there.site.environment[KEYS]
    keys = residents.settle(there, PEOPLE, "authenticator", "sms")
    damage_method_of_first(there)
    balancer = Balancer()
    running = Processes(there, balancer)
    running.restart(old)

    with Crowd(there, balancer, keys) as crowd:
        crowd.during("the old key")
        crowd.wait_for("the old key", 2)
        crowd.during("the new key behind")
        running.restart(f"{old} {NEW}")
        crowd.during("the new key in front")
        running.restart(f"{NEW} {old}")
        crowd.during("rotation")
        killed = site.start_command("keys", "rotate", "--pause", "20")
        wait_until(lambda: "…" in killed.said, 60, "for the first batch")
        killed.kill()
        half_way = site.fails("keys", "check")
        told = site.fails("keys", "rotate", "--pause", "0.01")
        crowd.during("the old key dropped")
        running.restart(NEW)
        crowd.during("afterwards")
        crowd.wait_for("afterwards", 3)
        crowd.during("")

    assert crowd.failed == []
    assert half_way.count("methods_registration.details of row") == 1
    assert told.count("methods_registration.details of row") == 1
    assert there.count("methods_registration WHERE details::text LIKE '%.k1.%'") == 1
    unlucky = Resident(there, 0, Balanced(balancer, address="203.0.113.1"))
    unlucky.enter_password()
    unlucky.answer(unlucky.texted())
    assert unlucky.is_in


@pytest.mark.parametrize(
    "keys",
    ["k1:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=", NEW],
    ids=["another key under that id", "none of the keys"],
)
def test_a_process_with_wrong_keys_refuses_to_start(there, keys):
    there.site.run("from securityinfo.operations import key_proofs; key_proofs.leave()")
    there.site.environment[KEYS] = keys

    web = there.site.refuses_to_start("gunicorn")
    worker = there.site.refuses_to_start("celery", "-A", "securityinfo.celery", "worker")

    for said in (web, worker):
        assert "has other keys than the database was sealed with (k1)" in said
        assert keys.partition(":")[2] not in said
