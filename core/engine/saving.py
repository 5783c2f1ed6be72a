"""Save: one flush of what changed, one bulk insert a table of what is new."""

import structlog
from sqlalchemy import literal_column, tuple_, update
from sqlalchemy.orm import Session

from core import bulk, lists, notices
from core.context import TurnRows
from core.models import (
    Base,
    Claim,
    Consent,
    Dispatch,
    Draw,
    Guesses,
    Inbox,
    Invite,
    InviteWord,
    Join,
    JoinedPhone,
    Link,
    LinkWord,
    NoticeRight,
    Outbox,
    Player,
    Recommendation,
    Redemption,
    RelayNews,
    SecondDraw,
    Timer,
    Torch,
    Transfer,
    Voucher,
)
from core.models.base import table_of
from core.scenes import write_scenes
from core.sending.jobs import write_carried
from core.sending.spend_limits import write_sums

log = structlog.get_logger()

_NEW: tuple[type[Base], ...] = (Player, Invite, Torch, Claim, Voucher)
_APPENDED: tuple[type[Base], ...] = (
    Inbox,
    Consent,
    Join,
    Redemption,
    Draw,
    InviteWord,
    Recommendation,
    JoinedPhone,
    LinkWord,
    Link,
    SecondDraw,
    RelayNews,
    Transfer,
    Timer,
    Outbox,
    Dispatch,
)
"""Parents before children; the same for everybody."""

# Spelt out, for the index that holds only these.
_RELEASE = (
    update(table_of(Dispatch))
    .where(lists.among(Dispatch.address_key, "keys"), Dispatch.state == literal_column("'held'"))
    .values(state="due", by_right=None)
)
_RELEASE_AND_TELL = notices.telling(_RELEASE.returning(notices.OF[Dispatch]))


def save(session: Session, rows: TurnRows, hour: int) -> None:
    """Write everything that the turn decided; the caller commits."""
    bulk.write_changes(session)
    for model in _NEW:
        bulk.add(session, rows.new.pop(model, ()))
    for model in _APPENDED:
        bulk.append(session, table_of(model), rows.appended.pop(model, ()), notices.OF.get(model))
    assert not rows.new, f"no place in the order for {list(rows.new)}"
    assert not rows.appended, f"no place in the order for {list(rows.appended)}"
    for gone, into in rows.merged.items():
        session.execute(update(Join).where(Join.player_id == gone).values(player_id=into))
        session.execute(update(Player).where(Player.merged_into == gone).values(merged_into=into))
    _save_reach(session, rows)
    if rows.withheld:
        mine = tuple_(Inbox.address_key, Inbox.external_id).in_(sorted(rows.withheld))
        session.execute(update(table_of(Inbox)).where(mine).values(withheld=True))
        log.info("answers.withheld", messages=len(rows.withheld))
    write_sums(session, rows.spent)
    if rows.new_wrong:
        counted = [{"scope": scope, "hour": hour, "wrong": wrong} for scope, wrong in sorted(rows.new_wrong.items())]
        bulk.add_up(session, table_of(Guesses), counted, "wrong")
    if rows.scenes:
        write_scenes(session, rows.scenes)


def _save_reach(session: Session, rows: TurnRows) -> None:
    """Let what was held for those who spoke go, but for what they were told, and count what they agreed to."""
    write_carried(session, rows.held.carried)
    if rows.released:
        release = _RELEASE_AND_TELL if session.get_bind().dialect.name == "postgresql" else _RELEASE
        session.connection().execute(release, {"keys": sorted(rows.released)})
    if rows.agreed:
        agreed = [{"address_key": key, "template": name, "left": n} for (key, name), n in sorted(rows.agreed.items())]
        bulk.add_up(session, table_of(NoticeRight), agreed, "left")
