"""A typical player: which texts somebody gets who says hello, plays, wins and claims, to see what that costs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from core.campaign.goods import Goods
from core.campaign.rules import Rules
from core.messages import Reply
from core.texts.catalogue import Texts, render
from core.texts.formats import Length, Odds, When
from core.texts.plurals import placeholders
from handlers.gifts import Gifts

CODES = 10
"""So many a typical player sends."""
_CLAIMED: Mapping[str, Sequence[str]] = {
    "counter": ("claim.counter",),
    "voucher": ("claim.voucher",),
    "delivery": (
        "delivery.name",
        "delivery.phone",
        "delivery.address",
        "delivery.confirm",
        "claim.ready",
        "claim.shipped_with",
    ),
}
"""What is said until one has something, by how it is handed out."""


def texts_of(rules: Rules | None, *, brief: bool) -> Mapping[str, int]:
    """How often a typical player gets each text, by key: ``brief`` is where parts are paid for.

    Without ``rules`` of a campaign in which codes win, and points buy gifts.
    """
    return Counter(_texts(rules, brief=brief))


def said_of(rules: Rules | None) -> str:
    """What a typical player does, in a sentence."""
    if rules is not None and not rules.pays_codes():
        return "A typical player says hello, reads the rules, gets a torch and sees it burn:"
    if rules is not None and not rules.wins:
        return "A typical player says hello, reads the rules, sends {codes} codes, looks at the points and gets a gift:"
    return "A typical player says hello, reads the rules, sends {codes} codes, one of which wins, and gets a gift:"


def _texts(rules: Rules | None, *, brief: bool) -> Iterator[str]:
    if rules is not None and not rules.pays_codes():
        yield from (("welcome.relay_brief", "rules.brief") if brief else ("help.relay", "rules.answer"))
        yield from ("relay.granted", "relay.lit", "relay.burns")
        return
    yield from (("welcome.answer_brief", "rules.brief") if brief else ("help.answer", "rules.answer"))
    gifts: Sequence[Goods] = () if rules is None else rules.section(Gifts).each
    if rules is None or rules.wins:
        prizes = [] if rules is None else [item for _, item in rules.goods() if item not in gifts]
        yield from ["redeem.points"] * (CODES - 1)
        yield "redeem.won"
        yield from _claimed(prizes)
    else:
        yield from ["redeem.earned"] * CODES
    yield "points.balance"
    if rules is None or gifts:
        yield from ("gifts.choose", "gifts.confirm", "gifts.bought")
        yield from _claimed(gifts)


def _claimed(goods: Sequence[Goods]) -> Sequence[str]:
    """What is said until one has the first of ``goods``; at a counter where nobody knows them."""
    return _CLAIMED.get(str(goods[0].claim), ()) if goods else _CLAIMED["counter"]


_PLACES: Mapping[str, str] = {
    "title": "Open a bag, win gold",
    "organiser": "Huoju Foods Ltd.",
    "prize": "Two park tickets",
    "item": "Bag of snacks",
    "perk": "The torch skin",
    "friend": "Alexandra",
    "code": "7K2M9QXRB3TV",
    "word": "7K2M-9QXR",
    "link": "https://play.example.com/rules/snack",
    "points": "10",
    "balance": "120",
    "codes": "10",
    "price": "100",
    "left": "50",
    "leg": "3",
    "passed": "2",
    "name": "Maria Keller",
    "phone": "+44 7700 900123",
    "address": "221B Baker Street, London NW1 6XE",
    "carrier": "DHL",
    "tracking": "1234567890123",
}
"""What fills the places of texts, where it is the same in each language."""
_INSIDE = {
    "consent": "help.stop",
    "goods": "help.goods",
    "whole": "rules.link",
    "odds": "rules.odds_only",
    "lines": "gifts.line",
    "play": "rules.play",
}
"""Texts that fill the place of another one."""
_WAITS = timedelta(minutes=10)
_AT = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
_INSTANTS = frozenset({"opens", "closes", "deadline", "ends", "ended", "at"})


def filled(key: str, texts: Texts, rules: Rules | None) -> str:
    """The text ``key`` as a typical player reads it, its places filled with what may stand there."""
    shown = {name: _filling(name, key, texts, rules) for name in placeholders(texts[key])}
    return render(Reply(key, shown), texts)


def _filling(name: str, key: str, texts: Texts, rules: Rules | None) -> str:
    language = texts.language
    if name in _INSTANTS:
        return When(_AT, ZoneInfo("UTC"), _AT).said(language)
    if name in {"window", "within"} or (name, key) == ("left", "relay.unlit"):
        return Length(_WAITS).said(language)
    if name == "odds" and key == _INSIDE["odds"]:
        return Odds(Fraction(1, 20)).said(language)
    if rules is not None and name in {"title", "organiser"}:
        return str(getattr(rules, name).said(*texts.languages))
    if name in _INSIDE and _INSIDE[name] != key:
        return filled(_INSIDE[name], texts, rules)
    return _PLACES.get(name, "")
