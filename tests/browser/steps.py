"""What people do on the demo site, step by step, and what the tests do behind its back."""

from __future__ import annotations

import re
import time

from django.contrib.sessions.serializers import JSONSerializer
from django.core import signing
from playwright.sync_api import Page, expect

from accounts.session_store import digest
from securityinfo.throttling import refusals
from tests.servers import processes
from tests.servers.demo import PASSWORD, Demo

REFUSED_AGAIN = refusals.KEPT  # seconds; within this process a test may set it to none
_CODE = re.compile(r"^(\d{6})\b", re.MULTILINE)
VERIFY = "/sign-in/verify/"


# --- What people do -------------------------------------------------------------------------------


def sign_in(site: Demo, page: Page, name: str, password: str = PASSWORD) -> None:
    """The password, and the second step of whoever is asked for one."""
    allow_another_code(site, name)
    arrived = len(codes(site, name))
    give_password(page, name, password)
    if page.url.endswith(VERIFY):
        prove(page, proof(site, page, name, number=arrived + 1))


def give_password(page: Page, name: str, password: str = PASSWORD) -> None:
    """The first step alone."""
    page.goto("/sign-in/")
    page.get_by_label("User name or work email").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in").click()


def proof(site: Demo, page: Page, name: str, *, number: int = 1) -> str:
    """What this page asks for: of the app, or the newest code as soon as so many have come."""
    if "authenticator app" in page.get_by_role("main").inner_text():
        return app_code(site, name)
    return code(site, name, number=number)


def prove(page: Page, code: str) -> None:
    page.get_by_label("Enter code").fill(code)
    page.get_by_role("button", name="Verify").click()


def confirm_by_app(site: Demo, page: Page, name: str) -> None:
    """What "Confirm it's you" asks of somebody who has an authenticator app."""
    heading(page, "Confirm it's you")
    allow_another_code(site, name)
    prove(page, app_code(site, name))


def answer_call(site: Demo, page: Page, name: str) -> None:
    """Picks up the phone that rings, and keys in the number of the page, in another tab."""
    number = page.locator(".number-to-key").inner_text().strip()
    phone = page.context.new_page()
    phone.goto(f"/demo/phone/?person={name}")
    answer = phone.get_by_role("button", name="Answer")

    def rings() -> bool:
        phone.reload()
        return answer.first.is_visible()

    processes.wait_until(rings, 60, f"for the phone of {name}")
    answer.first.click()
    for key in f"{number}#":
        with phone.expect_navigation():
            phone.get_by_role("button", name=key, exact=True).first.click()
    phone.close()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def choose_email(page: Page) -> None:
    """From the start of the wizard, which proposes a stronger method, to the form for email."""
    heading(page, "Keep your account secure")
    page.get_by_role("link", name="I want to set up a different method").click()
    _choose(page, "Email")


def add(page: Page, offer: str) -> None:
    """From "Security info" to the form of the method that is offered in these words."""
    page.get_by_role("link", name="Add method").click()
    _choose(page, offer)


def _choose(page: Page, offer: str) -> None:
    page.get_by_role("radio", name=re.compile(f"^{offer}( Recommended)?$")).check()
    page.get_by_role("button", name="Next").click()


def ask_for_code(page: Page, address: str) -> None:
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("Verify your email")).to_be_focused()


def answer(page: Page, code: str) -> None:
    page.get_by_label("Verify your email").fill(code)
    page.get_by_role("button", name="Done").click()


def register(site: Demo, page: Page, name: str, address: str) -> None:
    """From the page that asks for the address to the one after the proof."""
    ask_for_code(page, address)
    answer(page, code(site, name))


def newcomer_in(site: Demo, page: Page) -> str:
    """Somebody new, registered and signed in; the user name."""
    name = site.newcomer()
    sign_in(site, page, name)
    choose_email(page)
    register(site, page, name, f"{name}@example.net")
    page.get_by_role("button", name="Done").click()
    heading(page, "Security info")
    return name


# --- What arrives ---------------------------------------------------------------------------------


def codes(site: Demo, name: str, to: str = "") -> list[str]:
    """Newest first."""
    found = (_CODE.search(each["body"]) for each in site.messages(name, to))
    return [each[1] for each in found if each]


