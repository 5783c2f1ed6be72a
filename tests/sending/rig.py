"""What the sender's tests share: a platform that answers as it is told, and what sends between it and a stage."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from core.engine.locks import lock_addresses, lock_players
from core.engine.replies import State, say
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.models import Account, Address, OutboundJob, Outbox
from core.sending.backoff import Backoff
from core.sending.outbound import Category, Delivered, OutboundMessage, Outcome, Rate, SendingAccount
from scheduler.sender import AccountSender, SenderDependencies
from tests.stage import Stage

OUTLET = SendingAccount("test", "main", Rate(1000, timedelta(seconds=1), burst=1000))
ANSWER, NOTICE, REMINDER, NUDGE, MARKETING = Category


class Platform:
    """An adapter whose outcomes a test decides; ``sent`` is what it was handed, as (user, sequence), in order."""

    def __init__(self, outlet: SendingAccount = OUTLET) -> None:
        self.outlet = outlet
        self.sent: list[tuple[str, int]] = []
        self.messages: list[OutboundMessage] = []
        self.says: Callable[[OutboundMessage], Outcome] = lambda _message: Delivered()
        self._lock = threading.Lock()

    def send(self, message: OutboundMessage) -> Outcome:
        with self._lock:
            self.messages.append(message)
            self.sent.append((message.user, int(message.id.rsplit("-", 1)[1])))
        return self.says(message)

    def heard(self) -> list[tuple[str, int]]:
        """What was sent since this was asked last."""
        with self._lock:
            new, self.sent = self.sent, []
        return new


class Desk:
    """A sender over a stage: its clocks stand still until the test moves them."""

    def __init__(self, stage: Stage, platform: Any, backoff: Backoff | None = None) -> None:
        self.stage, self.platform = stage, platform
        self.running_s = 0.0
        self.needs = SenderDependencies(
            stage.sessions,
            stage.keys,
            stage.randomness,
            lambda: stage.now,
            lambda: self.running_s,
            backoff or Backoff(),
        )
        self.account = AccountSender(self.needs, platform)

    def rounds(self, most: int = 1000) -> int:
        """Claim, send and settle until nothing may go; how many claims took something."""
        done = 0
        while done < most:
            pause = self.account.take()
            if not self.account.busy and pause:
                return done
            done += self.account.busy
            while self.account.busy:
                self.account.settle(10)
        return most

    def lose(self) -> None:
        """Claim and never settle, as a process that is killed while it sends."""
        self.account.take()
        assert self.account.busy
        self.account._in_hand.clear()

    def wait(self, **length: float) -> None:
        """Let both clocks run."""
        self.stage.wait(**length)
        self.running_s += timedelta(**length).total_seconds()

    def another(self) -> "Desk":
        """A second process, on the same database and clock."""
        other = Desk(self.stage, self.platform, self.needs.backoff)
        other.running_s = 5_000_000.0  # whatever its machine has been up for
        return other


def queue(stage: Stage, by: str, *categories: Category, channel: str = "test") -> None:
    """Say one text to ``by`` for each of ``categories``, to be delivered from now on."""
    queue_all(stage, [by], *categories, channel=channel)


def queue_all(stage: Stage, people: Sequence[str], *categories: Category, channel: str = "test") -> None:
    """Say one text to each of ``people`` for each of ``categories``, all at once."""
    keys = {stage.key(by, channel=channel): by for by in people}
    with stage.sessions() as session:
        known = set(session.scalars(select(Address.key).where(Address.key.in_(keys))))
    stage.take(*(stage.delivery("help", by=by, channel=channel) for key, by in keys.items() if key not in known))
    with unit_of_work(stage.runtime, stage.now) as work:
        lock_addresses(work.session, work.rows, list(keys))
        lock_players(work.session, work.rows)
        for key in keys:
            address = work.rows.addresses[key]
            address.language = "en"
            for category in categories:
                replies = [Reply("inbox.failed")]
                ref = f"notice:{address.said_count}"
                say(work.rows, address, None, replies, ref=ref, state=State.QUEUED, at=stage.now, category=category)


def dispatches(stage: Stage) -> list[OutboundJob]:
    """What is to be delivered, in the order of users' keys and sequence."""
    with stage.sessions() as session:
        return list(session.scalars(select(OutboundJob).order_by(OutboundJob.address_key, OutboundJob.sequence)))


def states(stage: Stage) -> list[str]:
    """The state of each text that is to be delivered."""
    return [one.state for one in dispatches(stage)]


def sent(stage: Stage) -> int:
    """How many texts of the outbox count as sent."""
    with stage.sessions() as session:
        return len(session.scalars(select(Outbox.ref).where(Outbox.state == "sent")).all())


def account(stage: Stage) -> Account:
    with stage.sessions() as session:
        return session.scalars(select(Account)).one()


def change_account(stage: Stage, **values: object) -> None:
    with stage.sessions.begin() as session:
        session.execute(update(Account).values(**values))


def of(texts: Sequence[tuple[str, int]], user: str) -> list[int]:
    """The sequence numbers that ``user`` was sent, in order."""
    return [sequence for name, sequence in texts if name == user]
