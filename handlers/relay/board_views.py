"""The boards of a relay as anybody may see them: the names that players chose, and how far they came."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.campaign.live import LiveCampaign
from core.keys import Keyring
from core.times import local_day
from handlers.relay.boards import boards
from handlers.relay.names import name_of
from handlers.relay.views import BoardLine, BoardsView

_TOP = 10


def boards_of(session: Session, keys: Keyring, campaign: LiveCampaign, at: datetime) -> BoardsView:
    """The heads of the boards of ``campaign`` on the day of ``at``."""
    rules = campaign.rules
    heads = boards(session, campaign.id, local_day(at, rules.zone), _TOP)
    return BoardsView(
        rules.title.model_dump(),
        rules.organiser.model_dump(),
        {
            board: [BoardLine(name_of(keys, player_id, sealed), score) for player_id, sealed, score in head]
            for board, head in heads.items()
        },
    )