def code(site: Demo, name: str, *, number: int = 1, to: str = "") -> str:
    """The newest, as soon as this person has got so many."""
    processes.wait_until(lambda: len(codes(site, name, to)) >= number, 60, f"for code {number}")
    return codes(site, name, to)[0]


def app_code(site: Demo, name: str, *, pending: bool = False) -> str:
    """What this person's newest authenticator app shows, or the one that is being set up."""

    def shown() -> list[str]:
        apps = site.phone()["authenticator"]
        return [each["code"] for each in apps if (each["user"], each["pending"]) == (name, pending)]

    processes.wait_until(lambda: bool(shown()), 60, f"for the app of {name}")
    return shown()[0]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


# --- Behind the site's back -----------------------------------------------------------------------


def forget_limits(site: Demo) -> None:
    """All tests come from one address. What may have been refused is remembered a moment longer."""
    with site.database() as rows:
        (many,) = rows.execute(
            "SELECT count(*) FROM throttling_counter WHERE hits > 2 OR hold_until > 0"
        ).fetchone()
        rows.execute("DELETE FROM throttling_counter")
    if many:
        time.sleep(REFUSED_AGAIN)


def start_over(site: Demo, name: str) -> None:
    """This person has registered nothing, and nothing has arrived."""
    user = "SELECT id FROM accounts_user WHERE username = ?"
    tables = ("methods_challenge", "methods_registration", "demo_demomessage", "messaging_message")
    with site.database() as rows:
        for table in tables:
            rows.execute(f"DELETE FROM {table} WHERE user_id IN ({user})", [name])


def pass_time(site: Demo, seconds: int, *columns: str) -> None:
    """For all challenges: `pass_time(site, 60, "issued_at", "expires_at")`."""
    with site.database() as rows:
        for column in columns:
            moment = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{seconds} seconds')"
            rows.execute(f"UPDATE methods_challenge SET {column} = {moment}")


def allow_another_code(site: Demo, name: str) -> None:
    """Nothing was sent to this person a moment ago, and what the app shows has opened nothing."""
    whose = "user_id = (SELECT id FROM accounts_user WHERE username = ?)"
    before = "strftime('%Y-%m-%d %H:%M:%f', issued_at, '-3600 seconds')"
    with site.database() as rows:
        rows.execute(f"UPDATE methods_challenge SET issued_at = {before} WHERE {whose}", [name])
        rows.execute(f"UPDATE methods_registration SET last_counter = -1 WHERE {whose}", [name])


def lose_freshness(site: Demo, page: Page) -> None:
    """The person of this browser was proved long ago."""
    with site.database() as rows:
        rows.execute(
            "UPDATE accounts_session SET fresh_at = '2020-01-01 00:00:00' WHERE digest = ?",
            [_session(page)],
        )


def age_flows(site: Demo, page: Page, seconds: int) -> None:
    """Whatever is under way in this browser began, and went on, so much earlier."""
    keys = (site.folder / "var" / "demo.env").read_text()
    sealed = {
        "key": re.search("SECRET_KEY=(.+)", keys)[1],
        "salt": "django.contrib.sessions.SessionStore",
        "serializer": JSONSerializer,
    }
    with site.database() as rows:
        find = "SELECT data FROM accounts_session WHERE digest = ?"
        (data,) = rows.execute(find, [_session(page)]).fetchone()
        session = signing.loads(data, **sealed)
        for flow in (value for key, value in session.items() if key.startswith("flow:")):
            flow["started"] -= seconds
            flow["touched"] -= seconds
        data = signing.dumps(session, compress=True, **sealed)
        rows.execute(
            "UPDATE accounts_session SET data = ? WHERE digest = ?", [data, _session(page)]
        )


def save_policy(page: Page) -> None:
    """What was entered on the policy's page: what it does is looked at first."""
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_text("The policy was saved.")).to_be_visible()


def allow_email(site: Demo) -> None:
    """As the demo was made, without a history; every process reads the policy again."""
    with site.database() as rows:
        rows.execute("DELETE FROM policy_policyversion")
        rows.execute(
            "UPDATE policy_methodrule SET state = 'allowed', for_sign_in = 1 WHERE kind = 'email'"
        )
        rows.execute("UPDATE policy_orgpolicy SET token = lower(hex(randomblob(16)))")


def _session(page: Page) -> str:
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    return digest(cookies["session"])
