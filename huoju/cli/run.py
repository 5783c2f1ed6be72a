"""`huoju run`: everything in one place. `huoju web`, `sender`, `clock`: its parts. `huoju chat`: talk to it."""

import signal
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from pydantic import AnyHttpUrl

from bots.base import Said
from bots.terminal.chat import chat as talk
from core.answers import Value, Verbatim
from core.engine.engine import Engine
from core.outbox import collect
from handlers.operators.terminal import first_word
from huoju import demo as demonstration
from huoju.account_registry import blocked_words, complete_registry, read_registry
from huoju.cli.console import err, installation, out, spoken
from huoju.gc_tuning import collect_seldom
from huoju.logs import own_process
from huoju.process import Process
from huoju.settings import Settings
from huoju.web.server import check_address, serve
from scheduler.clock import run_clock

SHOWN = 3
"""Codes of a demo that the terminal shows."""
STOPS = "SIGINT or SIGTERM stops it when all in hand is done."
_SIGNAL_S = 0.5

_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
_PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
_WORKERS = click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
_PLAYGROUND = click.option(
    "--playground/--no-playground",
    default=False,
    help="Serve the playground: a page where a visitor is several phones.",
)


@click.command()
@_HOST
@_PORT
@_WORKERS
@_PLAYGROUND
@click.option(
    "--demo",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Publish this campaign file, or all of a folder, with a small batch of codes for each; may be given again.",
)
def run(host: str, port: int, workers: int, *, playground: bool, demo: tuple[Path, ...]) -> None:
    """Run Huoju: web, links, sender and clock together, creating key file and database where they are missing."""
    here = installation(create=True)
    registry = read_registry(here.settings)
    check_address(here.settings, host, port, playground=playground)
    decks = demonstration.set_up(here, demonstration.campaign_files(demo))
    here = replace(here, settings=_reachable(here.settings, host, port, playground=playground))
    say, at = _Saying(), Verbatim(f"http://{host}:{port}")
    say("Huoju starts on {address} (the playground)" if playground else "Huoju starts on {address}", address=at)
    for deck in [] if playground else decks:  # there cards are dealt
        codes = Verbatim("   ".join(deck.show(SHOWN)))
        say("Three codes to try in {campaign}: {codes}", campaign=deck.campaign, codes=codes)
    for account, path in registry.webhook_paths().items():
        if path:
            called = Verbatim(f"{here.settings.links_begin_with or at}{path}")
            say("{account} is called at {address}", account=account, address=called)
        else:
            say("{account} needs no address: we call the platform", account=account)
    runtime = here.runtime(blocked=blocked_words(here.settings))
    operators_phone = playground and not here.settings.playground_password
    if not operators_phone and (word := first_word(runtime, here.clock)) is not None:
        nobody = "Nobody runs this in a chat yet: whoever writes /operator join {word} first is its owner."
        say(nobody, word=word)
    say("Ctrl-C stops it.")
    own_process()
    process = Process(here, "run", registry)
    collect_seldom()
    linked = process.connect() if registry.have_links() else []
    process.show_menus()
    process.send([*registry.senders(process.dependencies), *linked])
    clock = run_clock(process.runtime(), here.clock, process.listener.hears)
    process.listener.tell(clock.hear)
    try:
        serve(here.settings, host, port, workers=workers, playground=playground)
    finally:
        process.stop()
        clock.stop()
    say("Stopped.")


class _Saying:
    """Says sentences in the language of whoever called, as they come."""

    def __init__(self) -> None:
        self._says = spoken()

    def __call__(self, sentence: str, **values: Value) -> None:
        """Say ``sentence`` with ``values`` in its places."""
        out.print(self._says.sentence(sentence, **values))


def _reachable(settings: Settings, host: str, port: int, *, playground: bool) -> Settings:
    """Let a playground whose public address nobody set show links that work on this machine."""
    if settings.public_url is not None or not playground:
        return settings
    return settings.model_copy(update={"public_url": AnyHttpUrl(f"http://{host}:{port}")})


@click.command()
@_HOST
@_PORT
@_WORKERS
@_PLAYGROUND
def web(host: str, port: int, workers: int, *, playground: bool) -> None:
    """Run web processes only; the database must exist."""
    here = installation()
    read_registry(here.settings)  # what is wrong there is told once, and not by each worker
    settings = _reachable(here.settings, host, port, playground=playground)
    serve(settings, host, port, workers=workers, playground=playground)


def hold_links(channel: str) -> None:
    """Hold the links of all accounts of ``channel`` until SIGINT or SIGTERM; without any, only wait."""
    here = installation()
    registry = read_registry(here.settings)
    stopped = _told_to_stop()
    process = Process(here, channel, registry)
    collect_seldom()
    if registry.have_links(channel):
        process.send(process.connect(channel))
    else:
        idle = "No account in {file} needs {verb}; it waits for nothing."
        err.print(spoken().sentence(idle, file=str(here.settings.config_file), verb=Verbatim(f"`huoju {channel}`")))
    _wait_for(stopped)
    process.stop()


@click.command()
def clock() -> None:
    """Run a clock only; any number of them may run at once.

    SIGINT or SIGTERM stops it when all in hand is done.
    """
    here = installation()
    stopped = _told_to_stop()
    process = Process(here, "clock", complete_registry(here.settings))
    collect_seldom()
    ticking = run_clock(process.runtime(), here.clock, process.listener.hears)
    process.listener.tell(ticking.hear)
    _wait_for(stopped)
    ticking.stop()
    process.stop()


@click.command()
def sender() -> None:
    """Run a sender only; any number of them may run at once.

    SIGINT or SIGTERM stops it when all in hand is done.
    """
    here = installation()
    registry = read_registry(here.settings)
    stopped = _told_to_stop()
    process = Process(here, "sender", registry)
    collect_seldom()
    process.show_menus()
    process.send(registry.senders(process.dependencies))
    _wait_for(stopped)
    process.stop()


def _told_to_stop() -> threading.Event:
    """Set by SIGINT or SIGTERM."""
    own_process()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _wait_for(stopped: threading.Event) -> None:
    while not stopped.wait(_SIGNAL_S):
        pass  # a signal that another thread caught does not wake this one from its lock


@click.command()
@click.option("--as", "user", default="me", show_default=True, help="Who you are.")
def chat(user: str) -> None:
    """Chat with the engine as a player, line by line; Ctrl-D ends it."""
    here = installation()
    runtime = here.runtime(blocked=blocked_words(here.settings))
    engine = Engine(runtime)

    def fetch(address: tuple[str, str, str], after: int) -> Sequence[Said]:
        return collect(runtime.sessions, here.keys, here.keys.address_key(*address), after)

    try:
        talk(engine.submit, fetch, here.clock, user, lambda: input("> "), print)
    finally:
        engine.close()
