"""What tests of gifts, claims, friends and links say and look up again and again."""

import re
from collections.abc import Iterator

from sqlalchemy import select

from core.models import Player
from handlers import MECHANICS
from handlers.claims.tables import Claim
from handlers.invites.tables import Invite
from tests.soundness import audit
from tests.stage import Stage

YES_OR_NO = "\n1. choice.yes\n2. choice.no"
_CHOICE = re.compile(r"\d\. choice\.")


def faults(stage: Stage) -> list[str]:
    """What the audit finds."""
    return [
        f"{check.says}: {fault.row}: {fault.wrong}"
        for check, found in audit(stage.database, stage.keys, MECHANICS.checks)
        for fault in found
    ]


def keys_of(said: str) -> list[str]:
    """The keys of the texts of one answer, without what fills them and what may be chosen."""
    return [line.split(" ")[0] for line in said.split("\n") if not _CHOICE.match(line)]


def play(stage: Stage, by: str = "u1", *, channel: str = "test", campaign: str = "snack") -> str:
    """Redeem a fresh code."""
    return stage.say(stage.codes(1, campaign)[0], by=by, channel=channel)


def word_of(stage: Stage, by: str = "u1", *, channel: str = "test") -> str:
    """The invite word of a player."""
    return stage.say("invite", by=by, channel=channel).split("word=")[1].split()[0]


def link_up(stage: Stage, here: tuple[str, str], there: tuple[str, str]) -> str:
    """Say a link word at the address ``there`` and type it ``here``; each is (user, channel)."""
    word = stage.say("link", by=there[0], channel=there[1]).split("word=")[1].split()[0]
    return stage.say(word, by=here[0], channel=here[1])


def buy(stage: Stage, gift: str, by: str = "u1") -> str:
    """Choose and confirm a gift; the last answer."""
    return [stage.say(text, by=by) for text in ("gifts", gift, "yes")][-1]


def buy_all(stage: Stage, gift: str, count: int) -> None:
    """So many players redeem a fresh code each and buy ``gift``, all in one turn."""
    texts = [(f"p{number}", [code, "gifts", gift, "yes"]) for number, code in enumerate(stage.codes(count))]
    stage.take(*(stage.delivery(text, by=by) for by, said in texts for text in said))


def all_of(stage: Stage, kind: type[Claim] | type[Invite] | type[Player]) -> list[Claim | Invite | Player]:
    """All rows of a table, oldest first."""
    with stage.sessions() as session:
        rows = list(session.scalars(select(kind)))
        session.expunge_all()
    return rows


def claims(stage: Stage) -> Iterator[Claim]:
    """All claims, oldest first."""
    found = [row for row in all_of(stage, Claim) if isinstance(row, Claim)]
    return iter(sorted(found, key=lambda claim: claim.id))


def invites(stage: Stage) -> list[Invite]:
    """All invites, in order of joining."""
    found = [row for row in all_of(stage, Invite) if isinstance(row, Invite)]
    return sorted(found, key=lambda invite: invite.joined_at)


def states(stage: Stage) -> list[str]:
    """The states of all claims, oldest first."""
    return [claim.state for claim in claims(stage)]
