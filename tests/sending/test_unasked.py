"""Whatever happens in whatever order: nothing unasked goes when it may not, and a second reading of the rules says so.

The oracle here is written from the rules alone and shares no code with the policy that it watches.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from core.models import Address, Campaign, OutboundJob, Touch
from core.sending.outbound import Category, Delivered, OutboundMessage, Outcome
from tests.follow_ups.scene import follow_ups, join
from tests.sending.rig import MARKETING, NUDGE, REMINDER, Desk, Platform, queue
from tests.stage import START, Stage
from tests.talking import link_up

HERE, THERE = "u1", "+491701234567"
ZONES = {HERE: ZoneInfo("Asia/Shanghai"), THERE: ZoneInfo("Europe/Berlin")}
RULES = follow_ups(
    "name: again, when: 24h after first contact, say: {zh: a, en: a}", limits='per_day: 2, quiet: "22:00-08:00"'
)
LASTS, OPEN = timedelta(hours=14), timedelta(hours=60)
WHO = st.sampled_from((HERE, THERE))
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from((1, 3, 7, 12, 25))),
    st.tuples(st.just("say"), st.tuples(WHO, st.sampled_from((REMINDER, NUDGE, MARKETING, MARKETING)))),
    st.tuples(st.just("say"), st.tuples(WHO, st.just(MARKETING))),
    st.tuples(st.just("state"), st.sampled_from(("paused", "live", "live", "ended"))),
    st.tuples(st.just("stop"), WHO),
)


class _Watch:
    """What has happened, and what went against it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.state = stage, "live"
        self.stopped: set[str] = set()
        self.expires: dict[tuple[str, int], datetime] = {}
        self.marketing: list[datetime] = []
        self.wrong: list[tuple[str, OutboundMessage]] = []

    def __call__(self, message: OutboundMessage) -> Outcome:
        if message.category.unasked:
            self.wrong += [(why, message) for why in self._why_not(message)]
        if message.category is MARKETING:
            self.marketing.append(self.stage.now)
        return Delivered()

    def _why_not(self, message: OutboundMessage) -> list[str]:
        now = self.stage.now
        ends = self.expires[message.user, int(message.id.rsplit("-", 1)[1])]
        asked_less = message.category >= Category.NUDGE
        found = {
            "quiet": not 8 <= now.astimezone(ZONES[message.user]).hour < 22,
            "stopped": message.user in self.stopped,
            "not live": asked_less and self.state != "live",
            "closed": asked_less and now >= START + OPEN,
            "expired": now >= ends,
            "limit": message.category is MARKETING and sum(at > now - timedelta(days=1) for at in self.marketing) >= 2,
        }
        return [why for why, holds in found.items() if holds]


def _begin(stage: Stage) -> None:
    """The same two linked addresses, of whom nothing is known."""
    stage.now = START
    if not _known(stage):
        stage.publish(RULES)
        for by in ZONES:
            join(stage, by)
        assert link_up(stage, (HERE, "test"), (THERE, "test")).startswith("link.linked")
    with stage.sessions.begin() as session:
        session.execute(delete(Touch))
        session.execute(delete(OutboundJob))
        session.execute(update(Address).values(opted_out_at=None))
        session.execute(update(Campaign).values(state="live", closes_at=START + OPEN))


def _known(stage: Stage) -> bool:
    with stage.sessions() as session:
        return session.get(Address, stage.key(THERE)) is not None


def _queue(stage: Stage, watch: _Watch, by: str, category: Category) -> None:
    queue(stage, by, category)
    with stage.sessions.begin() as session:
        new = OutboundJob.campaign_id.is_(None) & (OutboundJob.category == int(category))
        session.execute(update(OutboundJob).where(new).values(campaign_id=1, expires_at=stage.now + LASTS))
        mine = select(OutboundJob.sequence).where(
            OutboundJob.address_key == stage.key(by), OutboundJob.campaign_id == 1
        )
        for sequence in session.scalars(mine):
            watch.expires.setdefault((by, sequence), stage.now + LASTS)


@example([("say", (HERE, MARKETING)), ("state", "ended"), ("say", (HERE, NUDGE)), ("say", (HERE, MARKETING))])
@settings(max_examples=20)
@given(st.lists(STEPS, min_size=4, max_size=14))
def test_nothing_unasked_goes_when_it_may_not(stage: Stage, steps: list[tuple[str, object]]) -> None:
    _begin(stage)
    watch = _Watch(stage)
    desk = Desk(stage, platform := Platform())
    platform.says = watch
    for step in steps:
        match step:
            case "wait", int(hours):
                desk.wait(hours=hours)
            case "say", (str(by), Category() as category):
                _queue(stage, watch, by, category)
            case "state", str(state):
                watch.state = state
                with stage.sessions.begin() as session:
                    session.execute(update(Campaign).values(state=state))
            case "stop", str(by):
                stage.say("stop", by=by)
                watch.stopped.add(by)
        desk.rounds()
        assert watch.wrong == []
