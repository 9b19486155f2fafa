"""What is said in a call: it names the organization, and never the number to key in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from methods.base import Prompt, Purpose
from securityinfo.messaging import letterhead
from securityinfo.messaging.content import CallScript

BARE = "hash"  # of the policy's `call_key`: nothing but the # is asked for


def of(prompt: Prompt) -> CallScript:
    """In the active language."""
    sender = letterhead.current().short_name
    return CallScript(
        ask=_ask(prompt) % {"sender": sender},
        right=_("Thank you. Go back to your screen. Goodbye."),
        wrong=_(
            "That was not the number on your screen. You can ask for a new call there. Goodbye."
        ),
        silence=_("No number was keyed in. Goodbye."),
        reported=_(
            "Thank you. We have stopped this and will tell you at your other contacts. Goodbye."
        ),
        over=_("This call is no longer needed. Goodbye."),
        bare=asks_for_nothing(prompt),
    )


def asks_for_nothing(prompt: Prompt) -> bool:
    """Policy takes a bare #; a caller who is being checked always keys the agent's number."""
    return prompt.purpose is not Purpose.CALLER and prompt.context.get("call_key") == BARE


def _ask(prompt: Prompt) -> str:
    if prompt.purpose is Purpose.CALLER:
        ask = _(
            "Hello. This is %(sender)s. To confirm that it's you, key in the number that the "
            "helpdesk tells you, then press the pound key. If you did not ask for this call, "
            "key in zero, then pound."
        )
        return f"{ask} {_words_of(prompt)}".strip()
    if asks_for_nothing(prompt):
        return _(
            "Hello. This is %(sender)s. To confirm that it's you, press the pound key. "
            "If you did not ask for this call, key in zero, then pound."
        )
    return _(
        "Hello. This is %(sender)s. To confirm that it's you, key in the number on your screen, "
        "then press the pound key. If you did not ask for this call, key in zero, then pound."
    )


def _words_of(prompt: Prompt) -> str:
    """By these a caller knows that the agent is real."""
    if not prompt.words:
        return ""
    words = ", ".join(prompt.words.split())
    return _("The helpdesk's words are: %(words)s.") % {"words": words}
