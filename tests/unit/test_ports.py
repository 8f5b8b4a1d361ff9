"""A port that somebody was promised is kept until it is served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from postroom.project.ports import PortTaken, free_port, hold_port, reserve_port


def test_a_held_port_is_nobody_elses_until_it_is_let_go() -> None:
    # given a port that is held
    with hold_port("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
        # when somebody else wants it, or wants any
        with pytest.raises(PortTaken) as refused:
            free_port("127.0.0.1", port)
        other = free_port("127.0.0.1", 0)
    # then they are told what to do, or get another one
    assert f"Port {port}" in str(refused.value) and "--port" in refused.value.hint
    assert other != port
    # and afterwards it is free
    assert free_port("127.0.0.1", port) == port


def test_the_demo_takes_another_port_when_its_own_is_taken_and_keeps_it() -> None:
    from postroom.project.demo import _port

    # given a demo that remembers a port somebody else has by now
    with hold_port("127.0.0.1", 0) as taken:
        remembered = {"port": taken.getsockname()[1]}
        # when it opens again, and a second one beside it
        with _port(0, remembered) as first, _port(0, remembered) as second:
            ports = {one.getsockname()[1] for one in (taken, first, second)}
            # then each has a port of its own
            assert len(ports) == 3
        # and who asked for that very port is told, rather than given another
        with pytest.raises(PortTaken):
            _port(remembered["port"], {})


_CHOOSE = """
import sys, time
from postroom.project import ports, demo
kept = {choose}
port = kept.getsockname()[1]
kept.close()                # from here on nobody listens: the web server is still to start
print(port, flush=True)
sys.stdin.read()
"""


def _chosen(choose: str, count: int, home: Path) -> list[int]:
    """The ports that so many processes choose at the same moment, each before any of them listens."""
    code = _CHOOSE.format(choose=choose)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(home)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(count)
    ]
    try:
        return [int(one.stdout.readline()) for one in started if one.stdout]
    finally:
        for one in started:
            one.communicate("")


def test_two_demos_that_are_started_at_once_never_meet(tmp_path: Path) -> None:
    # given demos that remember no port, each with nobody listening yet when the next one chooses
    chosen = _chosen("demo._port(0, {})", 3, tmp_path)
    # then each has one of its own
    assert len(set(chosen)) == 3
    # and when they have ended, their ports are anybody's again
    assert _chosen(f"ports.hold_reserved('127.0.0.1', {chosen[0]})", 1, tmp_path) == chosen[:1]


def test_planted_a_port_that_is_only_looked_at_is_chosen_twice(tmp_path: Path) -> None:
    with hold_port("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
    choose = f"ports.hold_port('127.0.0.1', {port})"
    # given processes that choose one after the other, as two demos do whose choices lie a second apart
    first = subprocess.Popen(
        [sys.executable, "-c", _CHOOSE.format(choose=choose)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert first.stdout is not None
    first.stdout.readline()
    assert _chosen(choose, 1, tmp_path) == [port]
    first.communicate("")


def test_one_process_never_chooses_a_port_twice_and_may_ask_for_its_own_again() -> None:
    found = {reserve_port("127.0.0.1", 0) for _ in range(20)}
    assert len(found) == 20
    one = min(found)
    assert reserve_port("127.0.0.1", one) == one
