"""Nothing secret is left behind by a text and a call: searched in all that the processes write.

The web server logs in lines, worker and scheduler in JSON.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import pytest

from tests.servers.mail import MailServer
from tests.servers.postgres import Postgres
from tests.servers.processes import wait_until
from tests.servers.redis import Redis
from tests.servers.site import Site
from tests.servers.twilio import ACCOUNT, TwilioServer
from tests.servers.visitor import Visitor

pytestmark = pytest.mark.slow

MONITORING = "canary-of-monitoring-5b8e-4d1a-9c77"
PASSWORD = "canary battery staple 9f31"
WORK_ADDRESS = "canary-4c20@example.org"
ADDRESS = "canary-7e55@private.example"
MOBILE, OFFICE, EXTENSION = "612345678", "201234567", "4711815"
SPELLINGS = (MOBILE, "6 12345678", "6 12 34 56 78", OFFICE, "20 123 4567", EXTENSION)
ACCESS_LOG = "--access-logfile -"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEXT = re.compile(r"\?next=(%2F|/|[a-z-])+$")  # a page of ours
REQUEST = re.compile(r'"(?:GET|POST) (\S+) HTTP/1\.1" \d+ \d+ "([^"]*)"')
LONG = 120  # seconds; only a machine that is very busy needs so many

PREPARE = f"""
from accounts.models import User
from tests import kinds
for kind in ("email", "sms", "call"):
    kinds.allow(kind)
