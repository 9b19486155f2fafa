"""Every check there is, in the order in which an operator mends things."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from securityinfo.operations import redaction
from securityinfo.operations.checks import (
    broker,
    clock,
    configuration,
    database,
    keys,
    log,
    mail,
    proxy,
    telephony,
    work,
)
from securityinfo.operations.findings import Finding, Findings, Level, warning, wrong

Check = Callable[[], Findings]

WITHOUT_DATABASE: tuple[tuple[str, Check], ...] = (
    ("broker", broker.findings),
    ("mail", mail.findings),
    ("telephony", telephony.findings),
    ("proxy", proxy.findings),
)
WITH_DATABASE: tuple[tuple[str, Check], ...] = (
    ("clock", clock.findings),
    ("keys", keys.findings),
    ("work", work.findings),
    ("audit log", log.findings),
)


def examine() -> Iterator[Finding]:
    """One finding after the other, as they are made."""
    yield from _made("configuration", configuration.findings)
    ill = False
    for finding in _made("database", database.findings):
        ill = ill or finding.level is Level.WRONG
        yield finding
    for name, check in WITHOUT_DATABASE:
        yield from _made(name, check)
    for name, check in WITH_DATABASE:
        if ill:
            yield warning(name, "Not looked at: mend the database first.")
        else:
            yield from _made(name, check)


def _made(name: str, check: Check) -> Findings:
    """What a check finds; one that breaks off has found something too."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - whatever is ill is what we are here for
        yield wrong(name, redaction.of_error(error))
