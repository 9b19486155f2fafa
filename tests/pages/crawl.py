"""A visitor who follows every link, and what every page must look like."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

UUID = "00000000-0000-4000-8000-000000000000"
STOCK = ("/admin/", "/static/")


class Page(HTMLParser):
    """The elements of a page that the rules speak of."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.headings = 0
        self.inline: list[str] = []
        self.title = ""
        self.language = ""
        self._inside = ""
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside = tag
        self.headings += tag == "h1"
        if tag == "html":
            self.language = given.get("lang") or ""
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in ("script", "img", "link"):
            self.sources.append(given.get("src") or given.get("href") or "")
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def is_page(answer: HttpResponse) -> bool:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return is_html and answer.status_code not in (301, 302, 303)


def crawl(client: Client, start: str = "/") -> dict[str, HttpResponse]:
    """Every page that links lead to, by its address; stock admin pages aren't followed."""
    answers: dict[str, HttpResponse] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in answers or address.startswith(STOCK):
            continue
        answer = answers[address] = client.get(address)
        if answer.status_code in (301, 302, 303):
            waiting.append(_local(address, answer.headers["Location"]))
        elif is_page(answer):
            waiting += [_local(address, link) for link in Page(answer).links]
        waiting = [each for each in waiting if each]
    return answers


def _local(base: str, link: str) -> str:
    """Path and query of a link that stays on the site, else the empty string."""
    parts = urlsplit(urljoin(base, link))
    if parts.scheme or parts.netloc:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def addresses(*, ours_only: bool = False) -> list[str]:
    """One address for each route, with made-up arguments."""
    found = [_example(route) for route in _routes(get_resolver())]
    return [each for each in found if not (ours_only and each.startswith("/admin/"))]


def _routes(resolver: URLResolver, prefix: str = "/") -> list[str]:
    routes = []
    for each in resolver.url_patterns:
        route = f"{prefix}{each.pattern}"
        if isinstance(each, URLPattern):
            routes.append(route)
        else:
            routes += _routes(each, route)
    return routes


def _example(route: str) -> str:
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "x", route)
    route = re.sub(r"<uuid:\w+>", UUID, route)
    route = re.sub(r"<int:\w+>", "1", route)
    route = re.sub(r"<(\w+:)?\w+>", "email", route)
    return re.sub(r"[\^$\\]", "", route)
