"""Takes the README's pictures of the demo: `python -m tests.browser.pictures`."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.servers.browser import chromium
from tests.servers.demo import PASSWORD, Demo

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESK = {"width": 1120, "height": 720}
PHONE = {"width": 390, "height": 844}
POLICY = "/admin/policy/orgpolicy/1/change/"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="si-", ignore_cleanup_errors=True) as folder,
        Demo(Path(folder)) as demo,
        chromium() as browser,
    ):
        _of_a_new_person(browser, demo)
        _of_bob(browser, demo)
        _of_the_administrator(browser, demo)


def _of_a_new_person(browser: Browser, demo: Demo) -> None:
    page = _page(browser, demo)
    page.goto("/sign-in/")
    _take(page, "sign-in")
    _give_password(page, "alice")
    page.get_by_role("button", name="Sign out").wait_for()
    _take(page, "keep-secure")
    page.get_by_role("link", name="I want to set up a different method").click()
    page.get_by_role("radio", name="Email", exact=True).check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Email address").fill("alice@example.net")
    page.get_by_role("button", name="Next").click()
    code = _code_for(demo, "alice")
    page.set_viewport_size(PHONE)
    page.get_by_text("Sent at").wait_for()
    page.get_by_label("Verify your email").fill(code)
    _take(page, "verify-phone")
    page.set_viewport_size(DESK)
    page.goto("/demo/phone/")
    _take(page, "demo-phone")


def _of_bob(browser: Browser, demo: Demo) -> None:
    page = _page(browser, demo)
    page.goto("/sign-in/")
    _give_password(page, "bob")
    page.get_by_label("Enter code").wait_for()
    page.set_viewport_size(PHONE)
    _take(page, "verify-sign-in")
    page.set_viewport_size(DESK)
    _prove(page, demo, "bob")
    _take(page, "security-info")
    page.emulate_media(color_scheme="dark")
    page.reload()
    _take(page, "security-info-dark")


def _of_the_administrator(browser: Browser, demo: Demo) -> None:
    page = _page(browser, demo)
    page.goto(f"/sign-in/?next={POLICY}")
    _give_password(page, "admin")
    _prove(page, demo, "admin")
    _take(page, "policy")


def _page(browser: Browser, demo: Demo, **options: Any) -> Page:
    return browser.new_context(base_url=demo.url, viewport=DESK, **options).new_page()


def _give_password(page: Page, name: str) -> None:
    page.get_by_label("User name or work email").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def _prove(page: Page, demo: Demo, name: str) -> None:
    """By what this person's authenticator app shows."""
    apps = {each["user"]: each["code"] for each in demo.phone()["authenticator"]}
    page.get_by_label("Enter code").fill(apps[name])
    page.get_by_role("button", name="Verify").click()
    page.get_by_role("button", name="Sign out").wait_for()


def _code_for(demo: Demo, name: str) -> str:
    for _ in range(200):
        for message in demo.phone()["messages"]:
            found = re.search(r"^\d{6}$", message["body"], re.MULTILINE)
            if message["user"] == name and found:
                return found[0]
        time.sleep(0.1)
    raise SystemExit(f"No code came for {name}.")


def _take(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
