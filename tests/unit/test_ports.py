"""A port that somebody was promised is kept until it is served."""

from __future__ import annotations

import pytest

from postroom.project.ports import PortTaken, free_port, hold_port


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
