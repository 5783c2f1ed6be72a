"""The turn: all messages that wait right now, in one transaction (claim, recognise, load, decide, save, answer)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from core import ledger
from core.brake import helps_nobody, lets_speak
from core.campaign.live import LiveCampaign
from core.context import Context, TurnRows
from core.engine.deduplication import Claims, answer_again, claim, stored_answers
from core.engine.delivery import Delivery, Key
from core.engine.dialog import begin_nothing, converse, is_erased, shut_out
from core.engine.flush import save
from core.engine.loader import load
from core.engine.locks import user_of
from core.engine.offers import Heard, foresee, heed_meanwhile, heed_offers
from core.engine.piggyback import carry, load_held
from core.engine.replies import State, say
from core.engine.routes import CodeFormats, Recognised, recognise
from core.engine.runtime import Runtime
from core.inbound_kinds import ASIDE
from core.mechanics import Mechanics
from core.messages import Answer, InboundMessage
from core.models import Address
from core.models.players import ERASED, USER_COLUMN
from core.outbox import answer_ref, replay_ref
from core.places import Place
from core.scenes import count_scene
from core.sending.messaging_window import hear
from core.sending.outbound import Category
from core.sending.spend_limits import over_limit
from core.speech.own_words import own_word, own_words_at
from core.texts.languages import LANGUAGES, is_latin, languages_of
from core.times import hour_number

log = structlog.get_logger()


def take_turn(runtime: Runtime, deliveries: Sequence[Delivery]) -> list[Answer]:
    """Take one turn with ``deliveries`` (in order of arrival) and return their answers in the same order.

    Everything commits together or nothing does. Raises whatever the database or a handler raises; then nothing of
    any of these messages has happened, unless the link was cut after COMMIT was sent: taken again, the turn finds
    the inbox rows and returns the stored answers.
    """
    with runtime.sessions.begin() as session:
        claims = claim(session, runtime, deliveries)
        first = _first_of_each(deliveries, claims.new)
        stored = stored_answers(session, runtime, [taken for taken in deliveries if taken.key not in first])
        answers = _play(session, runtime, first, claims) if first else {}
    return [_answer(taken, first, answers, stored) for taken in deliveries]


def _first_of_each(deliveries: Sequence[Delivery], claimed: set[Key]) -> dict[Key, Delivery]:
    first: dict[Key, Delivery] = {}
    beside = {taken.album for taken in deliveries}
    for taken in deliveries:
        if taken.key in claimed and taken.key not in beside:
            first.setdefault(taken.key, taken)
    return first


def _answer(
    taken: Delivery,
    first: dict[Key, Delivery],
    answers: dict[Key, Answer],
    stored: dict[Key, tuple[bytes, Answer]],
) -> Answer:
    """The answer to one delivery: its own, the one of its twin in this turn, or the stored one."""
    if first.get(taken.key) is taken:
        return answers[taken.key]
    if taken.key in first:
        body_mac, answer = first[taken.key].body_mac, answers[taken.key]
    else:
        body_mac, answer = stored[taken.key]
    return answer_again(taken, body_mac, answer)


def _play(session: Session, runtime: Runtime, first: dict[Key, Delivery], claims: Claims) -> dict[Key, Answer]:
    rows = runtime.rows(session)
    places = {each.message.place for each in first.values()}
    code_formats = {place: _shapes_at(rows, place) for place in places}
    own_words = {place: own_words_at(rows.campaigns.values(), place) for place in places}

    def meaning(message: InboundMessage) -> Recognised:
        own = own_word(message.text, own_words[message.place]) if own_words[message.place] else None
        if own is None:
            return recognise(message, code_formats[message.place], runtime.mechanics.routes)
        found = recognise(replace(message, text=own.means), code_formats[message.place], runtime.mechanics.routes)
        return replace(found, said=own.means, language=own.language)

    def near(message: InboundMessage) -> list[str]:
        return runtime.mechanics.vocabulary.near(message.text, own_words[message.place])

    taken = [(each, meaning(each.message)) for each in first.values()]
    foreseen: list[Heard] = []
    if any(found.requires.offered for _, found in taken):
        agreed = zip(heed_offers(session, taken), taken, strict=True)
        taken = [before if said is before[0] else (said, meaning(said.message)) for said, before in agreed]
        foreseen = foresee(taken, meaning, near)
    load(session, rows, [*taken, *foreseen], runtime.mechanics)
    if rows.limits:
        rows.over_limit = over_limit(session, rows.limits, [(each.key[0], each.message) for each in first.values()])
    load_held(session, rows, [each for each in first.values() if each.key[0] in claims.holding], runtime.clock)
    now = runtime.clock() if any(each.message.answer_by for each in first.values()) else None
    albums = {each.album for each in first.values()} - {None, *claims.new}  # of which some picture was answered
    answers: dict[Key, Answer] = {}
    spoke: set[bytes] = set()
    for heard in taken:
        key = heard[0].key[0]
        again = key in spoke and heard[1].requires.offered
        each, recognised = heed_meanwhile(rows.addresses[key].offered, heard, foreseen, meaning) if again else heard
        spoke.add(key)
        answers[each.key] = decide(rows, each, recognised, runtime.mechanics, now, told=each.album in albums)
        albums |= {each.album} - {None}
    save(session, rows, hour_number(taken[-1][0].message.received_at))
    return answers


def _shapes_at(rows: TurnRows, place: Place) -> CodeFormats:
    """How the codes look that could be meant at ``place``."""
    here = (campaign.code_formats for campaign in rows.campaigns.values() if campaign.rules.plays_at(place))
    return rows.campaigns.ended.at(place).code_formats.union(*here)


def decide(
    rows: TurnRows,
    delivery: Delivery,
    recognised: Recognised,
    mechanics: Mechanics,
    now: datetime | None,
    *,
    told: bool = False,
) -> Answer:
    """Let the handler of one message decide, and put what it says into the outbox. Issues no query.

    ``now`` is needed where a message has an instant after which its answer takes the other way. ``told`` says that
    another picture of its album was answered: only what helps is said to this one.
    """
    address, message = rows.addresses[delivery.key[0]], delivery.message
    if hear(address, message):
        rows.released.add(address.key)
    ctx = _context(rows, address, message, mechanics)
    count_scene(ctx, recognised.requires)
    _expire_points(ctx)
    if message.typed and address.language is None:
        address.language = _first_language(ctx, recognised)
    gains = rows.gains
    is_blocked = address.blocked_at is not None
    is_told = address.block_told
    if address.erased_at is not None and user_of(rows, address) == ERASED:
        address.user_sealed = rows.keys.seal(USER_COLUMN, address.key, message.user)  # or no answer could be sent
    answer_to = shut_out if is_blocked else begin_nothing if is_erased(address) else converse
    replies = answer_to(ctx, recognised)
    told_anyway = delivery.replay or not replies or rows.gains > gains or address.block_told is not is_told
    needless = told and helps_nobody(replies)
    withheld = not told_anyway and (needless or not lets_speak(rows.brake, address, replies, ctx.now))
    if withheld or (is_blocked and not replies):
        rows.withheld.add(delivery.key)
        address.offered = None  # as nobody was asked
    # A replayed message has its polite answer under its own ref already.
    ref = replay_ref(message.external_id) if delivery.replay else answer_ref(message.external_id)
    in_time = message.answer_by is None or (now is not None and now < message.answer_by)
    at_once = message.waits and in_time and not delivery.replay and address.key not in rows.over_limit
    answer = say(
        rows,
        address,
        ctx.campaign,
        [] if withheld else replies,
        ref=ref,
        state=State.ANSWERED if at_once else State.QUEUED,
        at=ctx.now,
        category=Category.ANSWER,
        room_bytes=message.room_bytes,
    )
    answer = carry(rows, address, message, answer)
    return replace(answer, withheld=True) if withheld else answer


def _first_language(ctx: Context, recognised: Recognised) -> str | None:
    """In which of the campaign's languages somebody begins, by letters; None where that may be several.

    Words of ours in Latin letters are English, where that is spoken; a campaign's own ones are of their language. A
    code tells nothing.
    """
    if recognised.said is not None:
        return recognised.language
    spoken = ctx.campaign.rules.languages if ctx.campaign is not None else LANGUAGES
    found = languages_of(ctx.message.text, spoken)
    if len(found) > 1 and recognised.route.is_keyword and "en" in found:
        found = ["en"]
    if len(found) != 1 or (is_latin(found[0]) and not recognised.route.sets_language):
        return None
    return found[0]


def _context(rows: TurnRows, address: Address, message: InboundMessage, mechanics: Mechanics) -> Context:
    """What ``message`` is decided by. What its sender was asked about holds for this text alone, but for an aside."""
    campaign, offered = _meant_campaign(rows, address, message), address.offered
    if offered is not None and message.kind not in ASIDE:
        address.offered = None
    rows.outcomes = {}
    return Context(message, address, rows, campaign, mechanics, offered=offered)


def _expire_points(ctx: Context) -> None:
    """Before anything is decided, take what has expired of the points of all players that the address speaks for."""
    if not ctx.rows.movements:
        return
    for campaign_id in ctx.rows.campaigns:
        player = ctx.rows.players.get((ctx.address.key, campaign_id))
        if player is None or player.points_expire_at is None or player.points_expire_at > ctx.now:
            continue
        if player.id in ctx.rows.movements:
            ledger.expire(ctx.rows, player, ctx.now)


def _meant_campaign(rows: TurnRows, address: Address, message: InboundMessage) -> LiveCampaign | None:
    """The campaign that an address played last until it is over, else another one that it plays here, else an open one.

    Where there is none of these it is the last one, or the first one here that has not ended. What is not played at the
    address's account (any more) is never meant. A pause moves nobody into another campaign.
    """
    last, place, now = rows.campaigns.get(address.campaign_id or 0), message.place, message.received_at
    if last is not None and not last.rules.plays_at(place):
        last = None
    if last is not None and last.why_closed(now) != "campaign.over":
        return last
    here = [c for c in rows.campaigns.values() if c.state != "ended" and c.rules.plays_at(place)]
    here.sort(key=lambda c: c.why_closed(now) is not None)
    mine = [c for c in here if (address.key, c.id) in rows.players and c.why_closed(now) != "campaign.over"]
    first_open = next((c for c in here if c.why_closed(now) is None), None)
    return next(iter(mine), None) or first_open or last or next(iter(here), None)
