"""A dry run: what a file would do, counted, with as much of it as a page shows."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.importing import planning, reading
from accounts.importing.columns import WrongHeader
from accounts.importing.planning import Step, What
from accounts.importing.reading import Problem, Unreadable
from accounts.importing.values import Organization
from accounts.importing.writing import Digest
from accounts.models import User

SHOWN = 200  # of each sort; the file to download has all


@dataclass
class Report:
    """`digest` is given back to writing.write: that then does this, or nothing."""

    counts: Counter[str] = field(default_factory=Counter)  # by planning.What
    steps: list[Step] = field(default_factory=list)  # the first that change something
    problems: list[Problem] = field(default_factory=list)  # the first ones
    problem_count: int = 0
    digest: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether there is nothing to correct, and something to do."""
        return not self.problem_count and bool(self.total - self.counts[What.UNCHANGED])

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def has_more(self) -> bool:
        """Than `steps` and `problems` hold."""
        changing = self.total - self.counts[What.UNCHANGED]
        return self.problem_count > len(self.problems) or changing > len(self.steps)

    def add(self, step: Step | Problem) -> None:
        if isinstance(step, Problem):
            self.problem_count += 1
            if len(self.problems) < SHOWN:
                self.problems.append(step)
            return
        self.counts[step.what] += 1
        if step.what is not What.UNCHANGED and len(self.steps) < SHOWN:
            self.steps.append(step)


def of(data: bytes, *, by: User | None, most_seconds: float = 0) -> Report:
    """Never raises for what stands in the file. `most_seconds`: 0 for as long as it takes."""
    report, digest = Report(), Digest()
    for step in lines(data, by=by, most_seconds=most_seconds):
        digest.add(step)
        report.add(step)
        if report.problem_count == reading.MOST_PROBLEMS:
            break
    report.digest = digest.value
    return report


def lines(data: bytes, *, by: User | None, most_seconds: float = 0) -> Iterator[Step | Problem]:
    """Every line, in the file's order; what is wrong with the whole of it, too."""
    until = time.monotonic() + most_seconds
    try:
        for step in planning.steps_of(reading.text_of(data), Organization.now(), by=by):
            yield step
            if most_seconds and time.monotonic() > until:
                raise Unreadable(
                    _("The file takes too long here. Split it, or import it on the server.")
                )
    except Unreadable as error:
        yield Problem(0, "", str(error))
    except WrongHeader as error:
        yield from (Problem(1, "", words) for words in error.words)
