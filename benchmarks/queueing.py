"""Fill the outbox: texts that wait to be delivered, each to a player of its own, by COPY."""

from datetime import datetime

from benchmarks.ground import Ground
from benchmarks.torches import copying, settle
from core.engine.claiming import REPLY_COLUMN, reply_row
from core.engine.locking import USER_COLUMN

TEXT = "恭喜您抽中：双人景区门票！领奖前请保管好卡片。您现有 120 积分。"


def queue_texts(ground: Ground, count: int, at: datetime) -> None:
    """Let a text wait for each of ``count`` new players, due at ``at``: half of them answers, half of them notices."""
    keys, channel, account = ground.installation.keys, ground.channel, ground.account
    addresses, said, dispatches = [], [], []
    for number in ground.newcomers(count):
        user = ground.user(number)
        key = keys.address_key(channel, account, user)
        ref = f"re:{number}" if number % 2 else f"notice:{number}"
        addresses.append((key, channel, account, keys.seal(USER_COLUMN, key, user), 1, 1, at, 0))
        said.append((key, ref, 0, 1, "queued", keys.seal(REPLY_COLUMN, reply_row(key, ref, 0), TEXT), at))
        dispatches.append((key, 1, ref, 0, channel, account, 1 - number % 2, "due", at, 0))
    with copying(ground) as copy:
        copy(
            "addresses (key, channel, account, user_sealed, campaign_id, said_count, heard_at, wrong_tries)", addresses
        )
        copy("outbox (address_key, ref, part, sequence, state, text_sealed, said_at)", said)
        copy(
            "dispatches (address_key, sequence, ref, part, channel, account, category, state, due_at, tries)",
            dispatches,
        )
    settle(ground, "addresses, outbox, dispatches")
