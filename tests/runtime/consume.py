"""One consumer of the broker in a folder: writes down what it was given, then acknowledges it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from kombu import Connection, Consumer, Exchange, Queue

from securityinfo import filebroker


def main(folder: str, result: str) -> None:
    queue = Queue("codes", Exchange("codes"), routing_key="codes")
    options = {"folder": folder, "visibility_timeout": 2, "unacked_restore_interval": 0.5}
    out = os.open(result, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write_down(message) -> None:
        os.write(out, f"{message.payload}\n".encode())
        message.ack()

    with Connection(f"{filebroker.SCHEME}://", transport_options=options) as connection:
        consumer = Consumer(connection, [queue], on_message=write_down)
        consumer.qos(prefetch_count=4)
        with consumer:
            while True:
                connection.drain_events()


if __name__ == "__main__":
    main(*sys.argv[1:])