bob = User(username="bob", full_name="Bob Baker", work_address={WORK_ADDRESS!r})
bob.set_password({PASSWORD!r})
bob.save()
"""
LATER = """
from datetime import timedelta
from django.db.models import F
from methods.models import Challenge
Challenge.objects.update(issued_at=F("issued_at") - timedelta(hours=1))
"""
SESSIONS = """
from accounts.models import Session
from accounts.session_store import SessionStore
print([SessionStore().decode(session.data) for session in Session.objects.all()])
"""


@dataclass(frozen=True)
class Traces:
    """What the journey has left behind, place by place."""

    site: Site
    logs: str
    worker: list[dict[str, str]]  # its log, line by line
    told_operators: str  # /metrics, /readyz, the doctor, the configuration
    broker: str
    database: str
    asked_at_provider: list[str]
    asked_by_provider: list[str]
    messages: set[str]
    codes: list[str]


class Journey:
    """Bob adds an address, a mobile and an office phone, confirms, and signs in with them."""

    def __init__(self, site: Site, twilio: TwilioServer, mail: MailServer) -> None:
        self.site, self.twilio, self.mail = site, twilio, mail
        self.browser = Visitor(site.url)
        self.codes: list[str] = []

    def go(self) -> None:
        self.browser.post("/sign-in/", name="bob", password=PASSWORD)
        self.add_address()
        self.add_mobile()
        self.confirm("/security-info/add/call/")
        self.add_office()
        self.sign_in_again()
        page = self.browser.get("/security-info/")
        assert page.count("Phone call") >= 1, page
        assert page.count("Text message") >= 1, page

    def confirm(self, page: str) -> None:
        """By a text: a mailbox alone is too weak for a phone."""
        self.site.run(LATER)
        query = f"?next={quote(page, safe='')}"
        (way,) = ways_on(self.browser.get(f"/confirm/another-way/{query}"))
        self.browser.post(f"/confirm/another-way/{query}", way=way)
        wait_until(lambda: len(self.code_texts()) > 1, LONG, "for the text")
        self.codes.append(code_in(self.code_texts()[1]))
        self.browser.post(f"/confirm/{query}", code=self.codes[-1])

    def sign_in_again(self) -> None:
        self.site.run(LATER)
        self.browser.post("/sign-out/")
        self.browser.post("/sign-in/", name="bob", password=PASSWORD)
        wait_until(lambda: len(self.code_mails()) > 1, LONG, "for the mail")
        self.codes.append(code_in(self.code_mails()[1]))
        self.browser.post("/sign-in/verify/", code=self.codes[-1])

    def code_texts(self) -> list[str]:
        bodies = [each.fields["Body"] for each in self.twilio.texts]
        return [each for each in bodies if " code to " in each]

    def code_mails(self) -> list[str]:
        """What the mails with a code say, the oldest first."""
        mails = [each for each in self.mail.to(ADDRESS) if "verification code" in each["Subject"]]
        return [each.get_body(("plain",)).get_content() for each in mails]

    def add_address(self) -> None:
        """It is demanded of him before he is signed in."""
        self.browser.post("/keep-secure/email/", address=ADDRESS)
        wait_until(self.code_mails, LONG, "for the mail")
        self.prove("/keep-secure/email/", code_in(self.code_mails()[0]))
        self.browser.post("/keep-secure/summary/")

    def add_mobile(self) -> None:
        self.browser.post("/security-info/add/sms/", country="NL", number=f"0{MOBILE}")
        wait_until(lambda: self.twilio.texts, LONG, "for the text")
        (text,) = self.twilio.texts
        for status in ("sent", "delivered"):
            assert self.twilio.report(text, status).status == 204
        self.browser.get("/security-info/add/sms/verify/status/")
        code = code_in(text.fields["Body"])
        self.prove("/security-info/add/sms/", f"{(int(code) + 1) % 1_000_000:06}")
        self.prove("/security-info/add/sms/", code)

    def prove(self, path: str, code: str) -> None:
        self.codes.append(code)
        self.browser.post(f"{path}verify/", code=code)

    def add_office(self) -> None:
        page = self.browser.post(
            "/security-info/add/call/",
            type="office",
            country="NL",
            number=f"0{OFFICE}",
            extension=EXTENSION,
        )
        wait_until(lambda: self.twilio.calls, LONG, "for the call")
        (call,) = self.twilio.calls
        assert self.twilio.report(call, "ringing").status == 204
        assert self.twilio.answer(call).status == 200
        document = call.document
        assert self.twilio.press(call, number_on(page)).status == 200
        call.document = document
        assert self.twilio.press(call, number_on(page)).status == 410
        assert self.twilio.report(call, "completed").status == 204
        self.browser.post("/security-info/add/call/verify/")


def code_in(words: str) -> str:
    return re.search(r"\b\d{6}\b", words)[0]


def ways_on(page: str) -> list[str]:
    """What can be chosen there."""
    return re.findall(r'name="way" value="([0-9a-f-]{36})"', page)


def number_on(page: str) -> str:
    """The two digits that are to be keyed in."""
    return re.search(r'class="number-to-key">\D*(\d{2})\D', page)[1]


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    with Postgres() as postgres, Redis() as redis, MailServer() as mail, TwilioServer() as twilio:
        postgres.create("site")
        site = Site(
            tmp_path_factory.mktemp("site"),
            DATABASE_URL=postgres.url("site"),
            REDIS_URL=redis.url,
            EMAIL_URL=mail.url,
            SECURITYINFO_LOG_LEVEL="DEBUG",
            SECURITYINFO_MONITORING_TOKEN=MONITORING,
            **twilio.environment,
        )
        with site.prepare():
            site.run(PREPARE)
            site.start_web(GUNICORN_CMD_ARGS=ACCESS_LOG)
            worker = site.start_worker(SECURITYINFO_LOG_FORMAT="json")
            site.start_scheduler(SECURITYINFO_LOG_FORMAT="json")
            journey = Journey(site, twilio, mail)
            with redis.overheard() as commands:
                journey.go()
                wait_until(lambda: not messages(postgres, "sent_at IS NULL"), LONG, "for notices")
            return Traces(
                site,
                logs="".join(process.said for process in site.running),
                worker=[
                    json.loads(line) for line in worker.said.splitlines() if line.startswith("{")
                ],
                told_operators=told_operators(site),
                broker="".join(commands),
                database=dump(postgres) + site.run(SESSIONS),
                asked_at_provider=twilio.asked,
                asked_by_provider=[url for url, _ in twilio.posted],
                messages=messages(postgres, "true"),
                codes=journey.codes,
            )


def told_operators(site: Site) -> str:
    """When the events of the journey are counted, and the workers were seen."""
    wait_until(lambda: "sign_in.completed" in asked(site, "/metrics"), LONG, "for the counts")
    wait_until(lambda: '{"ready": true' in asked(site, "/readyz"), LONG, "for the workers")
    pages = asked(site, "/metrics") + asked(site, "/readyz")
    return pages + site.manage("doctor") + site.manage("showconfig")


def asked(site: Site, path: str) -> str:
    request = urllib.request.Request(
        site.url + path, headers={"Authorization": f"Bearer {MONITORING}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.read().decode()


def dump(postgres: Postgres) -> str:
    """Every row of every table, as text."""
    with postgres.connect("site") as connection:
        tables = connection.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        rows = [
            row
            for (table,) in tables
            for (row,) in connection.execute(f"SELECT t::text FROM {table} t").fetchall()
        ]
    return "\n".join(rows)


def messages(postgres: Postgres, condition: str) -> set[str]:
    with postgres.connect("site") as connection:
        rows = connection.execute(f"SELECT id::text FROM messaging_message WHERE {condition}")
        return {message_id for (message_id,) in rows.fetchall()}


def shows(secret: str, text: str) -> bool:
    """Plainly, in an address, in hexadecimal digits or in base64 of any alignment.

    Digits among others are no code: six of them in a row are found in every long number.
    """
    if re.search(rf"(?<![0-9A-Za-z.+/]){re.escape(secret)}(?![0-9A-Za-z+/])", text):
        return True
    raw = secret.encode()
    forms = {raw.hex(), *(base64_core(raw, shift) for shift in range(3))}
    if len(secret) > 6:
        forms |= {secret, quote(secret, safe="")}
    return any(form in text for form in forms)


def base64_core(raw: bytes, shift: int) -> str:
    """The letters that are the same whatever stands around it."""
    encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
    first = (0, 2, 3)[shift]
    whole = (shift + len(raw)) * 8 // 6
    return encoded[first:whole]


def test_a_secret_is_found_however_it_is_written():
    for text in (
        "code=073040&",
        base64.b64encode(b'[["x", "073040"]]').decode(),
        base64.b64encode(b'[["xy", "073040"]]').decode(),
        base64.b64encode(b'[["xyz", "073040"]]').decode(),
        b"073040 is your code".hex(),
    ):
        assert shows("073040", text), text
    for text in ("12:30:00.073040", "a073040b", "10730401"):
        assert not shows("073040", text), text


def test_a_text_and_a_call_leave_no_secret_behind(traces):
    """R026, R002, R125, R126: codes, numbers, addresses and keys, in all that was written."""
    keys = [
        PASSWORD,
        MONITORING,
        ACCOUNT.auth_token,
        base64.b64encode(f"{ACCOUNT.sid}:{ACCOUNT.auth_token}".encode()).decode(),
        traces.site.environment["SECURITYINFO_SECRET_KEY"],
        traces.site.environment["SECURITYINFO_ENCRYPTION_KEYS"].partition(":")[2],
    ]
    places = {
        "logs": traces.logs,
        "broker": traces.broker,
        "operators": traces.told_operators,
        "addresses": "\n".join(traces.asked_at_provider + traces.asked_by_provider),
        "database": traces.database,
    }
    leaks = [
        (place, secret)
        for place, text in places.items()
        for secret in [*traces.codes, *SPELLINGS, ADDRESS, WORK_ADDRESS, *keys]
        if shows(secret, text)
    ]

    assert len(traces.codes) == 5
    assert traces.messages
    assert all(each in traces.broker for each in traces.messages)
    assert leaks == [("database", WORK_ADDRESS)]  # the account's own, as the directory has it


def test_addresses_name_messages_and_nothing_else(traces):
    """R026, R120: what a call expects has two digits, so every address is known by heart."""
    account = f"/2010-04-01/Accounts/{ACCOUNT.sid}"
    public, ids = re.escape(traces.site.url), "|".join(traces.messages)
    callback = re.compile(
        rf"{public}/webhooks/twilio/(text/({ids})/|call/({ids})/((status|keys|silence)/)?)"
    )
    logged = [address for pair in REQUEST.findall(traces.logs) for address in pair]
    bare = {NEXT.sub("", UUID.sub("", each.removeprefix(traces.site.url))) for each in logged}

    assert set(traces.asked_at_provider) == {
        f"{account}/Messages.json",
        f"{account}/Calls.json",
        f"{account}.json",  # the doctor's question
    }
    assert [each for each in traces.asked_by_provider if not callback.fullmatch(each)] == []
    assert {urlsplit(each).path for each in traces.asked_by_provider} <= set(logged)
    assert [each for each in bare if re.search(r"[\d?]", each)] == []


def test_what_a_worker_does_is_found_by_the_id_of_the_request(traces):
    """From the page that asked for a code to the text that left."""
    events = [json.loads(line) for line in traces.logs.splitlines() if line.startswith("{")]
    asked_for = {event["request"] for event in events if event.get("name") == "challenge.sent"}
    delivered = {line["request"] for line in traces.worker if "methods.deliver" in line["message"]}

    assert asked_for
    assert asked_for <= delivered
