"""Prometheus's text format, version 0.0.4: families of samples, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from securityinfo.operations import numbers

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "securityinfo_"

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def text() -> str:
    return "".join(_lines(numbers.families()))


def _lines(families: Iterable[numbers.Family]) -> Iterator[str]:
    for family in families:
        yield f"# HELP {PREFIX}{family.name} {family.about}\n"
        yield f"# TYPE {PREFIX}{family.name} {family.kind}\n"
        for sample in family.samples:
            yield f"{PREFIX}{family.name}{_labels(sample.labels)} {sample.value:.15g}\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{{{','.join(pairs)}}}"
