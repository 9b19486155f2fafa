"""English dates as all our pages have them, day first and with 24 hours: 22 Nov 2026, 14:35."""

from __future__ import annotations

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
