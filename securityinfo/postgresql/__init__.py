"""Django's PostgreSQL backend with a health check that costs no query."""

from __future__ import annotations
