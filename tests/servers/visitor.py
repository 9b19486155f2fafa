"""Somebody with a browser without scripts: cookies, forms, redirects; what the pages say."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any, Self
from urllib.parse import urlencode, urljoin


class Visitor:
    """`Visitor(site.url).post("/sign-in/", name="bob", …)`; pages are their HTML."""

    def __init__(self, url: str, *, address: str = "") -> None:
        self.url = url
        self.at = url
        self.status = 0  # of the last answer; 0 if there was none
        self.retry_after = ""
        self._address = {"X-Forwarded-For": address} if address else {}
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._cookies)
        )

    def twin(self) -> Self:
        """Another tab of the same browser, as it is now; what it is given stays with it."""
        twin = type(self)(self.url)
        twin.at, twin._address = self.at, self._address
        for cookie in self._cookies:
            twin._cookies.set_cookie(cookie)
        return twin

    def get(self, path: str) -> str:
        return self._open(path, None)

    def post(self, path: str, **fields: str) -> str:
        """As from the form on that page, with its token; where it leads is followed.

        A page that fails is all there is, then.
        """
        page = self.get(path)
        return page if self.status >= 500 else self.send(path, **fields)

    def send(self, path: str, **fields: str) -> str:
        """As from a form that has been open for a while."""
        (token,) = [cookie.value for cookie in self._cookies if cookie.name == "csrf"]
        return self._open(path, urlencode({"csrfmiddlewaretoken": token, **fields}).encode())

    def _open(self, path: str, data: bytes | None) -> str:
        headers = {"Referer": self.at, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
        request = urllib.request.Request(urljoin(self.url, path), data, headers | self._address)
        self.status, self.retry_after = 0, ""
        try:
            with self._opener.open(request, timeout=60) as answer:
                self.at = answer.url
                return self._read(answer)
        except urllib.error.HTTPError as refusal:
            return self._read(refusal)

    def _read(self, answer: Any) -> str:
        page = answer.read().decode()
        self.status, self.retry_after = answer.status, answer.headers.get("Retry-After", "")
        return page
