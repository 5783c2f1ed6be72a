"""Asked: what people say in whole sentences, by the route that answers it (``sentences.txt``)."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

_EITHER = re.compile(r"\{([^}]*)\}")


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence as it may be written, and the route that answers it."""
    route = ""
    for line in (Path(__file__).parent / "sentences.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            route = line.strip("[]")
        elif line and not line.startswith("#"):
            pieces = [piece.split("|") if at % 2 else [piece] for at, piece in enumerate(_EITHER.split(line))]
            yield from (("".join(chosen), route) for chosen in product(*pieces))


@cache
def _routes() -> Mapping[str, str]:
    return {sentence.replace(" ", ""): route for sentence, route in sentences()}


def route_of(said: str) -> str | None:
    """The route that answers ``said``, without its spaces; None when it is none of the sentences."""
    return _routes().get(said)
