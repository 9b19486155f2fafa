"""A mail server on loopback that misbehaves exactly as a test tells it to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Self


class Conversation:
    """One connection, from the server's side."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self.connection: Any = connection
        self.stopping = stopping
        self.heard: list[str] = []
        self._buffer = b""

    def say(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def hear(self) -> str | None:
        """The next line; None when the client is gone."""
        while b"\n" not in self._buffer:
            received = self.connection.recv(4096)
            if not received:
                return None
            self._buffer += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        self.heard.append(line.decode(errors="replace").rstrip("\r"))
        return self.heard[-1]

    def greet(self, *extensions: str) -> None:
        """Greeting and answer to EHLO."""
        self.say("220 rough.example ready")
        self.hear()
        self.say(*(f"250-{each}" for each in ("rough.example", *extensions)), "250 HELP")

    def take_envelope(self) -> None:
        """MAIL, RCPT, DATA and the mail itself, up to the final dot; without the answer to it."""
        for answer in ("250 ok", "250 ok", "354 go on"):
            self.hear()
            self.say(answer)
        while self.hear() not in (".", None):
            pass

    def drip(self, text: str, *, every: float) -> None:
        """One byte at a time, until the client has had enough."""
        for letter in text.encode():
            self.connection.sendall(bytes([letter]))
            if self.stopping.wait(every):
                return

    def hang(self) -> None:
        self.stopping.wait(30)

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.connection = context.wrap_socket(self.connection, server_side=True)


class RoughServer:
    """`with RoughServer(script) as server:`; every connection runs the script once."""

    def __init__(self, script: Callable[[Conversation], None], *, port: int = 0) -> None:
        self.script = script
        self.conversations: list[Conversation] = []
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port))
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"smtp+plain://127.0.0.1:{self.port}"

    @property
    def heard(self) -> list[str]:
        """Every line that any client said."""
        return [line for each in self.conversations for line in each.heard]

    @property
    def message_ids(self) -> list[str]:
        return [line for line in self.heard if line.startswith("Message-ID:")]

    def settings(self, **changes: object) -> dict[str, object]:
        """What EMAIL_URL=smtp+plain://127.0.0.1:port gives."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": "",
            "password": "",
            "use_tls": False,
            "use_ssl": False,
        } | changes

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for conversation in self.conversations:
            with contextlib.suppress(OSError):
                conversation.connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            conversation = Conversation(connection, self._stopping)
            self.conversations.append(conversation)
            self._run(self._converse, conversation)

    def _converse(self, conversation: Conversation) -> None:
        with contextlib.suppress(OSError):  # the client went away, as some tests want it to
            self.script(conversation)
        with contextlib.suppress(OSError):
            conversation.connection.close()

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


def take_the_mail(talk: Conversation) -> None:
    """The script of a server that behaves."""
    talk.greet()
    talk.take_envelope()
    talk.say("250 taken")
    talk.hear()
    talk.say("221 bye")
