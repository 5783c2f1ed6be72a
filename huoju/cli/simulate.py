"""`huoju simulate`: play a campaign file with a crowd before anybody real does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from core.answers import AnswerPart, Line, Verbatim, line
from core.campaign.checks import check_campaign
from core.campaign.reader import read_campaign
from core.database import DatabaseUnusable, open_database, read_only
from core.engine.checkup import audited
from core.operators import VerbRefused
from core.times import local_day
from handlers import MECHANICS
from handlers.relay.boards import RelayNumbers, boards, relay_numbers
from handlers.relay.rules import RelayRules
from handlers.relay.verbs import boards_told, numbers_told
from huoju import logs
from huoju.cli.console import json_option, progress, spoken, tell
from huoju.simulation.play import Plan, Played, play, start_of
from huoju.simulation.results import Shown, chart, curve, picture, totals
from pages.pictures.fonts import find_fonts

_IN_MEMORY = "sqlite:///file::memory:?cache=shared&uri=true"
_CHART_LINES, _PICTURE_POINTS, _TOP = 25, 241, 5


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--players", type=click.IntRange(1, 10_000_000), default=2000, show_default=True, help="Size of the crowd."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same play.")
@click.option("--hours", type=click.IntRange(1, 24 * 366), default=24, show_default=True, help="Of virtual time.")
@click.option("--picture", "png", type=click.Path(path_type=Path, dir_okay=False), help="Write the curve as a PNG.")
@click.option("--database", "url", help="Play in this empty database, which stays, not in memory.")
@json_option
def simulate(
    file: Path, players: int, seed: int, hours: int, *, png: Path | None, url: str | None, as_json: bool
) -> None:
    """Play the campaign FILE with a crowd that does not exist, through the very engine, and audit what came out.

    Everybody in it is made up: how many friends they ask and how fast these answer are guesses, not a forecast.
    Nothing is sent to anybody. Without --database everything happens in memory and leaves nothing behind.
    """
    logs.configure("error")
    plan = Plan(read_campaign(file, MECHANICS.sections), players, seed, timedelta(hours=hours))
    check_campaign(plan.file, MECHANICS.texts(), start_of(plan))
    if png is not None and plan.file.rules.section(RelayRules) is None:
        none = "{campaign} has no torch relay, so there is no curve to draw; leave --picture out"
        raise VerbRefused(none, campaign=plan.file.rules.name)
    if png is not None and not png.parent.is_dir():
        raise VerbRefused("{folder} is no folder; the picture cannot be written there", folder=Verbatim(png.parent))
    with _empty_database(url) as database:
        began_s = time.perf_counter()
        with progress() as bar:
            task = bar.add_task(spoken().word("virtual minutes"), total=hours * 60)
            played = play(database, plan, lambda done: bar.update(task, completed=done // timedelta(minutes=1)))
        real_s = time.perf_counter() - began_s
        with read_only(played.runtime.sessions) as session:
            parts = _told(session, plan, played, png, as_json=as_json)
            said = totals(session).said
        parts.append(
            line(
                "Messages taken: {taken} in {turns} turns, {repeated} of them delivered again; texts said: {said}.",
                taken=played.taken,
                turns=played.turns,
                repeated=played.repeated,
                said=said,
            )
        )
        parts.append(line("{hours} virtual hours in {seconds:.1f} s.", hours=hours, seconds=real_s))
        with progress() as bar:
            task = bar.add_task(spoken().word("guarantees"), total=None)
            checked = audited(played.runtime, lambda done, of: bar.update(task, completed=done, total=of))
    tell(replace(checked, parts=[*parts, *checked.parts]), as_json=as_json, zone=plan.file.rules.zone)


@contextmanager
def _empty_database(url: str | None) -> Iterator[Engine]:
    """The database of a play, nothing in it. Raises VerbRefused or DatabaseUnusable."""
    database = open_database(url or _IN_MEMORY)
    try:
        with database.connect() as connection:
            tables = inspect(connection).get_table_names()
        if tables:
            told = "this database holds {count} tables; a simulation plays in an empty one only"
            raise VerbRefused(told, count=len(tables))
        yield database
    except DatabaseError as error:
        raise DatabaseUnusable(f"the database of the simulation cannot be used: {error.orig}") from None
    finally:
        database.dispose()


def _told(session: Session, plan: Plan, played: Played, png: Path | None, *, as_json: bool) -> list[AnswerPart]:
    """What came out; people see the curve as a chart of letters, too."""
    rules = played.rules
    told = "{title}: {players} people, seed {seed}"
    parts: list[AnswerPart] = [line(told, title=" / ".join(rules.title.each), players=plan.players, seed=plan.seed)]
    if rules.section(RelayRules) is None:
        found = totals(session)
        came = "Codes redeemed: {redeemed}, draws: {drawn}, prizes won: {won}."
        return [*parts, line(came, redeemed=found.redeemed, drawn=found.drawn, won=found.won)]
    where = (session, played.campaign_id, played.start, played.end)
    if not as_json:
        parts += (Line(each, {}) for each in chart(curve(*where, _CHART_LINES), rules.zone))
    numbers = relay_numbers(session, played.campaign_id)
    parts += numbers_told(numbers)
    parts.append(line("Longest chain: {legs} legs.", legs=max(numbers.legs, default=0)))
    today = local_day(played.end - timedelta(milliseconds=1), rules.zone)
    parts += boards_told(session, played.keys, boards(session, played.campaign_id, today, _TOP))
    if png is not None:
        _draw(session, plan, played, numbers, png)
        parts.append(line("The curve: {file}", file=str(png)))
    return parts


def _draw(session: Session, plan: Plan, played: Played, numbers: RelayNumbers, png: Path) -> None:
    rules = played.rules
    shown = Shown(
        title=rules.title.model_dump(),
        players=plan.players,
        seed=plan.seed,
        moments=curve(session, played.campaign_id, played.start, played.end, _PICTURE_POINTS),
        zone=rules.zone,
        k_factor=numbers.k_factor,
        share_lit=numbers.share_lit,
        median_seconds=numbers.median_seconds,
        longest=max(numbers.legs, default=0),
    )
    try:
        png.write_bytes(picture(shown, "zh" if rules.language == "zh" else "en", find_fonts()))
    except OSError as error:
        why = Verbatim(error.strerror)
        raise VerbRefused("{file} cannot be written: {why}", file=str(png), why=why) from None
