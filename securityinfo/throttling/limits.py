"""Every limit of the product by name, each with the reason for its number.

Windows are fixed, so up to twice a number can pass across a window's edge; the numbers allow for
that. Where several windows guard one thing, the longest comes first: a full day then refuses before
the shorter ones are charged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Limit:
    """At most `hits` in each window of `seconds`, up to a day."""

    name: str
    hits: int
    seconds: int


@dataclass(frozen=True)
class Hold:
    """A wait that grows: after `free` hits of a window each further one waits the next of `waits`.

    The last wait stays. While somebody waits, nothing is counted and nothing grows.
    """

    name: str
    free: int
    waits: tuple[int, ...]  # seconds
    seconds: int  # the window, up to a day


# --- Passwords (SI2) ------------------------------------------------------------------------------

# Per account and address of the caller: as login.gov. A person who mistypes never gets here.
PASSWORD_BY_ACCOUNT_AND_ADDRESS = (
    Limit("password-account-address-day", 50, DAY),
    Limit("password-account-address", 10, 5 * MINUTE),
)
# Per address of the caller, over all accounts: an office behind one address signs in at nine, a
# list of stolen passwords is much longer.
PASSWORD_BY_ADDRESS = Limit("password-address", 100, 5 * MINUTE)
# Per account, from anywhere: guessing from many addresses slows down to 96 tries a day (Entra, One
# Login: 15 minutes), and the account is never locked for good.
PASSWORD_HOLD = Hold("password-hold", 9, (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900), DAY)

# --- Answers to challenges (C6, C7) ---------------------------------------------------------------

# Per account, all methods and sessions together: PyPI's windows. At 50 a day a code of 6 digits is
# guessed within a year with a chance of 2 %, and every one of those days sends notices.
ANSWERS_BY_ACCOUNT = (
    Limit("answers-account-day", 50, DAY),
    Limit("answers-account-hour", 20, HOUR),
    Limit("answers-account", 5, 5 * MINUTE),
)
# Per address of the caller, over all accounts (PyPI); a flood stops here before it spends the
# owner's own.
ANSWERS_BY_ADDRESS = (
    Limit("answers-address-hour", 50, HOUR),
    Limit("answers-address", 10, 5 * MINUTE),
)
# Wrong answers in resets, per account: a reset needs no password, so a stranger can spend these.
# They are few, because a code of 6 digits is all that stands there; no other counter is touched.
RESET_ANSWERS_BY_ACCOUNT = (
    Limit("reset-answers-account-day", 10, DAY),
    Limit("reset-answers-account", 5, HOUR),
)
# Wrong answers of callers, whom an agent of the helpdesk checks: the fifth closes this check for an
# hour, and each further one of that day again (HD4). Whoever doesn't have the phone has to be
# checked in another way, not more often.
CALLER_ANSWERS_BY_ACCOUNT = (Hold("caller-answers", 4, (HOUR,), DAY),)
# Offices share an address: the two limits above are this many times as high there.
OFFICE_TIMES = 20

# --- Resets begun (PR9) ---------------------------------------------------------------------------

# Beyond these the pages look the same and nothing is sent. Per account: nobody forgets a password
# five times an hour, and a stranger who begins resets for somebody else sends five mails, not more.
RESET_STARTS_BY_ACCOUNT = Limit("reset-starts-account", 5, HOUR)
# Per address of the caller: a whole office after a holiday, but no list of names.
RESET_STARTS_BY_ADDRESS = Limit("reset-starts-address", 20, HOUR)
# Starts beyond those two, per address of the caller: so many are recorded, the rest is the same.
RESET_STARTS_RECORDED = Limit("reset-starts-recorded", 20, HOUR)

# --- Sending codes (C10) --------------------------------------------------------------------------

# Per account and channel: as login.gov and PyPI.
SENDS_BY_ACCOUNT = (
    Limit("sends-account-day", 10, DAY),
    Limit("sends-account", 5, 30 * MINUTE),
)
# Per number or address, across accounts: nobody's mailbox or phone is flooded through us.
SENDS_BY_DESTINATION = (
    Limit("sends-destination-day", 10, DAY),
    Limit("sends-destination", 5, 30 * MINUTE),
)
# Per address of the caller: as login.gov.
SENDS_BY_ADDRESS = Limit("sends-address", 25, 5 * MINUTE)
# Numbers not yet proven, per number without its last 4 digits: whoever earns from texts owns
# neighbouring numbers.
SENDS_TO_NEW_NUMBERS_BY_PREFIX = Limit("sends-new-prefix", 10, HOUR)

# The pauses between codes are told by what is under way, which "Cancel" forgets. So a set-up that
# is canceled while its pause runs leaves one behind, as long as the next code would have waited.
SENDS_AFTER_CANCEL = Hold("sends-after-cancel", 0, (30, 60, 120), 30 * MINUTE)

# Whoever keys 0# has not asked for this call: for a day this account calls that phone no more, also
# after "Cancel", which forgets everything else. It holds for an owner's own phone too. An owner
# whom a stranger with the password has rung wants exactly that, and the stranger gets no further
# call to be answered by mistake; signing in meanwhile takes another method, or the helpdesk.
CALLS_DISOWNED = Hold("calls-disowned", 0, (DAY,), DAY)

# Set up without a proof, per account: answers to five questions are five slow hashes, and every
# change is told by mail. Nobody changes them twenty times an hour.
UNPROVED_BY_ACCOUNT = Limit("unproved-account", 20, HOUR)

# Changes of what is there, per account: each is told to every contact and stays in the record for
# good. Nobody renames methods, or chooses another default, thirty times an hour. Deleting is not
# among them: there is never more to delete than was added, and whoever finds a stranger's methods
# must be rid of them at once. Only a deletion that is refused, which can be repeated, is.
CHANGES_BY_ACCOUNT = (
    Limit("changes-account-day", 100, DAY),
    Limit("changes-account", 30, HOUR),
)
# Set-ups begun for which nothing is sent, per account: beginning and canceling is recorded, and
# every method to be proved is begun. Required registration needs one or two, ten with mistakes.
BEGINS_BY_ACCOUNT = (
    Limit("begins-account-day", 100, DAY),
    Limit("begins-account", 60, HOUR),
)

# Callers checked, per agent of the helpdesk: a case shows much of its person, and tells that person
# nothing before something is done. Nobody talks to thirty callers in an hour.
CASES_OF_AGENT = (
    Limit("agent-cases-day", 120, DAY),
    Limit("agent-cases", 30, HOUR),
)

# Administrators are told that an agent has reached the limit, once an hour: the rest is in the log.
AGENT_ALARMS = Limit("agent-alarms", 1, HOUR)

# "This wasn't me", per address of the caller: whoever was told of ten events presses ten times, and
# every press of a link that works writes and tells a lot.
DISOWNINGS_BY_ADDRESS = Limit("disownings-address", 30, 5 * MINUTE)

# New passwords sent at the end of a reset, per account: each is compared with the present one.
RESET_PASSWORDS_BY_ACCOUNT = Limit("reset-passwords-account", 20, HOUR)

# Notices by text, per number: whoever changes a method again and again is told of it ten times a
# day, and by mail of the rest. A text costs money, and changing costs nothing.
TEXT_NOTICES_BY_NUMBER = Limit("text-notices-number", 10, DAY)

# Failures of a provider, per channel: the fifth in half a minute is no accident (F04).
PROVIDER_FAILURES = Limit("provider-failures", 4, 30)
# A rest is short, since one message that gets through ends it; the longer it fails, the fewer try.
PROVIDER_RESTS = Hold("provider-rests", 0, (30, 30, 60, 120), DAY)
# After a rest, until one got through: longer than a provider may take to answer.
PROVIDER_TRIALS = Limit("provider-trials", 1, 10)

# Test messages, per administrator: two or three show whether a provider works.
TRIALS_BY_ACCOUNT = Limit("trials-account", 10, HOUR)


def sends_to_new_numbers_by_country(hits: int) -> Limit:
    """Numbers not yet proven, per country; the number is the organization's to choose."""
    return Limit("sends-new-country", hits, DAY)


