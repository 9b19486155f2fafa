"""What other layers may hear of: a change to somebody's security info, in its transaction."""

from __future__ import annotations

from django.dispatch import Signal

# Arguments: user, change ("added", "changed", "deleted"), keep_session (session key or "").
security_info_changed = Signal()
