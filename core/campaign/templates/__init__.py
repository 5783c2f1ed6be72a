"""Templates: campaign files to begin with, with comments in either language."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from core.campaign.findings import meant, remedy
from core.operators import VerbRefused

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_COMMENT = re.compile(r"(\s*)# (en|zh): (.*?)(?=\s+# (?:en|zh): |$)")


@cache
def templates() -> Mapping[str, str]:
    """Each template as it is kept, with comments in both languages, by its name."""
    paths = sorted(Path(__file__).parent.glob("*.yaml"))
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def from_template(template: str, name: str, language: str) -> str:
    """A campaign file called ``name`` to begin with; its comments and its first answer are in ``language``.

    Raises VerbRefused for a template that there is not, and for a name that no campaign may have.
    """
    if template not in templates():
        raise VerbRefused(
            "there is no template {template}{meant}; there are {known}",
            template=template,
            meant=meant(template, templates()),
            known=", ".join(templates()),
        )
    if _NAME.fullmatch(name) is None:
        why = remedy("use 1 to 32 of a-z, 0-9 and -, beginning with a letter")
        raise VerbRefused("a campaign cannot be called {name}: {why}", name=name, why=why)
    text = re.sub(r"^name: .*$", f"name: {name}", templates()[template], count=1, flags=re.MULTILINE)
    text = re.sub(r"^language: .*$", f"language: {language}", text, count=1, flags=re.MULTILINE)
    lines = (_COMMENT.sub(lambda one: _said(one, language), each) for each in text.splitlines())
    return "".join(f"{each}\n" for each in lines if each.strip())


def templates_told(language: str) -> Iterator[tuple[str, str]]:
    """The name of each template, and what it is."""
    for name in templates():
        first = from_template(name, name, language).partition("\n")[0]
        yield name, first.removeprefix("# ")


def write_new(path: Path, text: str) -> None:
    """Write ``text`` to ``path``. Raises VerbRefused where something is there, or nothing can be written."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise VerbRefused("{path} exists; choose another name, files are never written over", path=str(path)) from None
    except OSError as error:
        raise VerbRefused("{path} cannot be written: {why}", path=str(path), why=error.strerror) from None


def _said(comment: re.Match[str], language: str) -> str:
    space, spoken, words = comment.groups()
    return f"{space}# {words}" if spoken == language else ""
