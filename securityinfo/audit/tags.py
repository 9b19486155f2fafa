"""The name of every event; a tag that is not here is not recorded."""

# ruff: noqa: S105 - names with "password" in them are no passwords
from __future__ import annotations

# Sign-in
SIGN_IN_PASSWORD_ACCEPTED = "sign_in.password_accepted"
SIGN_IN_PASSWORD_REFUSED = "sign_in.password_refused"
SIGN_IN_COMPLETED = "sign_in.completed"
SIGN_IN_SKIPPED_REGISTRATION = "sign_in.skipped_registration"
SIGN_IN_SIGNED_OUT = "sign_in.signed_out"
SIGN_IN_WAITING_STARTED = "sign_in.waiting_started"
BROWSER_KNOWN_ADDED = "browser.known_added"
BROWSER_TRUSTED_ADDED = "browser.trusted_added"
BROWSER_TRUSTED_USED = "browser.trusted_used"
BROWSER_TRUSTED_FORGOTTEN = "browser.trusted_forgotten"
BROWSER_TRUSTED_REPLAYED = "browser.trusted_replayed"
SESSION_EXPIRED = "session.expired"
SESSION_ENDED_EVERYWHERE = "session.ended_everywhere"

# Challenges
CHALLENGE_SENT = "challenge.sent"
CHALLENGE_RESENT = "challenge.resent"
CHALLENGE_ANSWERED = "challenge.answered"
CHALLENGE_EXHAUSTED = "challenge.exhausted"
CHALLENGE_EXPIRED = "challenge.expired"
CHALLENGE_DISOWNED = "challenge.disowned"
STEP_UP_COMPLETED = "step_up.completed"
LIMIT_REACHED = "limit.reached"

# Methods
REGISTRATION_REQUIRED = "registration.required"
REGISTRATION_STARTED = "registration.started"
REGISTRATION_CANCELED = "registration.canceled"
REGISTRATION_COMPLETED = "registration.completed"
METHOD_REGISTERED = "method.registered"
METHOD_CHANGED = "method.changed"
METHOD_RENAMED = "method.renamed"
METHOD_DELETED = "method.deleted"
METHOD_DEFAULT_CHANGED = "method.default_changed"
METHOD_DELETE_REFUSED = "method.delete_refused"
METHOD_UNDELIVERABLE = "method.undeliverable"
METHOD_SUSPENDED = "method.suspended"
METHOD_RESTORED = "method.restored"
METHOD_SHOWN_IN_FULL = "method.shown_in_full"
REVIEW_SHOWN = "review.shown"
REVIEW_CONFIRMED = "review.confirmed"
REVIEW_POSTPONED = "review.postponed"

# Password
PASSWORD_CHANGED = "password.changed"
PASSWORD_CHANGE_REQUIRED = "password.change_required"
RESET_STARTED = "reset.started"
RESET_CHECK_PASSED = "reset.check_passed"
RESET_CHECK_REFUSED = "reset.check_refused"
RESET_STOPPED = "reset.stopped"
RESET_COMPLETED = "reset.completed"
RESET_HOLD_STARTED = "reset.hold_started"

# Protection
ACCOUNT_DISOWNED = "account.disowned"
ACCOUNT_FROZEN = "account.frozen"
ACCOUNT_UNFROZEN = "account.unfrozen"
ACCOUNT_CREATED = "account.created"
ACCOUNT_UPDATED = "account.updated"
ACCOUNT_DEACTIVATED = "account.deactivated"
ACCOUNT_ROLE_CHANGED = "account.role_changed"
ACCOUNT_DUTIES_CHANGED = "account.duties_changed"

# Helpdesk
HELPDESK_SEARCHED = "helpdesk.searched"
HELPDESK_PERSON_OPENED = "helpdesk.person_opened"
HELPDESK_CHECK_PASSED = "helpdesk.check_passed"
HELPDESK_CHECK_FAILED = "helpdesk.check_failed"
HELPDESK_CHECK_RECORDED = "helpdesk.check_recorded"
HELPDESK_CASE_OPENED = "helpdesk.case_opened"
HELPDESK_CASE_CLOSED = "helpdesk.case_closed"
HELPDESK_METHOD_DELETED = "helpdesk.method_deleted"
HELPDESK_REREGISTRATION_REQUIRED = "helpdesk.reregistration_required"
HELPDESK_SESSIONS_ENDED = "helpdesk.sessions_ended"
HELPDESK_UNLOCKED = "helpdesk.unlocked"
HELPDESK_REFUSED = "helpdesk.refused"
HELPDESK_SECOND_ASKED = "helpdesk.second_asked"
HELPDESK_SECOND_AGREED = "helpdesk.second_agreed"
HELPDESK_SECOND_REFUSED = "helpdesk.second_refused"
PASS_ISSUED = "pass.issued"
PASS_USED = "pass.used"
PASS_EXPIRED = "pass.expired"
PASS_REVOKED = "pass.revoked"

# Administration
POLICY_PREVIEWED = "policy.previewed"
POLICY_SAVED = "policy.saved"
POLICY_REVERTED = "policy.reverted"
POLICY_EXPLAINED = "policy.explained"
REPORT_VIEWED = "report.viewed"
EXPORT_DOWNLOADED = "export.downloaded"
AUDIT_VERIFIED = "audit.verified"
AUDIT_BROKEN = "audit.broken"
NOTICE_SENT = "notice.sent"
NOTICE_FAILED = "notice.failed"
DELIVERY_FAILED = "delivery.failed"
CHANNEL_STOPPED = "channel.stopped"
CHANNEL_RESUMED = "channel.resumed"
TEST_MESSAGE_SENT = "test_message.sent"

ALL = frozenset(
    value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)
)
