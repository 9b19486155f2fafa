"""A machine's clock is wrong, or is set while its processes run (F12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

import pytest

from methods.kinds.authenticator import totp
from tests.faults.database.conftest import OPTIONS, begin_with, site_on
from tests.faults.database.monitoring import AT_WORK, await_ready, await_red, numbers
from tests.faults.invariants import DATABASE, Invariants
from tests.faults.sign_ins import HOME, SIGN_IN, USED, VERIFY, Browser, Person, people
from tests.servers.clocks import Clock
from tests.servers.postgres import Postgres
from tests.servers.processes import wait_until
from tests.servers.redis import Redis
from tests.servers.site import Site

SECONDS = {"+5m": 300, "+1h": 3600, "-1h": -3600, "+30d": 30 * 86_400}
EACH = pytest.mark.parametrize("shift", SECONDS)
BACK = "-1h"
PEOPLE = 40  # more than all tests need
PASS = "/sign-in/pass/"

# As if the browser had stood there for 31 minutes, and the session for 61.
AGE_FLOWS = """
from accounts.models import Session
from accounts.session_store import SessionStore
for row in Session.objects.filter(user=None):
    data = SessionStore().decode(row.data)
    for name, flow in data.items():
        if name.startswith("flow:"):
            flow["started"] -= 31 * 60
            flow["touched"] -= 31 * 60
    Session.objects.filter(pk=row.pk).update(data=SessionStore().encode(data))
"""
AGE_SESSIONS = (
    "UPDATE accounts_session SET created_at = created_at - interval '61 min', "
    "last_used_at = last_used_at - interval '61 min'"
)

TRUST = """
from securityinfo.policy.models import OrgPolicy
OrgPolicy.objects.update(trusted_browser_days=20)
"""
ISSUE = """
from accounts import passes
from accounts.models import User
from securityinfo.actor import COMMAND_LINE
for name in {names!r}:
    person = User.objects.get(username=name)
    print(passes.issue(person, actor=COMMAND_LINE, sets_password=False).text)
