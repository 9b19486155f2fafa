"""Makes the emails: codes and notices, each in text and in HTML, from one set of words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from securityinfo import disown_links, times, user_agent
from securityinfo.messaging import letterhead
from securityinfo.messaging.content import EmailContent
from securityinfo.messaging.models import Message

# What a mail program would make a link of. Words with an @ stay: they are masked addresses.
_LINK = re.compile(
    r"(?<!\w)\w+://\S*|(?<![\w@•.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w@])(?:[:/]\S*)?", re.IGNORECASE
)


@dataclass(frozen=True)
class CodeWords:
    """The lines of a code mail that depend on its purpose."""

    use: Promise
    warning: Promise
    unasked: Promise


_NEVER_SHARE = gettext_lazy("Never share it. Nobody from %(organization)s will ask you for it.")
_CODE_WORDS = {
    "register": CodeWords(
        gettext_lazy("Use this code to add this email address to your security info:"),
        _NEVER_SHARE,
        gettext_lazy(
            "Didn't ask for this? Somebody may have typed your address by mistake. "
            "You can ignore this email."
        ),
    ),
    "sign_in": CodeWords(
        gettext_lazy("Use this code to sign in:"),
        _NEVER_SHARE,
        gettext_lazy(
            "Didn't ask for this? Somebody may know your password. "
            "Change it and contact %(helpdesk)s."
        ),
    ),
    "confirm": CodeWords(
        gettext_lazy("Use this code to confirm it's you:"),
        _NEVER_SHARE,
        gettext_lazy(
            "Didn't ask for this? Somebody may know your password. "
            "Change it and contact %(helpdesk)s."
        ),
    ),
    "reset": CodeWords(
        gettext_lazy("Use this code to reset your password:"),
        _NEVER_SHARE,
        gettext_lazy(
            "Didn't ask for this? Your password hasn't changed. "
            "If it happens again, contact %(helpdesk)s."
        ),
    ),
    "caller": CodeWords(
        gettext_lazy("Read this code out to the helpdesk agent you are talking to:"),
        gettext_lazy("Do this only if you called the helpdesk yourself."),
        gettext_lazy("Didn't call? Tell nobody this code and contact %(helpdesk)s."),
    ),
}


def code(
    *,
    to: str,
    code: str,
    purpose: str,
    reference: str = "",
    expires_at: datetime,
    caller_words: str = "",
) -> EmailContent:
    """The email that carries a code, in the active language and time zone.

    `reference` is what the page shows too ("B7"); empty for a caller check, which has none.
    `caller_words`: of such a check, what the agent sees too.
    """
    sender = letterhead.current()
    names = {"organization": sender.name, "helpdesk": sender.helpdesk}
    words = _CODE_WORDS[purpose]
    return _email(
        "messages/code",
        to=to,
        subject=_("Your %(organization)s verification code") % names,
        context={
            "organization_name": sender.name,
            "use": words.use,
            "code": code,
            "reference": reference,
            "until": date_format(timezone.localtime(expires_at), "H:i"),
            "zone": timezone.get_current_timezone_name(),
            "caller_words": caller_words,
            "warning": words.warning % names,
            "unasked": words.unasked % names,
        },
    )


def notice(message: Message) -> EmailContent:
    """The email of a notice, from the facts that were sealed when it was queued."""
    facts: dict[str, Any] = message.sealed
    sender = letterhead.current()
    listed = _folded_facts(facts) if message.folds else _facts(facts)
    sentences = [plain(sentence) for sentence in facts["sentences"]]
    if message.folds:
        sentences.append(_how_often(message.folds, facts))
    return _email(
        "messages/notice",
        to=facts["to"],
        subject=facts["subject"],
        context={
            "organization_name": sender.name,
            "helpdesk": sender.helpdesk,
            "sentences": sentences,
            "facts": [(label, value) for label, value in listed if value],
            "label_width": max(len(label) for label, _value in listed) + 1,
            "link": facts.get("link", ""),
            "days": disown_links.GOOD_FOR.days,
        },
    )


def _facts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("When:"), moment(datetime.fromisoformat(facts["at"]))),
        (_("By:"), facts["by"]),
        (_("Browser:"), user_agent.translated(plain(facts["browser"]))),
        (_("Network:"), plain(facts["network"])),
    ]


def _folded_facts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Of several events nothing but the beginning is known to be the same of all."""
    return [(_("Since:"), moment(datetime.fromisoformat(facts["since"])))]


def _how_often(times_told: int, facts: dict[str, Any]) -> str:
    since, until = (
        date_format(timezone.localtime(datetime.fromisoformat(facts[name])), "H:i")
        for name in ("since", "until")
    )
    words = ngettext(
        "This happened {n} time between {since} and {until}.",
        "This happened {n} times between {since} and {until}.",
        times_told,
    )
    return words.format(n=times_told, since=since, until=until)


def moment(at: datetime) -> str:
    """ "22 Nov 2026, 14:35 (Europe/Amsterdam), 13:35 UTC"; local time, then UTC if it differs."""
    local = timezone.localtime(at)
    written = f"{times.full(at)} ({timezone.get_current_timezone_name()})"
    if not local.utcoffset():
        return written
    return f"{written}, {date_format(at.astimezone(UTC), 'H:i')} UTC"


def plain(text: str) -> str:
    """Words that somebody else typed: without links, line breaks and invisible letters (R033)."""
    visible = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join(_LINK.sub("", visible).split())


def _email(template: str, *, to: str, subject: str, context: dict[str, Any]) -> EmailContent:
    language = translation.get_language() or "en"
    context |= {"subject": subject, "language": language}
    context["is_right_to_left"] = translation.get_language_bidi()
    return EmailContent(
        to=to,
        subject=subject,
        text=render_to_string(f"{template}.txt", context).strip() + "\n",
        html=render_to_string(f"{template}.html", context),
        headers={"Content-Language": language},
    )
