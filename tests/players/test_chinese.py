"""Every sentence of players' verbs is there in Chinese, with the same places."""

import ast
import re
from pathlib import Path

import handlers.players
from core.engine import lookup
from handlers import MECHANICS
from handlers.players.verbs import VERBS
from handlers.relay import profile as relay_profile

MODULES = (
    Path(lookup.__file__).with_name("overview.py"),
    Path(lookup.__file__).with_name("sending_status.py"),
    *Path(handlers.players.__file__).parent.glob("*.py"),
    Path(lookup.__file__),
    *Path(relay_profile.__file__).parents[1].glob("*/profile.py"),
)


def _sentences() -> set[str]:
    """What is said by ``line``, ``VerbRefused`` or an error of an argument, or kept for one of them in ``told``."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.search(r"\w \w.*[.{]|\w+ \w+ \w+", node.value)
            ):
                found.add(node.value)
    return found


def test_what_verbs_say_of_themselves_is_there_in_chinese() -> None:
    phrases = MECHANICS.phrases()
    said = (
        {verb.says for verb in VERBS} | {verb.more for verb in VERBS if verb.more} | {verb.group.says for verb in VERBS}
    )
    said |= {verb.final for verb in VERBS if verb.final}
    said |= {argument.says for verb in VERBS for argument in verb.takes.each()}
    assert len(said) > 12
    assert [sentence for sentence in said if phrases.lacks(sentence)] == []


def test_what_verbs_answer_is_there_in_chinese_with_the_same_places() -> None:
    phrases = MECHANICS.phrases()
    placed = {sentence for sentence in _sentences() if re.search(r"\{[a-z]+(:[^}]*)?\}", sentence)}
    assert len(placed) > 25
    assert [sentence for sentence in sorted(placed) if phrases.lacks(sentence)] == []
    for sentence in placed:
        places = [sorted(re.findall(r"\{([a-z_]+)", said)) for said in (sentence, phrases.say(sentence, "zh"))]
        assert places[0] == places[1], sentence
