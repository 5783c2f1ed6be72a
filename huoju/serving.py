"""Serve the web application with granian: refuse what is unsafe before the start, stop without losing a turn."""

import multiprocessing
import os
import signal
import socket
import threading
from functools import partial
from multiprocessing.connection import wait

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from bots.playground.guard import is_loopback
from huoju.compose import open_installation
from huoju.settings import Settings
from huoju.web import worker_app

BLOCKING_THREADS = 64
"""Requests that one worker has in hand: as many messages as may wait for its next turn."""

_STOP_PATIENCE_S = 40


class PortTaken(Exception):
    """Another program has the port; the message says what to do."""


class PlaygroundRefused(Exception):
    """The playground may not be shown like this; the message says what to do."""


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    blocking_threads: int = BLOCKING_THREADS,
) -> None:
    """Serve until SIGINT or SIGTERM; call it in the main thread. Requests in hand are finished first.

    Raises, before anything is started and in this order: PlaygroundRefused, KeysUnusable or DatabaseUnusable,
    PortTaken. Workers are spawned, never forked, so threads and connections of this process do not reach them.
    """
    check_playground(settings, host)
    open_installation(settings).database.dispose()
    check_port(host, port)
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "huoju.web:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=blocking_threads,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_PATIENCE_S,
    ).serve(target_loader=partial(_load, settings), wrap_loader=False)


def check_playground(settings: Settings, host: str) -> None:
    """Raise PlaygroundRefused when the playground would be open to others and no password protects it."""
    if settings.playground and not settings.playground_password and not is_loopback(host):
        raise PlaygroundRefused(
            f"the playground on {host} could be used by anybody; set HUOJU_PLAYGROUND_PASSWORD, or use --host 127.0.0.1"
        )


def check_port(host: str, port: int) -> None:
    """Raise PortTaken when ``port`` is in use, also by another Huoju, with which the workers would share it."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            reason = error.strerror or str(error)
            raise PortTaken(
                f"cannot listen on {host}:{port} ({reason}); stop the other program, or take another --port"
            ) from None


def _load(settings: Settings) -> Flask:
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    return worker_app(settings)


def _end_with_parent() -> None:
    """A worker whose parent was killed would keep the port; it stops as if it were told to."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
