"""The web process: granian and its workers, refused where it is unsafe, begun again, stopped without losing a turn."""

import multiprocessing
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.util import Finalize
from typing import Any

import structlog
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from bots.playground.guard import is_loopback
from huoju.account_registry import read_registry
from huoju.bootstrap import open_installation
from huoju.gc_tuning import collect_seldom
from huoju.logs import own_process
from huoju.process import Process
from huoju.settings import Settings, read_settings
from huoju.web.application import create_app
from huoju.web.body_timeout import body_timeout
from huoju.web.load_shedding import LoadShedding
from huoju.web.rate_limit import PublicPages, RateLimit
from pages.pictures.fonts import find_fonts

log = structlog.get_logger()

IN_HAND = 256
"""Requests that one worker has in hand: so many messages that none waits for more than a few turns."""
VISITORS = 64
"""Requests for public pages beside those."""
SCREENS_TIMES = 10
"""An address may look at the console so many times as often as at other public pages: some hundred screens."""
READING = 2048
"""Requests whose bodies are on their way beside those; threads that wait for them sleep, and are made when needed."""
BLOCKING_THREADS = IN_HAND + READING + VISITORS + 32
"""Those that are left over refuse what is too much (huoju/web/load_shedding.py)."""
CONNECTIONS = 16_384
"""So many a worker keeps, and accepts no more: a silent one costs nobody a place."""
HEADERS_WITHIN_S = 10
"""A connection that says nothing for so long is closed, before its first request and between two."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
"""Before a worker that has ended is begun again."""

_STOP_PATIENCE_S = 40
_HEALTHY_S = 60.0
_SPARE_FILES = 512


class PortTaken(Exception):
    """Another program has the port; the message says what to do."""


class PlaygroundRefused(Exception):
    """The playground may not be shown like this; the message says what to do."""


def app() -> Flask:
    """The factory for a worker of any WSGI server: opens the installation that the settings name, never makes one.

    Raises SettingsRefused, KeysUnusable or DatabaseUnusable. The engine finishes what waits when the process ends.
    """
    settings = read_settings()
    return _worker(settings, playground=settings.playground)


def serve(
    settings: Settings,
    host: str,
    port: int,
    *,
    workers: int = 1,
    blocking_threads: int = BLOCKING_THREADS,
    playground: bool = False,
    first_pause_s: float = FIRST_PAUSE_S,
) -> None:
    """Serve until SIGINT or SIGTERM; call it in the main thread. Requests in hand are finished first.

    The installation must exist. Workers are spawned, never forked, so threads and connections of this process do not
    reach them. Raises what check_address raises, and FontMissing.
    """
    check_address(settings, host, port, playground=playground)
    find_fonts(settings.font_file)
    hear_signals()
    multiprocessing.set_start_method("spawn", force=True)
    resource_tracker.ensure_running()  # its start would undo the next line
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # workers inherit it: on Ctrl-C only this process acts
    server = Server(
        "huoju.web.server:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=blocking_threads,
        websockets=False,
        http=HTTPModes.http1,  # guessing the version waits for ever for a connection that says nothing
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN_S * 1000),
        backpressure=CONNECTIONS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_PATIENCE_S,
    )
    server.first_pause_s = server.pause_s = first_pause_s
    try:
        server.serve(target_loader=partial(_guarded_worker, settings, port, playground=playground), wrap_loader=False)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class Server(Granian):  # type: ignore[misc, valid-type]  # which of its servers it is depends on the build
    """Granian, which gives up when a worker ends twice within seconds; here that costs growing pauses and no more.

    Whatever kills workers, an operator, the system that has no memory left, does not end the process that begins them.
    """

    first_pause_s = pause_s = FIRST_PAUSE_S

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Callable[..., Any], target_loader: Any, delay: float = 0
    ) -> None:
        lived = [self._lived_s(index) for index in workers]
        self.pause_s = self.first_pause_s if min(lived, default=0.0) > _HEALTHY_S else self.pause_s
        log.error("worker.ended", workers=[index + 1 for index in workers], pause_s=self.pause_s)
        self.main_loop_interrupt.wait(self.pause_s)  # a stop, or the end of another worker, cuts it short
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)
        if not self.interrupt_signal:
            super()._respawn_workers(workers, spawn_target, target_loader, delay)
        self.respawned_wrks.clear()  # by which it would see a loop, and end

    def _lived_s(self, index: int) -> float:
        births = [worker.birth for worker in self.wrks if worker.idx == index]
        return time.monotonic() - max(births, default=time.monotonic())


def check_address(settings: Settings, host: str, port: int, *, playground: bool) -> None:
    """Raise PlaygroundRefused when anybody could use the playground on ``host``, PortTaken when the port is in use.

    Granian's workers share a port with whoever else shares it, another Huoju for one, so nothing else would notice.
    """
    if playground and not settings.playground_password and not is_loopback(host):
        raise PlaygroundRefused(
            f"the playground on {host} could be used by anybody; set HUOJU_PLAYGROUND_PASSWORD, or use --host 127.0.0.1"
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PortTaken(
            f"cannot listen on {host}:{port} ({reason}); stop the other program, or take another --host or --port"
        ) from None


def _worker(settings: Settings, port: int | None = None, *, playground: bool) -> Flask:
    installation = open_installation(settings)
    process = Process(installation, "web", read_registry(settings))
    sink = process.sink()
    routes = list(process.registry.routes(process.dependencies, sink))
    collect_seldom()
    # Not atexit, which a worker that multiprocessing forked never runs; it runs its finalizers.
    Finalize(None, process.stop, exitpriority=10)
    assert process.engine is not None
    web = create_app(
        installation,
        process.engine,
        playground=playground,
        metrics_file=process.metrics_file,
        platforms=routes,
        contacts=process.registry.contacts,
    )
    slow = body_timeout(port) if port else None
    messages = LoadShedding(web.wsgi_app, IN_HAND, READING, slow.watch if slow else None)
    visits, screens = (RateLimit(settings.visits_per_minute * times, settings.proxies) for times in (1, SCREENS_TIMES))
    web.wsgi_app = PublicPages(web.wsgi_app, messages, VISITORS, visits, screens)  # type: ignore[method-assign]  # as Flask wants middleware added
    return web


def _guarded_worker(settings: Settings, port: int, *, playground: bool) -> Flask:
    own_process()
    _allow_connections(CONNECTIONS)
    hear_signals(multiprocessing.parent_process())
    return _worker(settings, port, playground=playground)


def _allow_connections(most: int) -> None:
    """Let this process open as many files as ``most`` connections need, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + _SPARE_FILES if hard == resource.RLIM_INFINITY else min(most + _SPARE_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def hear_signals(parent: BaseProcess | None = None) -> None:
    """Let no stop signal be missed, and end with ``parent``. Call it in the main thread.

    Python runs a signal's handler in the main thread, and a signal that another thread caught does not wake it from
    the lock it waits on: under load one stop in ten was not heard. A worker whose parent was killed would keep the
    port.
    """
    told, tell = socket.socketpair()
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
    threading.Thread(target=_wake, args=(told, tell, parent), name="signals", daemon=True).start()


def _wake(told: socket.socket, _kept_open: socket.socket, parent: BaseProcess | None) -> None:
    main = threading.main_thread().ident
    assert main is not None
    sentinels = [parent.sentinel] if parent else []
    while told in wait([told, *sentinels]):
        if {signal.SIGINT, signal.SIGTERM} & set(told.recv(64)):
            signal.pthread_kill(main, signal.SIGUSR1)
    signal.pthread_kill(main, signal.SIGTERM)
