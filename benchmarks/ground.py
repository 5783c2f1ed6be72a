"""The ground of a benchmark: one installation with a campaign, players who have joined, and fresh codes."""

import io
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from core.campaign.live import Published
from core.campaign.publication import publish
from core.campaign.reader import read_campaign
from core.database import sessions
from core.engine.engine import Engine
from core.messages import Answer, Answered, InboundMessage
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate
from handlers.codes.issuance import CardList, issue
from handlers.codes.tables import Redemption
from huoju.bootstrap import Installation, open_installation
from huoju.settings import Settings

CAMPAIGN = Path(__file__).with_name("campaign.yaml")
CHANNEL, ACCOUNT = "playground", "demo"
PLAYERS = 2000
SENDERS = 64


def phone(number: int) -> str:
    """The phone number of one player."""
    return f"+86139{number:08d}"


@dataclass
class Ground:
    """An installation on ``settings.database_url`` that is played by ``PLAYERS`` players in rotation."""

    settings: Settings
    installation: Installation
    campaign: Path = CAMPAIGN
    channel: str = CHANNEL
    account: str = ACCOUNT
    user: Callable[[int], str] = phone
    """What the channel calls its players, by their numbers."""

    def __post_init__(self) -> None:
        self.sessions = sessions(self.installation.database)
        self.runtime = self.installation.runtime()
        self.players = itertools.cycle(range(PLAYERS))
        self._ids = itertools.count(1)
        self._newcomers = itertools.count(PLAYERS)

    def publish(self) -> None:
        """Publish the campaign."""
        here, file = self.installation, read_campaign(self.campaign, MECHANICS.sections)
        self.name = file.rules.name
        with self.sessions.begin() as session:
            publish(session, file, here.clock(), here.keys, here.randomness, mechanics=MECHANICS)

    def issue(self, count: int) -> list[str]:
        """Issue and activate ``count`` codes, as they are printed."""
        out, here = io.BytesIO(), self.installation
        with self.sessions.begin() as session:
            how = Issue(here.keys, here.randomness, here.clock(), MECHANICS.sections)
            activate(session, issue(session, self.name, count, CardList(out), how).batch_id, here.clock())
        return [line.split(",")[1] for line in out.getvalue().decode().split()[1:]]

    def messages(self, count: int) -> list[InboundMessage]:
        """``count`` messages, each a fresh code of the next player."""
        return [self.message(code) for code in self.issue(count)]

    def message(self, code: str) -> InboundMessage:
        """``code``, sent by the next player."""
        address = (self.channel, self.account, self.user(next(self.players)))
        return InboundMessage.received(address, f"bench-{next(self._ids)}", code, self.installation.clock(), waits=True)

    def newcomers(self, count: int) -> list[int]:
        """The numbers of ``count`` players whom nobody has met."""
        return list(itertools.islice(self._newcomers, count))

    def published(self) -> Published:
        """The campaign, compiled."""
        with self.sessions() as session:
            (campaign,) = self.runtime.shelf.read(session).values()
        return campaign.published

    def redeemed(self) -> int:
        """How many codes were redeemed."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(Redemption)) or 0

    def join(self) -> None:
        """Let every player redeem a first code, so that nobody joins while time is taken."""
        engine = Engine(self.runtime)
        through_engine(engine, self.messages(PLAYERS))
        engine.close()


@contextmanager
def opened(url: str, directory: Path, campaign: Path = CAMPAIGN, accounts: Path | None = None) -> Iterator[Ground]:
    """A ground on the empty database at ``url``, where ``campaign`` is played; its key file lies in ``directory``.

    ``accounts`` is the huoju.toml of processes that serve it.
    """
    given = {"config_file": accounts} if accounts else {}
    settings = Settings(
        helpless_answers_per_hour=10**6,
        answers_per_hour=10**6,
        database_url=url,
        keys_file=directory / "huoju.keys",
        metrics_folder=directory / "metrics",
        **given,
    )
    ground = Ground(settings, open_installation(settings, create=True), campaign)
    try:
        ground.publish()
        yield ground
    finally:
        ground.installation.database.dispose()


def through_engine(engine: Engine, messages: Sequence[InboundMessage]) -> float:
    """Send ``messages`` by SENDERS threads, each waiting for its answer as a web worker does; redemptions a second."""

    def send(mine: Sequence[InboundMessage]) -> None:
        for message in mine:
            answer = engine.submit(message).result()
            assert answer.how is Answered.NEW, answer

    return in_threads(send, messages, SENDERS)


def by_callbacks(engine: Engine, messages: Sequence[InboundMessage]) -> float:
    """Send ``messages`` by SENDERS senders without a thread each: every answer sends its sender's next message.

    Redemptions a second of the engine alone; through_engine adds what waking a thread for every answer costs.
    """
    done, faults = threading.Event(), []
    left = itertools.count(len(messages) - 1, -1)

    def send(mine: Iterator[InboundMessage]) -> None:
        if (message := next(mine, None)) is not None:
            engine.submit(message).add_done_callback(lambda future: hear(future, mine))

    def hear(future: "Future[Answer]", mine: Iterator[InboundMessage]) -> None:
        if future.exception() is not None or future.result().how is not Answered.NEW:
            faults.append(future)
        send(mine)
        if next(left) == 0:
            done.set()

    began = time.perf_counter()
    for start in range(SENDERS):
        send(iter(messages[start::SENDERS]))
    done.wait()
    took_s = time.perf_counter() - began
    assert not faults, faults[0]
    return len(messages) / took_s


def in_threads(work, messages: Sequence[InboundMessage], count: int) -> float:  # type: ignore[no-untyped-def]
    """Share ``messages`` between ``count`` threads that each do ``work``; messages a second. Raises what they raise."""
    faults: list[BaseException] = []

    def run(mine: Sequence[InboundMessage]) -> None:
        try:
            work(mine)
        except BaseException as error:  # noqa: BLE001  # told to whoever waits
            faults.append(error)

    threads = [threading.Thread(target=run, args=(messages[start::count],)) for start in range(count)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took_s = time.perf_counter() - began
    if faults:
        raise faults[0]
    return len(messages) / took_s
