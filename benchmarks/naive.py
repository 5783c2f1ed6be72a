"""The baseline of the door: the same redemption as a Flask handler on SQLAlchemy's ORM, a transaction a message.

It is what one writes first: load what is needed, lock what will change, check, add, commit. Tables, checks, locks,
sealing and answers are ours; only the turn is missing. It redeems codes of players who have joined.
"""

from datetime import datetime
from typing import Any

from flask import Flask, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import is_checked, normalise
from core.campaign.live import Published
from core.database import sessions
from core.guesses import EVERYBODY
from core.keys import Keyring
from core.ledger import POINTS, expires_at, house_account, player_account, stock_account
from core.messages import Reply
from core.models import Address, Batch, Campaign, Guesses, Inbox, Join, Outbox, Player, Transfer
from core.models.chats import TEXT_COLUMN, row_key
from core.outbox import REPLY_COLUMN, answer_ref, reply_row
from core.sending.outbound import Category
from core.texts.catalogue import render
from core.times import hour_number, local_day
from handlers.codes.rules import CodeRules
from handlers.codes.tables import Code, Redemption
from handlers.draws.lottery import Chances, roll, stock_seen
from handlers.draws.tables import Draw, Prize
from huoju.bootstrap import open_installation
from huoju.settings import Settings


def create_app(settings: Settings, channel: str, account: str) -> Flask:
    """The application of one worker."""
    here = open_installation(settings)
    opened = sessions(here.database)
    with opened() as session:
        (campaign,) = here.runtime().shelf.read(session).values()
    published = campaign.published
    web = Flask(__name__)

    @web.get("/healthz")
    def alive() -> str:
        return "alive"

    @web.post("/playground/say")
    def say() -> dict[str, Any]:
        sent = request.get_json()
        key = here.keys.address_key(channel, account, sent["phone"])
        with opened.begin() as session:
            text, sequence = redeem(session, here.keys, published, (key, sent["id"]), sent["text"], here.clock())
        return {"how": "new", "texts": [text], "sequence": [sequence]}

    return web


def redeem(  # noqa: PLR0915, PLR0917  # one straight line, as one would write it
    session: Session, keys: Keyring, published: Published, key: tuple[bytes, str], text: str, now: datetime
) -> tuple[str, int]:
    """Redeem one code; the text of the answer and its number."""
    rules, chances = published.rules, Chances.of(published)
    assert chances is not None
    assert session.get(Inbox, key) is None, "delivered before"
    sealed = keys.seal(TEXT_COLUMN, row_key(key), text)
    session.add(
        Inbox(
            address_key=key[0],
            external_id=key[1],
            body_mac=keys.body_mac(text),
            text_sealed=sealed,
            kind="typed",
            state="done",
            received_at=now,
        )
    )
    address = session.get_one(Address, key[0], with_for_update=True)
    player = session.scalars(
        select(Player)
        .join(Join, Join.player_id == Player.id)
        .where(Join.address_key == key[0], Join.campaign_id == published.id)
        .with_for_update(of=Player)
    ).one()
    code = normalise(text)
    assert is_checked(code)
    code_hash = keys.code_hash(code)
    found = session.get_one(Code, code_hash, with_for_update=True)
    batch = session.get_one(Batch, found.batch_id)
    campaign = session.get_one(Campaign, batch.campaign_id)
    assert batch.state == "active" and campaign.state == "live"  # noqa: PT018
    assert published.opens_at <= now < published.closes_at, "closed"
    assert session.get(Redemption, code_hash) is None, "used"
    scopes = [EVERYBODY, published.id]
    guessed = select(Guesses).where(Guesses.scope.in_(scopes), Guesses.hour == hour_number(now))
    wrong = {guesses.scope: guesses.wrong for guesses in session.scalars(guessed)}
    attacked = wrong.get(published.id, 0) >= rules.tries.per_hour
    assert not (attacked and address.wrong_tries >= rules.tries.under_attack), "locked"
    today = local_day(now, rules.zone)
    if player.redeemed_on != today:
        player.redeemed_on, player.redeemed_today, player.drawn_today = today, 0, 0
    assert player.redeemed_today < rules.section(CodeRules).per_player_per_day, "limit"
    player.redeemed_today += 1
    player.drawn_today += 1
    used = {"code_hash": code_hash, "campaign_id": published.id, "player_id": player.id}
    session.add(Redemption(**used, counted_on=now.date(), at=now))
    rolled, odds = roll(published.seed, rules.name, code_hash), chances.odds(player.points)
    prize, seen = None, None
    if odds.won_by(rolled.value):
        prizes = session.scalars(select(Prize).where(Prize.campaign_id == published.id).with_for_update()).all()
        stock = chances.in_stock({row.name: row.stock_left for row in prizes}, now)
        prize, seen = chances.choose(rolled.pick, stock), stock_seen(stock)
    session.flush()  # a draw's foreign key wants its redemption first
    session.add(
        Draw(
            code_hash=code_hash,
            campaign_id=published.id,
            version=published.version,
            player_id=player.id,
            roll=f"{rolled.value:016x}",
            odds=odds.wins,
            odds_in=odds.of,
            points_seen=player.points,
            stock_seen=seen,
            prize=prize.name if prize else None,
            at=now,
        )
    )
    given = Transfer(owner_id=player.id, campaign_id=published.id, credit=player_account(player.id), at=now)
    if prize:
        session.get_one(Prize, (published.id, prize.name)).stock_left -= 1
        player.wins += 1
        given.ref, given.reason, given.amount = f"won:{code_hash.hex()}", "won", 1
        given.asset, given.debit = f"prize:{prize.name}", stock_account(published.id, Prize, prize.name)
        reply = Reply("redeem.won", {"prize": prize.title.model_dump(), "balance": player.points})
    else:
        earned = rules.earned()
        player.points += earned
        expiry = expires_at(rules, now)
        player.points_expire_at = min(player.points_expire_at or expiry, expiry)
        given.ref, given.reason, given.amount = f"code:{code_hash.hex()}", "code", earned
        given.asset, given.debit = POINTS, house_account(published.id, "points")
        reply = Reply("redeem.points", {"points": earned, "balance": player.points})
    session.add(given)
    address.said_count += 1
    address.heard_at = max(address.heard_at, now)
    address.campaign_id = published.id
    language = address.language or rules.language
    words = render(reply, published.texts.speaking(language))
    ref = answer_ref(key[1])
    session.add(
        Outbox(
            address_key=key[0],
            ref=ref,
            part=0,
            sequence=address.said_count,
            campaign_id=published.id,
            state="answered",
            category=int(Category.ANSWER),
            text_sealed=keys.seal(REPLY_COLUMN, reply_row(key[0], ref, 0), words),
            said_at=now,
        )
    )
    return words, address.said_count
