"""Fixtures for every test, whichever folder it lies in; options and servers are tests/plugin.py."""

from __future__ import annotations

pytest_plugins = ["tests.cast", "tests.browsing"]
