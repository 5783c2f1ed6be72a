"""The baseline of the engine: the same redemption, written by hand on the bare driver, one message a transaction.

It makes the same checks, takes the same row locks and writes the same rows with the same contents as a turn does. It
reads a code together with its batch and campaign, which a turn reads apart. Statements are prepared once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.alphabet import is_checked, normalise
from core.campaign.live import Published
from core.guesses import EVERYBODY
from core.keys import Keyring
from core.ledger import POINTS, expires_at, house_account, player_account, stock_account
from core.messages import InboundMessage, Reply
from core.models.chats import TEXT_COLUMN, row_key
from core.outbox import REPLY_COLUMN, answer_ref, reply_row
from core.texts.catalogue import render
from core.times import hour_number, local_day
from handlers.codes.rules import CodeRules
from handlers.draws.lottery import Chances, roll, stock_seen
from handlers.draws.tables import Prize

Execute = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs one statement, written for PostgreSQL with %s, and returns its rows."""

CLAIM = (
    "INSERT INTO inbox (address_key, external_id, body_mac, text_sealed, kind, state, received_at)"
    " VALUES (%s, %s, %s, %s, 'typed', 'done', %s) ON CONFLICT DO NOTHING RETURNING external_id"
)
ADDRESS = "SELECT language, said_count, heard_at, wrong_on, wrong_tries FROM addresses WHERE key = %s FOR UPDATE"
PLAYER = (
    "SELECT p.id, p.points, p.points_expire_at, p.redeemed_on, p.redeemed_today, p.drawn_today, p.wins FROM players p"
    " JOIN joins j ON j.player_id = p.id WHERE j.address_key = %s AND j.campaign_id = %s FOR UPDATE OF p"
)
CODE = (
    "SELECT b.state, c.state, c.version FROM codes k JOIN batches b ON b.id = k.batch_id"
    " JOIN campaigns c ON c.id = b.campaign_id WHERE k.hash = %s FOR UPDATE OF k"
)
USED = "SELECT player_id FROM redemptions WHERE code_hash = %s"
WRONG = "SELECT scope, wrong FROM guesses WHERE scope IN (%s, %s) AND hour = %s"
PRIZES = "SELECT name, stock_left FROM prizes WHERE campaign_id = %s ORDER BY name FOR UPDATE"
TAKE_PRIZE = "UPDATE prizes SET stock_left = stock_left - 1 WHERE campaign_id = %s AND name = %s"
REDEEM = "INSERT INTO redemptions (code_hash, campaign_id, player_id, counted_on, at) VALUES (%s, %s, %s, %s, %s)"
DRAW = (
    "INSERT INTO draws (code_hash, campaign_id, version, player_id, roll, odds, odds_in, points_seen, stock_seen,"
    " prize, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
TRANSFER = (
    "INSERT INTO transfers (owner_id, ref, campaign_id, asset, debit, credit, amount, reason, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
SAVE_PLAYER = (
    "UPDATE players SET points = %s, points_expire_at = %s, redeemed_on = %s, redeemed_today = %s, drawn_today = %s,"
    " wins = %s WHERE id = %s"
)
SAVE_ADDRESS = "UPDATE addresses SET said_count = %s, heard_at = %s, campaign_id = %s WHERE key = %s"
SAY = (
    "INSERT INTO outbox (address_key, ref, part, sequence, state, text_sealed, said_at)"
    " VALUES (%s, %s, 0, %s, 'answered', %s, %s)"
)


class ByHand:
    """Redeems codes of players who have joined. ``instant`` makes an instant of what the database returns."""

    def __init__(
        self, execute: Execute, keys: Keyring, published: Published, instant: Callable[[Any], datetime]
    ) -> None:
        self._execute = execute
        self._keys = keys
        self._published = published
        self._instant = instant

    def redeem(self, message: InboundMessage) -> str:  # noqa: PLR0915  # one straight line, as one would write it
        """Write all rows of one redemption; the caller begins and commits. Returns the answer's text."""
        execute, keys, published, now = self._execute, self._keys, self._published, message.received_at
        rules, chances = published.rules, Chances.of(published)
        assert chances is not None
        code = normalise(message.text)
        assert is_checked(code)
        code_hash = keys.code_hash(code)
        address = keys.address_key(message.channel, message.account, message.user)
        sealed = keys.seal(TEXT_COLUMN, row_key((address, message.external_id)), message.text)
        claimed = execute(CLAIM, (address, message.external_id, keys.body_mac(message.text), sealed, now))
        assert claimed, "delivered before"
        language, said_count, heard_at, wrong_on, wrong_tries = execute(ADDRESS, (address,))[0]
        player = execute(PLAYER, (address, published.id))[0]
        player_id, points, expire_at, redeemed_on, redeemed_today, drawn_today, wins = player
        batch_state, campaign_state, version = execute(CODE, (code_hash,))[0]
        used = execute(USED, (code_hash,))
        wrong = dict(execute(WRONG, (EVERYBODY, published.id, hour_number(now))))
        today = local_day(now, rules.zone)
        attacked = wrong.get(published.id, 0) >= rules.tries.per_hour
        assert not (attacked and wrong_on and wrong_tries >= rules.tries.under_attack), "locked"
        assert batch_state == "active" and campaign_state == "live" and version == published.version  # noqa: PT018
        assert published.opens_at <= now < published.closes_at, "closed"
        assert not used, "used"
        if str(redeemed_on) != str(today):
            redeemed_today = drawn_today = 0
        assert redeemed_today < rules.section(CodeRules).per_player_per_day, "limit"
        rolled, odds = roll(published.seed, rules.name, code_hash), chances.odds(points)
        prize, seen = None, None
        if odds.won_by(rolled.value):
            stock = chances.in_stock(dict(execute(PRIZES, (published.id,))), now)
            prize, seen = chances.choose(rolled.pick, stock), stock_seen(stock)
        execute(REDEEM, (code_hash, published.id, player_id, now.date(), now))
        drawn = (code_hash, published.id, version, player_id, f"{rolled.value:016x}", odds.wins, odds.of, points, seen)
        execute(DRAW, (*drawn, prize.name if prize else None, now))
        house = house_account(published.id, "points")
        mine = player_account(player_id)
        if prize:
            wins += 1
            execute(TAKE_PRIZE, (published.id, prize.name))
            given = (f"won:{code_hash.hex()}", published.id, f"prize:{prize.name}")
            execute(TRANSFER, (player_id, *given, stock_account(published.id, Prize, prize.name), mine, 1, "won", now))
            reply = Reply("redeem.won", {"prize": prize.title.model_dump(), "balance": points})
        else:
            earned = rules.earned()
            points += earned
            given = (f"code:{code_hash.hex()}", published.id, POINTS)
            execute(TRANSFER, (player_id, *given, house, mine, earned, "code", now))
            expiry = expires_at(rules, now)
            expire_at = min(self._instant(expire_at), expiry) if expire_at else expiry
            reply = Reply("redeem.points", {"points": earned, "balance": points})
        counted = (redeemed_today + 1, drawn_today + 1, wins)
        execute(SAVE_PLAYER, (points, expire_at, today, *counted, player_id))
        heard_at = max(self._instant(heard_at), now)
        execute(SAVE_ADDRESS, (said_count + 1, heard_at, published.id, address))
        spoken = language or rules.language
        text = render(reply, published.texts.speaking(spoken))
        ref = answer_ref(message.external_id)
        said = keys.seal(REPLY_COLUMN, reply_row(address, ref, 0), text)
        execute(SAY, (address, ref, said_count + 1, said, now))
        return text
