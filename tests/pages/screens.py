"""The console over numbers that are made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from bots.http_errors import register_error_handlers
from core.blame import Unavailable
from pages.console.serve import ConsolePages, blueprint
from pages.console.view import ConsoleView, Failures, Money, Outbox, Prize, Proof, Screen, Torches

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
LINK = "AbC-9_xyz"
VIEW = ConsoleView(
    title={"zh": "开袋赢大奖", "en": "Open a bag and win"},
    state="live",
    zone="Asia/Shanghai",
    language="zh",
    figures={
        "messages_minute": 184,
        "players": 20_713,
        "redeemed": 48_210,
        "redeemed_today": 3_977,
        "drawn": 48_117,
        "won": 2_406,
        "points": 457_110,
        "points_today": 38_260,
    },
    prizes=[
        Prize({"zh": "时尚手机", "en": "A phone"}, 10, 7, 8),
        Prize({"zh": "双人景区门票", "en": "Two park tickets"}, 200, 171, 160),
        Prize({"zh": "本品一袋", "en": "A free bag"}, 5000, 2777, 4000),
        Prize({"zh": "马克杯", "en": "Mug"}, 1000, 940, 800),
    ],
    torches=Torches(1_931, 1_204, 517, [812, 604, 311, 140, 51, 13]),
    outbox=Outbox(12, NOW - timedelta(seconds=3)),
    failures=Failures(0, 0, 0),
    money=Money("CNY", 2_419_700, 4_571_100, 10_000_000),
    proof=Proof("9f2c81d07a6be34c" * 4, "41d7aa0c5be29f03" * 4, 318, True, NOW - timedelta(minutes=2)),
)


class Screens:
    """Knows one link, and keeps how often it was asked."""

    def __init__(self, **changes: Any) -> None:
        self.view, self.at, self.held = replace(VIEW, **changes), NOW, NOW
        self.asked, self.away, self.over = 0, False, False

    def clock(self) -> datetime:
        return self.held

    def find(self, link: str) -> Screen | None:
        self.asked += 1
        if self.away:
            raise Unavailable("the database does not answer")
        return Screen.of(self.view, self.at) if link == LINK and not self.over else None

    def turn(self, **changes: Any) -> None:
        self.view = replace(self.view, **changes)


def served(screens: Screens) -> Flask:
    app = Flask("test", static_folder=None)
    register_error_handlers(app)
    app.register_blueprint(blueprint(ConsolePages(screens.find, screens.clock)))
    return app
