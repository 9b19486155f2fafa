"""The benchmark's own arithmetic: a wrong one would say for years that all is well."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.bench import report
from tests.bench.loads import Comparison, Posts
from tests.bench.promises import visits


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: where a browser was started, this one has a loop already."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


def load(*rates: float) -> Posts:
    return Posts(None, "right", "302 /", rates=list(rates), cpu=[1.0 for _ in rates])  # type: ignore[arg-type]  # never asked


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        ([1.0], 95, 1.0),
        ([float(each) for each in range(1, 101)], 95, 95.0),
        ([float(each) for each in range(1, 101)], 99, 99.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([], 95, math.inf),
    ],
)
def test_percentiles_are_values_that_were_seen(values, part, expected) -> None:
    assert visits.percentile(values, part) == expected


def test_growth_is_told_for_each_step() -> None:
    compared = Comparison(
        "page", load(100, 200), (load(80, 160), load(76, 152), load(38, 76)), wanted=None
    )

    assert compared.ratio == pytest.approx(0.8)
    assert compared.growth == pytest.approx([0.95, 0.5])


def test_visits_begin_when_they_are_due_however_slow_the_others_are() -> None:
    begun: list[float] = []

    async def visit(_number: int, due: float) -> float:
        clock = asyncio.get_running_loop().time
        begun.append(clock() - due)
        await asyncio.sleep(0.5)
        return clock() - due

    waits = run(visits.at_rate(100, 0.2, visit))

    assert len(waits) == 20
    assert max(begun) < 0.5 <= min(waits)


def test_nobody_there_is_an_answer_too() -> None:
    browser = visits.Browser(port=1, address="192.0.2.1")

    answer = run(browser.get("/"))

    assert answer.status == visits.NO_ANSWER


def test_a_run_takes_the_place_of_the_one_before(tmp_path: Path, monkeypatch) -> None:
    document = tmp_path / "performance.md"
    document.write_text(
        "Before\n\n<!-- one run -->\n\n```text\nold \\1\n```\n\n```text\nother\n```\n"
    )
    monkeypatch.setenv("BENCH_DOCS", "1")
    monkeypatch.setattr(report, "DOCUMENT", document)
    monkeypatch.setattr(report, "_said", ["new \\1  ", "table"])

    report.document()

    assert document.read_text() == (
        "Before\n\n<!-- one run -->\n\n```text\nnew \\1\ntable\n```\n\n```text\nother\n```\n"
    )


def test_the_document_has_a_place_for_it() -> None:
    assert len(report.BLOCK.findall(report.DOCUMENT.read_text())) == 1
