"""The phrasebook: what verbs say, in Chinese, by the English sentence that stands in the code."""

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

FILE = "verbs.zh.yaml"
"""Beside the verbs of a mechanic, and what it says of campaign files."""


class Phrasebook:
    """Sentences, headings and words for operators; an English one is its own key, so that none is ever missing."""

    def __init__(self, chinese: Mapping[str, str]) -> None:
        self._chinese = chinese

    def knowing(self, words: Mapping[str, str]) -> "Phrasebook":
        """These, and ``words`` that stand in the code in both languages; what a file says of one comes first."""
        return Phrasebook({**words, **self._chinese})

    def over(self, others: "Phrasebook") -> "Phrasebook":
        """These, and the ``others``; what both say is said as here."""
        return others.told_over_by(self._chinese)

    def told_over_by(self, words: Mapping[str, str]) -> "Phrasebook":
        """These, of which some are said by ``words``."""
        return Phrasebook({**self._chinese, **words})

    def say(self, sentence: str, language: str) -> str:
        """``sentence`` in ``language``, with its places still in it; in English where there is no other."""
        return self._chinese.get(sentence, sentence) if language == "zh" else sentence

    def lacks(self, sentence: str) -> bool:
        """Whether nobody has said it in Chinese."""
        return sentence not in self._chinese


def phrasebook_of(*folders: Path) -> Phrasebook:
    """The sentences of all ``folders`` that have some. Raises ValueError for one that is said in two ways."""
    found: dict[str, str] = {}
    for folder in folders:
        path = folder / FILE
        if not path.exists():
            continue
        for sentence, chinese in (YAML(typ="safe").load(path.read_text("utf-8")) or {}).items():
            if found.setdefault(sentence, chinese) != chinese:
                raise ValueError(f"{path}: “{sentence}” is said in two ways")
    return Phrasebook(found)
