"""`huoju texts`: what players read."""

import click
from rich.text import Text

from core.answers import Answer, Column, Table
from core.engine.text_verbs import UNPRICED
from core.texts.languages import LANGUAGES
from core.texts.plurals import named
from handlers import MECHANICS
from huoju.account_registry import known_places, read_registry
from huoju.cli.console import json_option, out, tell
from huoju.settings import read_settings

_TEXTS = [Column(name) for name in ("key", "language", "text")]
_ARRIVING = [Column(name) for name in ("key", "language", "place", "length", "room", "counted in", "parts", "cost")]


@click.command()
@click.option(
    "--preview",
    "where",
    metavar="CHANNEL",
    help="Tell of each how long it arrives at a channel or one of our accounts, and in how many parts.",
)
@json_option
def texts(where: str | None, *, as_json: bool) -> None:
    """All texts that players read, by key; a campaign may override any of them."""
    if where is not None and (wrong := known_places(read_settings()).wrong_with(where)) is not None:
        raise click.BadParameter(wrong.text, param_hint="--preview")
    registry = None if where is None else read_registry(read_settings())
    rows: list[tuple[str, str, str]] = []
    arriving: list[tuple[str, str, str, int, int | None, str, int, str | None]] = []
    unpriced = False
    for key in MECHANICS.texts()["en"]:
        for language in LANGUAGES:
            text = MECHANICS.texts()[language][key]
            rows.append((key, language, text))
            for place, arrives in ({} if registry is None else registry.previews(where or "", named(text))).items():
                size = (arrives.length, arrives.room, arrives.counted_in, len(arrives.parts), arrives.cost)
                unpriced = unpriced or (arrives.is_paid and arrives.micros is None)
                arriving.append((key, language, place, *size))
    if as_json:
        tables = [Table("texts", _TEXTS, rows), *([Table("arriving", _ARRIVING, arriving)] if registry else [])]
        tell(Answer(tables), as_json=True)
        return
    for key, language, text in rows:
        if language == LANGUAGES[0]:
            out.print(Text(key, "bold"))
        out.print(f"  {language}: {text!r}")
        for _, _, place, length, most, counted_in, count, cost in (
            one for one in arriving if one[:2] == (key, language)
        ):
            room = "" if most is None else f" of {most}"
            parts = "1 part" if count == 1 else f"{count} parts"
            out.print(f"      {place}: {length}{room} {counted_in}, {parts}{'' if cost is None else f', {cost}'}")
    if unpriced:
        out.print(UNPRICED)
