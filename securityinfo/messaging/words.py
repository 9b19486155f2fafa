"""What administrators read of a delivery: its state, its way, and why it ended as it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from securityinfo.messaging.content import Channel
from securityinfo.messaging.models import Category, Reason, State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CATEGORIES: Mapping[str, StrOrPromise] = {
    Category.CODE: _("code"),
    Category.NOTICE: _("notice"),
}

CHANNELS: Mapping[str, StrOrPromise] = {
    Channel.EMAIL: _("email"),
    Channel.TEXT: _("text message"),
    Channel.CALL: _("phone call"),
}

STATES: Mapping[str, StrOrPromise] = {
    State.PENDING: _("waiting"),
    State.CLAIMED: _("being made"),
    State.CALLING: _("being handed over"),
    State.SENT: _("sent"),
    State.DELIVERED: _("delivered"),
    State.STALE: _("no longer wanted"),
    State.EXPIRED: _("too late"),
    State.FAILED: _("failed"),
    State.UNKNOWN: _("unknown"),
}

REASONS: Mapping[str, StrOrPromise] = {
    Reason.DOWN: _("the provider can't be reached"),
    Reason.UNDELIVERABLE: _("address or number refused"),
    Reason.OPTED_OUT: _("opted out"),
    Reason.UNREACHED: _("nobody reached"),
    Reason.REFUSED: _("not allowed by the policy"),
    Reason.HELD: _("waiting for its channel or for another day"),
    Reason.MISCONFIGURED: _("wrong configuration"),
    Reason.UNKNOWN: _("the provider didn't say"),
    Reason.LOST: _("the worker was lost"),
    Reason.ERROR: _("an error of this application"),
}
