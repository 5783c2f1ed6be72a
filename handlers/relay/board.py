"""Board: the longest chains, those with most lit torches, today's best, and where the player stands."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply
from core.speech.keywords import Means
from handlers.relay.boards import HEAD, Board
from handlers.relay.load import RelayRequires, RelayRows
from handlers.relay.names import shown_name
from handlers.relay.say import no_relay


@dataclass(frozen=True, slots=True)
class ShowBoard:
    """The player asks for the boards."""

    requires = Requires((RelayRequires(torch=True, board=True),))


def show_board(ctx: Context, _intent: ShowBoard) -> list[Reply]:
    """Answer with the heads of the boards, and the player's own places."""
    if (refusal := no_relay(ctx)) is not None:
        return [refusal]
    assert ctx.campaign is not None
    boards = ctx.rows.of(RelayRows).boards.get(ctx.campaign.id, {})
    if not boards.get("longest"):
        return [Reply("board.empty")]
    shown = {name: _lines(ctx, f"board.line_{name}", head) for name, head in boards.items()}
    title = ctx.campaign.rules.title.model_dump()
    return [Reply("board.answer", {"title": title, **shown, "mine": _mine(ctx)})]


def _lines(ctx: Context, key: str, head: Board) -> tuple[Reply, ...]:
    lines = tuple(
        Reply(key, {"place": place, "name": shown_name(ctx.rows.keys, player_id, sealed), "score": score})
        for place, (player_id, sealed, score) in enumerate(head, start=1)
    )
    return lines or (Reply("board.nobody"),)


def _mine(ctx: Context) -> tuple[Reply, ...]:
    relay = ctx.rows.of(RelayRows)
    standing = relay.standings.get(ctx.player.id) if ctx.player else None
    if standing is None:
        return ()
    assert ctx.campaign is not None
    heads = relay.boards[ctx.campaign.id]
    chain_place = _seen_place(heads["longest"], standing.chain_legs, standing.chain_place)
    chain = {"legs": standing.chain_legs, "chain_place": chain_place}
    if not standing.passed:
        return (Reply("board.chain", chain),)
    own = {"passed": standing.passed, "place": standing.place}
    today: tuple[Reply, ...] = ()
    if standing.passed_today:
        place_today = _seen_place(heads["today"], standing.passed_today, standing.place_today)
        today = (Reply("board.mine_today", {"passed": standing.passed_today, "place": place_today}),)
    return (Reply("board.chain", chain), Reply("board.mine", own), *today)


def _seen_place(head: Board, score: int, counted: int) -> int:
    """The place of ``score`` by the shown ``head``, if it stands there; ``counted`` has those who are blocked, too."""
    above = sum(other > score for _, _, other in head)
    return above + 1 if above < len(head) or len(head) < HEAD else counted


ROUTE = Route(
    "board",
    Means(
        ShowBoard(),
        "board",
        "boards",
        "ranking",
        "rank",
        "my rank",
        "top",
        "leaderboard",
        "榜",
        "排行",
        "排行榜",
        "火炬榜",
        "排名",
        "我的排名",
    ),
    show_board,
)
