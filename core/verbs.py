"""A verb: what operators can say, in a chat as in a terminal; one definition with its name, role, arguments and act."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy.orm import Session

from core.answers import Answer, Change, Line, VerbName
from core.arguments import Arguments
from core.attachments import MediaFetcher
from core.blame import may_pass_when_retried
from core.database import Moved
from core.operators import Role, VerbRefused, check_operator
from core.places import Place
from core.sending.outbound import SendingAccount
from core.texts.previews import Preview

if TYPE_CHECKING:
    from core.engine.runtime import Runtime

_TRIES = 3
_Result = TypeVar("_Result")
_Given = TypeVar("_Given", bound=Arguments)


class Stopped(Exception):
    """The job shall not go on: what it does is rolled back where it is not committed, and put right where it is."""


class Work(Protocol):
    """A verb that lasts, at work: whom it tells how far it is, and what it knows of what it did before a kill."""

    @property
    def kept(self) -> Mapping[str, Any]:
        """What its last step kept; nothing before the first."""
        ...

    def told(self, done: int, of: int | None = None) -> None:
        """It is so far. Raises Stopped. Not within a transaction of the verb that writes."""
        ...

    def step(self, session: Session, done: int, of: int | None = None, **kept: Any) -> None:
        """The transaction of ``session`` is a step, after which it is so far and has ``kept`` this, whole JSON values.

        It holds if and only if that commits, and no other worker is at the same step. Raises Stopped.
        """
        ...


class Attended:
    """Work that somebody waits for: nobody goes on with it when it is killed."""

    def __init__(self) -> None:
        self._kept: Mapping[str, Any] = {}

    @property
    def kept(self) -> Mapping[str, Any]:
        """What its last step kept, until it ends."""
        return self._kept

    def told(self, done: int, of: int | None = None) -> None:
        """Whoever waits sees nothing of it."""

    def step(self, session: Session, done: int, of: int | None = None, **kept: Any) -> None:
        """Nothing outlives it."""
        del session
        self._kept = kept
        self.told(done, of)


def _nowhere(_name: str) -> Path:
    raise VerbRefused("no file can be left here; say it in a terminal")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a verb works with: this installation, the instant at which it was said, and who said it."""

    runtime: "Runtime"
    at: datetime
    outlets: Callable[[], Sequence[SendingAccount]]
    """Reads which accounts of ours send."""
    operator: str = ""
    """A name that is good to be kept; of a verb that signs nothing it may be left out."""
    role: Role = Role.OWNER
    """What the operator is trusted with; whoever has a shell here is an owner."""
    place: Place | None = None
    """Where it was said; None for a terminal."""
    address_key: bytes | None = None
    """The address that said it, in a chat."""
    words: str = ""
    """As they were typed, where somebody typed them."""
    work: Work = field(default_factory=Attended)
    """For a verb that lasts."""
    path_for: Callable[[str], Path] = _nowhere
    """Where a file goes that a verb leaves, by the name that it proposes, which is of plain letters, digits, - and ."""
    known: object = None
    """What the verb's ``beforehand`` found for what it is given now; None where nobody asked it."""


@dataclass(frozen=True, slots=True)
class Outlets:
    """A setting of an installation: which accounts of ours send."""

    read: Callable[[], Sequence[SendingAccount]]


@dataclass(frozen=True, slots=True)
class Platforms:
    """A setting of an installation: what platforms mean by the codes that rows of ours have of them."""

    explain: Callable[[str | None], str]


@dataclass(frozen=True, slots=True)
class MediaFetchers:
    """A setting of an installation: what fetches the media that were sent to an account; None where nothing can."""

    at: Callable[[Place], MediaFetcher | None]


class Look(NamedTuple):
    """One thing that was looked at; ``remedy`` says what to do unless it is well."""

    about: str
    """The installation, a file, or one of our accounts."""
    what: Line
    well: bool
    remedy: Line


@dataclass(frozen=True, slots=True)
class Doctor:
    """A setting of an installation: what looks at it and its accounts, or at one of these. Raises VerbRefused."""

    look: Callable[[str | None], Iterable[Look]]


@dataclass(frozen=True, slots=True)
class JobFiles:
    """A setting of an installation: in which folder jobs leave files, which all its processes see, and how long."""

    folder: Path
    kept_for: timedelta


@dataclass(frozen=True, slots=True)
class Previews:
    """A setting of an installation: how a text arrives where a campaign file names a channel or an account."""

    at: Callable[[str, str], Mapping[str, Preview]]
    """Of a name and a text: by the account, where that matters."""


@dataclass(frozen=True, slots=True)
class Group:
    """Verbs about one thing; its name begins theirs."""

    name: str
    says: str