# How long a number that a provider has refused for good is asked of nobody (R028). Only for those
# who have not registered it: a method stays undeliverable until its owner proves it again.
# A number that doesn't exist may be given to somebody, or was a carrier's mistake: tomorrow it may
# work, and until then nobody has to be refused a second time.
DEAD_FOR = timedelta(days=1)
# Whoever has opted out is told to reply START, which no provider reports to us: that takes a
# minute or two, and being refused again costs nothing.
OPTED_OUT_FOR = timedelta(minutes=5)

# Of the texts and calls of a day so much is kept for numbers already proven: whoever sends to
# strangers until nothing is left locks out nobody who only wants to sign in.
KEPT_FOR_PROVEN_NUMBERS = 0.2


def messages_by_day(hits: int, *, to_proven_number: bool) -> Limit:
    """Texts and calls in all; the number is the organization's to choose."""
    open_to_all = hits if to_proven_number else int(hits * (1 - KEPT_FOR_PROVEN_NUMBERS))
    return Limit("messages-day", open_to_all, DAY)


def actions_of_agent(by_hour: int, by_day: int) -> tuple[Limit, Limit]:
    """What one agent may do to others (HD10); both numbers are the organization's to choose."""
    return Limit("agent-actions-day", by_day, DAY), Limit("agent-actions", by_hour, HOUR)
