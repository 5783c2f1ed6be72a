"""Fill the outbox: texts that wait to be delivered, each to an address of its own, by COPY."""

from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.ground import CAMPAIGN, Ground
from benchmarks.torches import copying, settle
from core.models.players import USER_COLUMN
from core.outbox import REPLY_COLUMN, reply_row
from core.sending.outbound import STALE, Category

TEXT = "恭喜您抽中：双人景区门票！领奖前请保管好卡片。您现有 120 积分。"


_LIKE = (Category.ANSWER, Category.NOTICE, Category.ANSWER, Category.MARKETING)
_JOB = "weekend"
_CHINA = timedelta(hours=8)


def limited_campaign(directory: Path, at: datetime) -> Path:
    """The campaign of the benchmarks with an announcement, limits, and quiet hours half a day from ``at`` in China."""
    local = at + _CHINA
    begins, ends = local + timedelta(hours=11), local + timedelta(hours=13)
    limits = (
        f"calendar: [{{name: {_JOB}, cron: {local.minute} {local.hour} * * 6, say: {{zh: 周末快乐, en: Hello}}}}]\n"
        f'follow_up_limits: {{quiet: "{begins:%H:%M}-{ends:%H:%M}", per_day: 2, per_week: 4}}\n'
    )
    path = directory / "limited.yaml"
    path.write_text(CAMPAIGN.read_text("utf-8") + limits, "utf-8")
    return path


def queue_texts(ground: Ground, count: int, at: datetime) -> None:
    """Let a text wait for each of ``count`` new addresses, due at ``at``: answers, notices and an announcement.

    Four addresses each are one person's, and one of them gets the announcement: nothing has to wait.
    """
    keys, channel, account = ground.installation.keys, ground.channel, ground.account
    addresses, said, dispatches = [], [], []
    person = None
    for place, number in enumerate(ground.newcomers(count)):
        user, category = ground.user(number), _LIKE[place % 4]
        key = keys.address_key(channel, account, user)
        person = person if place % 4 else key
        ref = f"re:{number}" if category is Category.ANSWER else f"notice:{number}"
        run = (_JOB, at, at + STALE) if category is Category.MARKETING else (None, None, None)
        addresses.append((key, channel, account, keys.seal(USER_COLUMN, key, user), 1, 1, at, 0, person))
        sealed = keys.seal(REPLY_COLUMN, reply_row(key, ref, 0), TEXT)
        said.append((key, ref, 0, 1, "queued", int(category), sealed, at))
        dispatches.append((key, 1, ref, 0, channel, account, int(category), 1, *run, "due", at, 0))
    with copying(ground) as copy:
        copy(
            "addresses (key, channel, account, user_sealed, campaign_id, said_count, heard_at, wrong_tries, person)",
            addresses,
        )
        copy("outbox (address_key, ref, part, sequence, state, category, text_sealed, said_at)", said)
        copy(
            "dispatches (address_key, sequence, ref, part, channel, account, category, campaign_id, job, scheduled_at,"
            " expires_at, state, due_at, tries)",
            dispatches,
        )
    settle(ground, "addresses, outbox, dispatches")
