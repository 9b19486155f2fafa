"""The folders of the kinds, found without importing them."""

from __future__ import annotations

import sys

import pytest

from securityinfo import discovery


@pytest.fixture
def kinds(monkeypatch, tmp_path):
    for name in ("sms", "carrier_pigeon", "email"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "method.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "notes").mkdir()
    monkeypatch.setattr(discovery, "KINDS_DIR", tmp_path)


def test_a_folder_with_a_method_is_a_kind(kinds):
    assert discovery.kind_names() == ["carrier-pigeon", "email", "sms"]


def test_each_kind_is_an_application(kinds):
    assert discovery.kind_apps() == [
        "methods.kinds.carrier_pigeon",
        "methods.kinds.email",
        "methods.kinds.sms",
    ]


def test_nothing_is_imported_to_find_them(kinds):
    discovery.kind_apps()

    assert "methods.kinds.carrier_pigeon" not in sys.modules


def test_the_first_kind_is_there():
    assert "email" in discovery.kind_names()
