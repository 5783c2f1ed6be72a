"""A thousand ended campaigns beside a live one, and the live one alone: what a turn of one message takes."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from benchmarks.ground import Ground, opened, through_engine
from benchmarks.report import Result, interleaved, rate, say
from benchmarks.servers import Places
from core.campaign.live import SEED_COLUMN, Published
from core.engine.engine import Engine
from core.keys import Keyring
from core.models import Batch, Campaign, CampaignVersion

ENDED = 1_000
ROUNDS, BLOCK = 9, 400


def run(places: Places) -> Iterator[Result]:
    """A row for each database."""
    for name, place in (("SQLite", places.sqlite), ("PostgreSQL", places.postgres)):
        say(f"{name}: turns of one message beside {ENDED:,} ended campaigns, and alone")
        with ExitStack() as stack:
            grounds = [stack.enter_context(opened(stack.enter_context(place()), places.directory)) for _ in range(2)]
            alone, beside = (_Side(ground, Engine(ground.runtime, turn_limit=1)) for ground in grounds)
            _end_many(beside.ground)
            for side in (alone, beside):
                side.ground.join()
            rates = interleaved(ROUNDS, {"alone": alone.block, "beside": beside.block})
            for side in (alone, beside):
                side.engine.close()
        slower = statistics.median(one / other for one, other in zip(rates["alone"], rates["beside"], strict=True))
        what = f"{name}, turns of one: time beside {ENDED:,} ended campaigns, to none"
        yield Result(what, rate(rates["beside"]), rate(rates["alone"]), slower, "×", goal=1.05, at_least=False)


@dataclass(frozen=True, slots=True)
class _Side:
    ground: Ground
    engine: Engine

    def block(self) -> float:
        """Redeem BLOCK codes; redemptions a second."""
        return through_engine(self.engine, self.ground.messages(BLOCK))


def _end_many(ground: Ground) -> None:
    """Let ENDED campaigns like the live one have been, each with a batch of codes."""
    live, keys, now = ground.published(), ground.installation.keys, ground.installation.clock()
    rules, numbers = live.rules, range(live.id + 1, live.id + 1 + ENDED)
    named = {number: rules.model_copy(update={"name": f"ended{number}"}) for number in numbers}
    with ground.sessions.begin() as session:
        session.execute(insert(Campaign), [_campaign(live, number, keys, now) for number in numbers])
        versions = [
            {"campaign_id": number, "version": 1, "rules": own.canonical(), "rules_hash": "", "published_at": now}
            for number, own in named.items()
        ]
        session.execute(insert(CampaignVersion), versions)
        batch = {"state": "active", "codes_count": 0, "code_length": rules.code_length, "space_bits": 50.0}
        shown = {"checked": True, "file_sha256": "0" * 64, "created_at": now}
        session.execute(insert(Batch), [{"campaign_id": number, **batch, **shown} for number in numbers])


def _campaign(live: Published, number: int, keys: Keyring, now: datetime) -> dict[str, object]:
    name = f"ended{number}"
    return {
        "id": number,
        "name": name,
        "version": 1,
        "state": "ended",
        "opens_at": live.opens_at,
        "closes_at": live.closes_at,
        "published_at": now,
        "seed_sealed": keys.seal(SEED_COLUMN, name.encode(), live.seed.hex()),
        "seed_commitment": live.seed_commitment,
        "revealed_at": None,
    }