"""
AGE_PASS = (
    "UPDATE accounts_temporarypass SET expires_at = expires_at - interval '61 min' "
    "WHERE user_id = (SELECT id FROM accounts_user WHERE username = %s)"
)
AGE_TRUST = "UPDATE accounts_trustedbrowser SET created_at = created_at - interval '20 days 1 min'"


@dataclass
class Hosts:
    """Two web servers on one database; the clock of the other one is ours to set."""

    postgres: Postgres
    right: Site
    other: Site
    clock: Clock
    people: list[Person]

    def person(self) -> Person:
        """Somebody new, whom no earlier test has counted anything for."""
        return self.people.pop()

    def change(self, sql: LiteralString, *values: str) -> None:
        with self.postgres.connect(DATABASE) as connection:
            connection.execute(sql, values)

    def move(self, browser: Browser, site: Site) -> Browser:
        """What a load balancer does: the same browser, the other host."""
        browser.visitor.url = site.url
        return browser


@pytest.fixture(scope="module")
def hosts(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    server = Postgres(**OPTIONS)
    begin_with(server, migrated)
    with server:
        clock = Clock(tmp_path_factory.mktemp("clock"))
        right = site_on(server, tmp_path_factory.mktemp("right"))
        other = site_on(server, tmp_path_factory.mktemp("other"), **clock.environment)
        with right, other:
            right.run(AT_WORK + TRUST)
            right.start_web(WEB_CONCURRENCY="1")
            other.start_web(WEB_CONCURRENCY="1")
            yield Hosts(server, right, other, clock, people(right, PEOPLE))


@pytest.fixture(autouse=True)
def clock_is_right(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "hosts" in request.fixturenames:
        request.getfixturevalue("hosts").clock.set("+0")


def code_of(person: Person, shift: str) -> str:
    """What the app shows when it is that much later."""
    return person.code(steps=SECONDS[shift] // totp.PERIOD)


# --- The same verdicts everywhere -----------------------------------------------------------------


@EACH
def test_a_sign_in_goes_on_at_a_host_whose_clock_is_off(hosts, shift):
    """R130: the page, the code and the session that one host began are good at the other."""
    hosts.clock.set(shift)
    person, before = hosts.person(), Invariants(hosts.postgres, hosts.right)
    browser = Browser.of(person, hosts.right)

    assert browser.password()
    hosts.move(browser, hosts.other)
    assert not browser.code(code_of(person, shift))
    assert browser.visitor.status == USED
    assert browser.code(code := person.code())
    assert browser.is_signed_in()
    assert hosts.move(browser, hosts.right).is_signed_in()

    again = Browser.of(person, hosts.right)
    assert again.password()
    assert not again.code(code)  # R015
    before.hold()


@EACH
def test_a_limit_holds_at_every_host_and_for_as_long(hosts, shift):
    """R130: no window begins anew where the clock is off."""
    hosts.clock.set(shift)
    person = hosts.person()
    browser = Browser.of(person, hosts.right)
    assert browser.password()
    for site in (hosts.right, hosts.other, hosts.right, hosts.other, hosts.right):
        hosts.move(browser, site).code(wrong(person))

    statuses, waits = [], []
    for site in (hosts.right, hosts.other):
        hosts.move(browser, site).code(person.code())
        statuses.append(browser.visitor.status)
        waits.append(int(browser.visitor.retry_after or 0))

    assert statuses == [429, 429]
    assert abs(waits[0] - waits[1]) < 30
    assert 0 < min(waits) <= max(waits) <= 3600


def wrong(person: Person) -> str:
    """None of the codes around now."""
    near = {person.code(steps=steps) for steps in range(-3, 4)}
    return next(code for code in map(str, range(222_222, 222_230)) if code not in near)


# --- Alarms ---------------------------------------------------------------------------------------


def test_an_offset_is_alarmed_and_the_alarm_ends(hosts):
    """R130: by /readyz, by /metrics and by the doctor."""
    await_ready(hosts.other)
    hosts.clock.set("+2s")

    checks = await_red(hosts.other)
    metrics = numbers(hosts.other)
    doctor = hosts.other.fails("doctor")
    right = numbers(hosts.right)

    assert checks["clock"].startswith("the database is -2.")
    assert -2.5 < metrics["securityinfo_clock_offset_seconds"] < -1.5
    assert metrics['securityinfo_check_ok{check="clock"}'] == 0
    assert "run NTP on both machines" in doctor
    assert right['securityinfo_check_ok{check="clock"}'] == 1
    hosts.clock.set("+0")
    await_ready(hosts.other)


# --- Back -----------------------------------------------------------------------------------------


def test_a_clock_that_goes_back_revives_no_code(hosts):
    """R015, R130: neither one that was used nor one of that time; the present one is good."""
    person = hosts.person()
    browser = Browser.of(person, hosts.other)
    assert browser.password()
    assert browser.code(used := person.code())

    hosts.clock.set(BACK)
    later = Browser.of(person, hosts.other)
    assert later.password()
    verdicts = [later.code(used), later.code(code_of(person, BACK))]

    assert verdicts == [False, False]
    assert later.code(person.code(steps=1))


def test_a_clock_that_goes_back_revives_no_step(hosts):
    """R130: a sign-in that took too long begins again."""
    person = hosts.person()
    browser = Browser.of(person, hosts.other)
    assert browser.password()
    hosts.right.run(AGE_FLOWS)

    hosts.clock.set(BACK)
    page = browser.visitor.send(VERIFY, code=person.code())

    assert "This took too long, so we started over." in page
    assert browser.is_at(SIGN_IN)


def test_a_clock_that_goes_back_revives_no_session(hosts):
    """R130: an hour without use is over, and so is one that was ended."""
    person = hosts.person()
    idle, ended = Browser.of(person, hosts.other), Browser.of(person, hosts.other)
    assert idle.password()
    assert idle.code(person.code())
    assert ended.password()
    assert ended.code(person.code(steps=1))
    ended.post("/sign-out/")
    hosts.change(AGE_SESSIONS)

    hosts.clock.set(BACK)

    assert not idle.is_signed_in()
    assert not ended.is_signed_in()


def test_a_clock_that_goes_ahead_ends_nothing(hosts):
    """R130."""
    person = hosts.person()
    browser, under_way = Browser.of(person, hosts.other), Browser.of(person, hosts.other)
    assert browser.password()
    assert browser.code(person.code())
    assert under_way.password()

    hosts.clock.set("+30d")

    assert browser.is_signed_in()
    assert under_way.code(person.code(steps=1))


# --- Passes and trusted browsers ------------------------------------------------------------------


@EACH
def test_a_pass_lives_as_long_at_every_host(hosts, shift):
    """R130: sixty minutes are sixty minutes, and what is over stays over."""
    hosts.clock.set(shift)
    good, late = hosts.person(), hosts.person()
    texts = hosts.right.run(ISSUE.format(names=[good.name, late.name])).split()
    hosts.change(AGE_PASS, late.name)

    opened = []
    for person, text in zip((good, late), texts, strict=True):
        browser = Browser.of(person, hosts.other)
        assert browser.password()
        browser.post(PASS, code=text)
        opened.append(browser.is_at("/keep-secure/"))

    assert opened == [True, False]


@EACH
def test_a_trusted_browser_is_trusted_as_long_at_every_host(hosts, shift):
    """R130: after the twenty days of the policy, and not before."""
    hosts.clock.set(shift)
    person = hosts.person()
    browser = Browser.of(person, hosts.right)
    assert browser.password()
    browser.post(VERIFY, code=person.code(), trust="on")
    assert browser.is_at(HOME)
    hosts.move(browser, hosts.other)

    browser.post("/sign-out/")
    is_asked_early = browser.password()
    hosts.change(AGE_TRUST)
    browser.post("/sign-out/")
    is_asked_late = browser.password()

    assert (is_asked_early, is_asked_late) == (False, True)


# --- Workers --------------------------------------------------------------------------------------


def test_the_scheduler_and_its_workers_need_not_agree_on_the_time(site, tmp_path):
    """R130: five minutes apart, and then the scheduler's clock goes back by an hour."""
    clock, ahead = Clock(tmp_path, "+0"), Clock(tmp_path / "ahead", "+5m")
    with Redis() as redis:
        site.environment["REDIS_URL"] = redis.url
        worker = site.start_worker(**ahead.environment)
        scheduler = site.start_scheduler(**clock.environment)

        wait_until(lambda: done(worker.said), 30, "for a sweep")
        clock.set(BACK)
        seen = done(worker.said)
        wait_until(lambda: done(worker.said) >= seen + 2, 30, "for sweeps after that")

        assert scheduler.is_running
        assert "Traceback" not in worker.said + scheduler.said


def done(log: str) -> int:
    return sum("messaging.sweep[" in line and "succeeded" in line for line in log.splitlines())
