"""The first administrator from the environment: made when a web server starts and there is none."""

from __future__ import annotations

import logging
import sys

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections

from accounts import duties, welcome
from accounts.models import Welcome
from securityinfo import times
from securityinfo.actor import SYSTEM
from securityinfo.duties import Duty

logger = logging.getLogger(__name__)


def at_start() -> None:
    """Writes a link to the console while nobody administers; never stops the start."""
    if not any(settings.FIRST_ADMINISTRATOR):
        return
    try:
        _ensure(*settings.FIRST_ADMINISTRATOR)
    except (welcome.NotNew, ValidationError) as refused:
        words = " ".join(getattr(refused, "messages", ["somebody else has that name"]))
        logger.error("SECURITYINFO_FIRST_ADMINISTRATOR: %s", words)
    except DatabaseError:
        logger.exception("SECURITYINFO_FIRST_ADMINISTRATOR: no database yet; migrate, then restart")
    finally:
        connections.close_all()  # none may be shared with the processes that are forked from here


def _ensure(user_name: str, work_address: str) -> None:
    administrators = duties.holders(Duty.MANAGE_PEOPLE)
    if any(not welcome.is_waiting(each) for each in administrators):
        return
    if Welcome.objects.open().exists():
        logger.warning("The link for the first administrator was written before and still works.")
        return
    link = welcome.invite(user_name, work_address, actor=SYSTEM)
    # Not by the log's formatter, which blots such a link out.
    sys.stderr.write(
        f"The first administrator opens this link, once, until {times.clock(link.until)}:\n"
        f"  {link.address}\n"
    )
    sys.stderr.flush()
