"""`huoju run`: everything in one place. `huoju chat`: talk to it from a terminal."""

from pathlib import Path

import click
from bots.terminal import chat as talk

from core.engine.engine import Engine
from core.outbox import collect
from huoju import demo as demonstration
from huoju.cli.common import installation, out
from huoju.web import check_address, serve
from scheduler.clock import start_clock, ticks


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes.")
@click.option("--playground", is_flag=True, help="Serve the playground: a page where a visitor is several phones.")
@click.option(
    "--demo",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Publish this example, keep a small batch of codes for it, and show three of them.",
)
def run(host: str, port: int, workers: int, playground: bool, demo: Path | None) -> None:  # noqa: FBT001
    """Run Huoju: web and clock together, creating key file and database where they are missing."""
    here = installation(create=True)
    check_address(here.settings, host, port, playground=playground)
    codes = demonstration.set_up(here, demo, here.settings.keys_file.parent) if demo else []
    out.print(f"Huoju listens on http://{host}:{port}" + (" (playground)" if playground else ""))
    if codes:
        out.print("Three codes to try: " + "   ".join(codes))
    out.print("Ctrl-C stops it.")
    clock = start_clock(ticks(here.world(), here.clock))
    try:
        serve(here.settings, host, port, workers=workers, playground=playground)
    finally:
        clock.shutdown()
        here.database.dispose()
    out.print("Stopped.")


@click.command()
@click.option("--as", "user", default="me", show_default=True, help="Who you are.")
def chat(user: str) -> None:
    """Chat with the engine as a player, line by line; an empty file or Ctrl-D ends it."""
    here = installation()
    world = here.world()
    engine = Engine(world)

    def fetch(address: tuple[str, str, str], after: int) -> list:  # type: ignore[type-arg]
        return collect(world.sessions, here.keys, here.keys.address_key(*address), after)

    try:
        talk(engine.submit, fetch, here.clock, user, lambda: click.prompt("", prompt_suffix="> "), out.print)
    finally:
        engine.close()
