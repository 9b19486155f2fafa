"""`make demo`: all or nothing, and nobody is left behind."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import urllib.request

import pytest

from tests.servers import processes
from tests.servers.demo import Demo

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PROGRAMS = (
    "gunicorn",
    "celery -A securityinfo.celery worker",
    "celery -A securityinfo.celery beat",
)


@pytest.fixture
def demo(tmp_path):
    demo = Demo(tmp_path)
    yield demo
    demo.stop()


def children(demo: Demo) -> dict[int, str]:
    """Pid → command of everything that the demo has started, and that they have started."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=2) for line in listing.splitlines()]
    family = {demo.process.pid}
    found: dict[int, str] = {}
    grown = True
    while grown:
        new = {int(pid): command for pid, parent, command in rows if int(parent) in family}
        grown = not new.keys() <= family
        found |= new
        family |= new.keys()
    return found


def are_gone(pids) -> bool:
    alive = subprocess.run(
        ["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, pids))],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return all("Z" in line for line in alive.splitlines())


def pid_of(demo: Demo, program: str) -> int:
    return min(pid for pid, command in children(demo).items() if program in command)


def test_it_is_open_when_it_says_so_and_stops_in_order(demo):
    demo.start()
    family = children(demo)
    with urllib.request.urlopen(f"{demo.url}/sign-in/", timeout=30) as page:
        answered = page.status
    said = demo.process.said
    keys = demo.folder / "var" / "demo.env"
    mode = stat.S_IMODE(keys.stat().st_mode)
    name, before = demo.newcomer(), keys.read_text()

    demo.interrupt()
    code = demo.process.wait()

    assert answered == 200
    assert all(any(each in command for command in family.values()) for each in PROGRAMS)
    assert demo.url in said
    assert "demo-only-password" in said
    assert "alice" in said
    assert mode == 0o600
    assert "SECRET_KEY" not in said
    assert code == 0
    assert are_gone(family)
    assert "Stopped." in demo.process.said

    demo.start()  # once more: it keeps its keys and its people

    assert keys.read_text() == before
    with pytest.raises(Exception, match="UNIQUE"):
        demo.newcomer(name)


def test_nobody_is_left_when_it_is_killed(demo):
    demo.start()
    family = children(demo)

    demo.process.send(signal.SIGKILL)

    processes.wait_until(lambda: are_gone(family), 60, "for the orphans")


@pytest.mark.parametrize("program", PROGRAMS)
def test_whoever_ends_takes_all_others_along_and_is_named(demo, program):
    demo.start()
    family = children(demo)

    os.kill(pid_of(demo, program), signal.SIGKILL)
    code = demo.process.wait(40)

    assert code == 1
    assert "ended by itself" in demo.process.said
    assert "The demo has stopped." in demo.process.said
    assert are_gone(family)


def test_a_second_interrupt_stops_at_once(demo):
    demo.start()
    family = children(demo)
    os.kill(pid_of(demo, "gunicorn"), signal.SIGSTOP)  # it cannot hear that it should end

    demo.interrupt()
    with pytest.raises(subprocess.TimeoutExpired):
        demo.process.wait(2)
    for _ in range(2):
        demo.interrupt()
    demo.process.wait(10)

    assert are_gone(family)


def test_a_port_in_use_is_one_clear_line(demo):
    with socket.create_server(("127.0.0.1", demo.port)):
        demo.launch()
        code = demo.process.wait()

    (line,) = demo.process.said.splitlines()
    assert code == 1
    assert f"Port {demo.port} is in use. Choose another: PORT={demo.port + 1} make demo" in line


def test_two_demos_in_one_folder_are_one_too_many(demo):
    demo.start()
    second = Demo(demo.folder).launch()

    assert second.process.wait() == 1
    assert "already running" in second.process.said
    assert demo.process.is_running


def test_without_redis_the_broker_is_a_folder(demo):
    demo.environment["PATH"] = "/bin:/nowhere" if _has_no_redis("/bin") else "/nowhere"

    demo.start()

    assert (demo.folder / "var" / "broker" / "codes").is_dir()
    assert not any("redis-server" in command for command in children(demo).values())


def _has_no_redis(folder: str) -> bool:
    return not any(os.path.exists(f"{folder}/{name}-server") for name in ("redis", "valkey"))
