"""Ports to listen on."""

from __future__ import annotations

import socket

from postroom.kernel.errors import Unavailable


class PortTaken(Unavailable):
    """Something else listens on the port."""

    code = "port-taken"
    title = "The port is taken"


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if it is free (0: any). Raises PortTaken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError as error:
            raise PortTaken(
                f"Port {wanted} on {host} cannot be used: {error.strerror}.", hint="Choose another one with --port."
            ) from error
        port: int = probe.getsockname()[1]
        return port
