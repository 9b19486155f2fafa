"""What gunicorn says of itself, in the form of all other log lines."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from securityinfo import env, logs


class ServerLog(Logger):
    """Its access log too, where somebody turns it on."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        formatter = logs.FORMATTERS[
            env.choice("SECURITYINFO_LOG_FORMAT", "line", of=logs.FORMATTERS)
        ]
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(formatter())
