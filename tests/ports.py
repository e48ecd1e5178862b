"""Ports of loopback on which nobody listens yet."""

import contextlib
import socket

INSTALLATION = ("CONTEST_PORT", "CONTEST_SANDBOX_PORT", "CONTEST_SANDBOX_VK_PORT")
"""The settings of all ports of an embedded service."""


def free_ports(*names: str) -> dict[str, str]:
    """A port for each of these settings, no two of them the same."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {
            name: str(each.getsockname()[1]) for name, each in zip(names, listeners, strict=True)
        }
