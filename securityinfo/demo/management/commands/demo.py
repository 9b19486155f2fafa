"""`manage.py demo`: the whole product on this machine, in one command and without a server."""

from __future__ import annotations

import http.client
import os
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from securityinfo.demo import organization
from securityinfo.demo.programs import Programs
from securityinfo.demo.supervisor import Ended, Interrupted, Supervisor

READY_WITHIN = 60  # seconds


class Command(BaseCommand):
    help = "Runs the demo organization: web server, worker and scheduler. Start it with: make demo"
    requires_system_checks: list[str] = []  # the preparation runs them, once

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--prepare", action="store_true", help="Only make the database and the people."
        )

    def handle(self, *args: Any, prepare: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not the demo. Start it with: make demo")
        if prepare:
            self.prepare()
            return
        self.port = _free_port(os.environ.get("PORT", "8000"))
        self.programs = Programs(settings.BASE_DIR, Path(os.environ["SECURITYINFO_DEMO_DIR"]))
        try:
            with Supervisor() as house:
                self.run(house)
        except Interrupted:
            self.say("\nStopped.")
        except Ended as ended:
            raise CommandError(f"{ended}\nThe demo has stopped.") from None

    def prepare(self) -> None:
        call_command("check")
        call_command("migrate", verbosity=0)
        organization.seed()

    def run(self, house: Supervisor) -> None:
        if not settings.REDIS_URL and (redis := self.programs.redis()):
            house.start(redis)
        self.say("Preparing the demo …")
        house.run(self.programs.preparation())
        web = self.programs.web()
        for child in (self.programs.scheduler(), self.programs.worker(), web):
            house.start(child)
        house.wait_until(
            self._is_answering, READY_WITHIN, f"The web server does not answer. See {web.log}"
        )
        self.say(self.welcome())
        house.watch()

    def say(self, text: str) -> None:
        """At once, also into a file or a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    def welcome(self) -> str:
        address = settings.PUBLIC_URL
        people = "\n".join(
            f"    {person.username:<8}{person.story}" for person in organization.PEOPLE
        )
        return (
            f"\n  {organization.NAME} is open:  {address}/\n"
            f"  Its simulated phone:  {address}/demo/phone/\n\n"
            f"  Sign in as one of these; the password of all is  {organization.PASSWORD}\n\n"
            f"{people}\n\n"
            f"  Logs: {self.programs.log}. Ctrl-C stops everything.\n"
        )

    def _is_answering(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/sign-in/")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _free_port(given: str) -> int:
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 65535:
        raise CommandError(f"PORT must be a number from 1 to 65535, not {given!r}.")
    port = int(given)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CommandError(
                f"Port {port} is not for ordinary users. Try: PORT=8001 make demo"
            ) from None
        except OSError:
            raise CommandError(
                f"Port {port} is in use. Choose another: PORT={port + 1} make demo"
            ) from None
    return port
