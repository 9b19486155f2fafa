"""Lends every message the name, helpdesk, language and time zone of the organization."""

from __future__ import annotations

from dataclasses import fields

from securityinfo.messaging.letterhead import Letterhead
from securityinfo.policy import service


def letterhead() -> Letterhead:
    settings = service.current()
    return Letterhead(**{each.name: getattr(settings, each.name) for each in fields(Letterhead)})
