"""Ports to listen on."""

from __future__ import annotations

import socket

from postroom.kernel.errors import Unavailable


class PortTaken(Unavailable):
    """Something else listens on the port."""

    code = "port-taken"
    title = "The port is taken"


def hold_port(host: str, wanted: int) -> socket.socket:
    """A socket that keeps ``wanted`` (0: any) from everybody else until it is closed. Raises PortTaken.

    It listens and answers nobody: a socket that is only bound keeps others away on no system when both allow reuse.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind((host, wanted))
        holder.listen(1)
    except OSError as error:
        holder.close()
        raise PortTaken(
            f"Port {wanted} on {host} cannot be used: {error.strerror}.", hint="Choose another one with --port."
        ) from error
    return holder


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if it is free (0: any). Raises PortTaken."""
    with hold_port(host, wanted) as holder:
        port: int = holder.getsockname()[1]
        return port
