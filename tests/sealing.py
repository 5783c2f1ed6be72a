"""A conversation after which every sealed column holds something."""

import itertools
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from core.attachments import Media, MediaKind
from core.campaign.live import CampaignShelf
from core.engine.delivery import delivery
from core.keys import KeyFile, Keyring, add_sealing_key, create_key_file, read_secrets
from core.models import Player
from core.operators import Role
from core.parts import Part, join
from core.sealed import Sealed
from handlers import MECHANICS
from handlers.claims.vouchers import take_in
from handlers.operators.jobs import row_of_job
from handlers.operators.tables import KEPT_COLUMN, Job
from handlers.relay.names import await_name, give_name
from tests.snack import SURE
from tests.stage import Stage


def seal_everywhere(stage: Stage) -> None:
    """Play until every sealed column holds something."""
    stage.publish(SURE)
    with stage.sessions.begin() as session:
        take_in(session, stage.keys, "snack", "gift:ticket", [(1, "CINE-1")])
    assert stage.say(stage.codes(1)[0]).startswith("redeem.won")
    stage.say("Ann Lee\n13800138000\n1 Main Street, Springfield")
    shown = replace(stage.message("hello"), attachments=(Media(MediaKind.FILE, "handle", "a.csv"),))
    stage.take(delivery(shown, stage.keys))
    assert join(stage.sessions, stage.keys, stage.message("half a"), Part("7", 2, 1)) is None
    with stage.sessions.begin() as session:
        (player,) = session.scalars(select(Player)).all()
        give_name(stage.keys, player, "Ann")
        await_name(stage.keys, player, "Anna", stage.now)
    stage.appoint(Role.OWNER)
    for words in ('/player block test/main/u1 reason="buys stolen cards"', "/campaign end snack", "/audit"):
        stage.command(words, by="boss")
    stage.work()
    stage.appoint(Role.SUPPORT, name="Wei", channel="wechat")
    assert stage.command("/help", by="boss", channel="wechat").endswith("1. More")
    with stage.sessions.begin() as session:
        job = session.get_one(Job, 1)
        job.kept_sealed = stage.keys.seal(KEPT_COLUMN, row_of_job(job.id), "{}")


def values_of(session: Session, one: Sealed) -> list[Row[*tuple[object, ...]]]:
    """The rows of a sealed column: what each is bound to, and its value last."""
    columns = (*one.named_by, one.column)
    return list(session.execute(select(*(each.label(None) for each in columns)).where(one.column.is_not(None))))


def keep_keys_in_a_file(stage: Stage) -> Path:
    """Let the stage have its keys from a file, at which it looks whenever it needs one."""
    path, seconds = stage.directory / "keys", itertools.count()
    create_key_file(path, stage.randomness, stage.now)
    secrets, file = read_secrets(path), KeyFile(path, lambda: next(seconds))
    stage.keys = Keyring(secrets.pepper, secrets.index, secrets.sealing, stage.randomness, file=file)
    stage.shelf = CampaignShelf(stage.keys, MECHANICS.texts, MECHANICS.sections)
    return path


def rotate(stage: Stage) -> int:
    """Let it have a newer key."""
    return add_sealing_key(stage.directory / "keys", stage.randomness, stage.now)
