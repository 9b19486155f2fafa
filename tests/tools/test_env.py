"""Readers for environment variables refuse what they don't understand."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from securityinfo import env


def test_a_missing_text_without_default_refuses_to_start(monkeypatch):
    monkeypatch.setenv("THING", "  ")

    with pytest.raises(ImproperlyConfigured, match="THING is not set"):
        env.text("THING")


def test_a_text_is_stripped(monkeypatch):
    monkeypatch.setenv("THING", " value\n")

    assert env.text("THING") == "value"


@pytest.mark.parametrize(
    ("spelling", "value"),
    [("1", True), ("True", True), ("ON", True), ("0", False), ("no", False), ("Off", False)],
)
def test_a_flag_has_the_usual_spellings(monkeypatch, spelling, value):
    monkeypatch.setenv("THING", spelling)

    assert env.flag("THING", default=not value) is value


@pytest.mark.parametrize("spelling", ["enabled", "ja", "2", "tru"])
def test_a_flag_in_another_spelling_is_never_silently_off(monkeypatch, spelling):
    monkeypatch.setenv("THING", spelling)

    with pytest.raises(ImproperlyConfigured, match="THING"):
        env.flag("THING", default=False)


@pytest.mark.parametrize("value", ["0", "11", "-1", "1.5", "٣", "x", "0x5"])
def test_a_number_out_of_range_or_in_other_digits_is_refused(monkeypatch, value):
    monkeypatch.setenv("THING", value)

    with pytest.raises(ImproperlyConfigured, match="from 1 to 10"):
        env.number("THING", 5, low=1, high=10)


@pytest.mark.parametrize("value", ["1", "10"])
def test_both_ends_of_a_range_belong_to_it(monkeypatch, value):
    monkeypatch.setenv("THING", value)

    assert env.number("THING", 5, low=1, high=10) == int(value)


def test_words_are_separated_by_commas_or_spaces(monkeypatch):
    monkeypatch.setenv("THING", "10.0.0.1, 10.0.0.2  10.0.0.3")

    assert env.words("THING") == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_a_secret_may_be_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))

    assert env.secret("THING") == "from the file"


def test_a_secret_given_twice_refuses_to_start(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("THING", "from the environment")

    with pytest.raises(ImproperlyConfigured, match="not both"):
        env.secret("THING")


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_secret_file_that_is_absent_empty_or_binary_refuses_to_start(
    monkeypatch, tmp_path, content
):
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("THING_FILE", str(path))

    with pytest.raises(ImproperlyConfigured, match="THING_FILE"):
        env.secret("THING", "a default that must not hide the mistake")


@pytest.mark.parametrize(
    "value", ["ftp://host/x", "host", "smtp://user:hunter2@host:port", "smtp://user:hunter2@[::1"]
)
def test_a_wrong_address_is_refused_without_showing_its_password(monkeypatch, value):
    monkeypatch.setenv("THING", value)

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.url("THING", schemes=("smtp",))

    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None