class LeftFile(NamedTuple):
    """What a terminal tells of the file that a verb leaves, whose path it wants."""

    says: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb(Generic[_Given]):
    """What operators can say.

    ``act`` changes nothing and raises VerbRefused where it cannot be done. It reads only, unless it ``changes``.
    """

    group: Group
    word: str = ""
    """Its name in the group; the verb that says the group's name alone has none."""
    chinese: str
    aliases: tuple[str, ...] = ()
    """Other names of it, each for all of its name."""
    role: Role
    """The least that may say it."""
    says: str
    """What it does, in one sentence."""
    more: str = ""
    """What else one should know."""
    takes: type[_Given]
    act: Callable[[Desk, _Given], Answer]
    changes: bool = False
    looks: Callable[[_Given], bool] | None = None
    """Of one that changes something: whether it only reads all the same, by what it is given."""
    confirm: str | None = None
    """The question that must be answered with yes before what cannot be taken back, spends, or reaches many."""
    dealers: bool = False
    """Whether whoever hands out at a counter may say it, too."""
    undo: Callable[[_Given, Sequence[Change]], tuple[str, Mapping[str, object]]] | None = None
    """The name of the verb that takes it back, and what that is given, by what it was given and changed itself."""
    final: str = ""
    """Of one that changes something and that nothing takes back: why, and what can be done instead."""
    chat_only: bool = False
    """Whether it has no meaning in a terminal."""
    long: bool = False
    """It lasts, and takes transactions of its own: said in a chat, it is a job, which may be begun again at any point.

    What it did before is not undone then: done again, it does the rest.
    """
    turns: bool = False
    """It takes messages of players: whoever carries it out needs what their turns need."""
    planned: bool = False
    """Whether a chat makes a plan of it first, though a terminal does not ask."""
    leaves: LeftFile | None = None
    """Of one that leaves a file: which one. In a chat it must last."""
    abandon: Callable[[Session, datetime, Mapping[str, Any]], Sequence[Change]] | None = None
    """Of one that lasts: puts right what its steps did, by what the last one kept, where it does not come to its end.

    In the transaction of that; what it changes is told to the log.
    """
    beforehand: Callable[[Desk, _Given], object] | None = None
    """Finds what takes long and what it needs to know (:attr:`Desk.known`), in a snapshot: nobody waits for that.

    It only reads, and raises VerbRefused for what cannot be done. The transaction of ``act`` begins after it.
    """
    foresees: Callable[[Desk, _Given], Answer] | None = None
    """What is said of one that lasts before it is done; it only reads, and refuses what cannot be done."""
    second: bool = False
    """Whether a second operator confirms it in a chat, whatever the files of campaigns say."""
    signed: str | None = None
    """Where the operator's name is kept, for a verb that keeps it: said in the help."""

    @property
    def name(self) -> str:
        """As it is said: "points correct"."""
        return f"{self.group.name} {self.word}".rstrip()

    def may_be_said_by(self, role: Role) -> bool:
        """Whether ``role`` is trusted with it."""
        return role.covers(self.role) or (self.dealers and role is Role.DEALER)

    def alters(self, given: Mapping[str, object]) -> bool:
        """Whether it changes something when it is given this. Raises VerbRefused where that cannot be read."""
        return self.changes and (self.looks is None or not self.looks(self.takes.read(given)))

    def prepared(self, desk: Desk, given: Mapping[str, object]) -> Desk:
        """``desk`` with what the verb needs to know beforehand. Not within a transaction; it raises nothing.

        What is refused here is refused again when it is done.
        """
        if self.beforehand is None or not self.may_be_said_by(desk.role):
            return desk
        try:
            return replace(desk, known=self.beforehand(desk, self.takes.read(given)))
        except VerbRefused:
            return desk

    def carry_out(self, desk: Desk, given: Mapping[str, object]) -> Answer:
        """Read what was typed, by the names of arguments, and do it. Raises VerbRefused; nothing is changed then.

        The role is judged here, too: whoever confirms or takes back does what somebody else, or a former role, began.
        """
        if not self.may_be_said_by(desk.role):
            raise VerbRefused("{verb} is not for your role", verb=VerbName(self.name))
        arguments = self.takes.read(given)
        if self.signed is not None:
            check_operator(desk.operator)
        return self.act(desk, arguments)


def by_name(verbs: Iterable[Verb[Any]]) -> dict[str, Verb[Any]]:
    """Verbs by each of their names. Raises ValueError for a name that two have."""
    found: dict[str, Verb[Any]] = {}
    for verb in verbs:
        for name in (verb.name, verb.chinese, *verb.aliases):
            if name in found:
                raise ValueError(f"two verbs have one name: {name}")
            found[name] = verb
    return found


def patiently(act: Callable[[], _Result]) -> _Result:
    """What ``act`` returns. It is tried again when somebody else's change came between, as it changed nothing then."""
    for _ in range(_TRIES - 1):
        try:
            return act()
        except Exception as error:
            if not may_pass_when_retried(error) or getattr(error, "connection_invalidated", False):
                raise
    try:
        return act()
    except Moved:
        raise VerbRefused("somebody else is changing the same at this moment; nothing was changed, try again") from None
