"""What operators do with the engine itself: with campaigns, timers and messages that failed, and what is sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, TypeVar

from pydantic import Field
from sqlalchemy import select

from core.answers import (
    Answer,
    ArgumentName,
    Change,
    Column,
    ColumnFormat,
    Line,
    Reach,
    Table,
    Value,
    VerbName,
    line,
    listing,
    said,
)
from core.arguments import AccountArgument, Arguments, ChannelArgument, Given, InstantArgument, NoArguments
from core.blame import Unavailable
from core.campaign.publication import change_state, get_campaign
from core.database import read_only
from core.engine.replay import replay
from core.inbox import FailedMessage, failed_messages
from core.inbox import Wanted as WantedMessages
from core.messages import Answered
from core.models import Campaign, Timer
from core.operators import Misspoken, Role, VerbRefused
from core.sending.operations import go_on, people_of, send_again, send_all_again, set_paused
from core.sending.outbound import read_dispatch_id
from core.timers.retry import Wanted as WantedTimers
from core.timers.retry import failed_timers, try_again
from core.verbs import Desk, Group, Verb
from core.words import Mark, row_number

SHOWN = 100
_Given = TypeVar("_Given", bound=Arguments)
_ABOUT_CLAIMS = "claim."
_LONGEST_SHOWN = 50
_SHOWN_OF_A_REPLAY = 20
_FAILED = "inbox failed"
_OUTBOX_SHOWN = VerbName("outbox")
_NOT_DEAD = (
    "{missing} of these ids name no text that is dead (one that is unknown needs {option});"
    " nothing was changed, {verb} lists them"
)
_NOT_DEAD_OR_UNKNOWN = (
    "{missing} of these ids name no text that is dead or unknown; nothing was changed, {verb} lists them"
)


class _Faults(Arguments):
    error: str | None = Field(None, description="Those whose error has this in it, for example OperationalError.")


class _Timers(_Faults):
    kind: str | None = Field(None, description="Those of one kind, for example claim.remind.")
    since: InstantArgument | None = Field(None, description="Those that were due from then on.")
    until: InstantArgument | None = Field(None, description="Those that were due before then.")
    dry_run: bool = Field(default=False, description="Show which, and change nothing.")


class _Inbox(_Faults):
    since: InstantArgument | None = Field(None, description="Those received from then on.")
    until: InstantArgument | None = Field(None, description="Those received before then.")
    channel: ChannelArgument | None = Field(None, description="Those of one channel.")
    campaign: str | None = Field(None, description="Those of people who played this campaign last.")

    @property
    def wanted(self) -> WantedMessages:
        """Which messages it names by what they have in common."""
        return WantedMessages(
            error=self.error, since=self.since, until=self.until, channel=self.channel, campaign=self.campaign
        )


class _Messages(_Inbox):
    texts: bool = Field(default=False, description="Show what the players wrote.")


class _Replay(_Inbox):
    ids: Annotated[tuple[str, ...], Given.IN_PLACE] = Field(
        (), title="ID", description="Those with these ids.", examples=["3f2a91bc"]
    )
    all: bool = Field(default=False, description="All failed messages.")
    dry_run: bool = Field(default=False, description="Show which, and change nothing.")


class _Texts(Arguments):
    ids: Annotated[tuple[str, ...], Given.IN_PLACE] = Field((), title="ID", description="Those with these ids.")
    unknown: bool = Field(
        default=False, description="Those whose outcome is unknown, too: some players may get them twice."
    )


class _Account(Arguments):
    account: AccountArgument = Field(
        title="CHANNEL/ACCOUNT",
        description="One of our accounts that send, as channel/account.",
        examples=["playground/demo"],
    )


_TIMER = (
    Column("owner", ColumnFormat.COPIED),
    Column("kind"),
    Column("subject"),
    Column("due", ColumnFormat.SECOND),
    Column("error"),
)


def timers_told(timers: Iterable[Timer]) -> Table:
    """Timers that failed; a claim by the number that other verbs take."""
    rows = [
        (row_number(Mark.FRIEND, one.owner_id), one.kind, _subject(one), one.due_at, one.error or None)
        for one in timers
    ]
    return Table("failed", _TIMER, rows, empty="")


def _subject(timer: Timer) -> str:
    is_claim = timer.kind.startswith(_ABOUT_CLAIMS) and timer.subject.isdecimal()
    return row_number(Mark.CLAIM, int(timer.subject)) if is_claim else timer.subject


def _retry_timers(desk: Desk, given: _Timers) -> Answer:
    wanted = WantedTimers(kind=given.kind, error=given.error, since=given.since, until=given.until)
    with desk.runtime.sessions.begin() as session:
        found = failed_timers(session, wanted)
        people = len({one.owner_id for one in found})
        if not given.dry_run:
            count = try_again(session, wanted)
            changes = [Change("timers due again", None, count)] if count else []
            told = line("{count} timers are due again.", count=count)
            return Answer([told], changes=changes, reach=Reach(people))
        would = said("{count} timers would be due again.", count=len(found))
        return Answer([timers_told(found[:SHOWN]), *would.parts])


def messages_told(messages: Iterable[FailedMessage], *, texts: bool = False) -> Table:
    """Messages that failed, with their ``texts`` only where these are asked for."""
    columns = [Column("id"), Column("received", ColumnFormat.SECOND), Column("channel"), Column("error")]
    rows: list[tuple[Value, ...]] = [
        (
            one.id,
            one.received_at,
            f"{one.channel}/{one.account}",
            one.error,
            *([one.delivery.message.text] if texts else []),
        )
        for one in messages
    ]
    return Table("messages", [*columns, *([Column("text", ColumnFormat.QUOTED)] if texts else [])], rows)


def _failed(desk: Desk, given: _Messages) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = failed_messages(session, desk.runtime.keys, given.wanted)
    if not found:
        return said("No such message has failed.")
    return Answer([messages_told(found, texts=given.texts)])


def _to_replay(desk: Desk, given: _Replay) -> list[FailedMessage]:
    """Those that are meant. Raises VerbRefused where that is not said in one way, or names one that did not fail."""
    if sum((bool(given.ids), given.all, given.wanted != WantedMessages())) != 1:
        raise Misspoken(
            "say which: their ids, or {all}, or what they have in common ({some})",
            all=ArgumentName("all=yes"),
            some=listing([ArgumentName(name) for name in _Inbox.model_fields]),
        )
    with read_only(desk.runtime.sessions) as session:
        found = failed_messages(session, desk.runtime.keys, given.wanted)
    if not given.ids:
        return found
    for wrong in {*given.ids} - {one.id for one in found}:
        shown = wrong if len(wrong) <= _LONGEST_SHOWN and wrong.isprintable() else "?"
        raise VerbRefused("no failed message has the id {id}; {verb} lists them", id=shown, verb=VerbName(_FAILED))
    return [one for one in found if one.id in given.ids]


def _foresee_replay(desk: Desk, given: _Replay) -> Answer:
    found = _to_replay(desk, given)
    people = len({one.delivery.key[0] for one in found})
    told = line("{count} would be taken again, in the order in which they were received.", count=len(found))
    return Answer([messages_told(found[:_SHOWN_OF_A_REPLAY]), told], reach=Reach(people))


def _replay(desk: Desk, given: _Replay) -> Answer:
    """Take them again, one after another; done once more it takes what is left."""
    if given.dry_run:
        return _foresee_replay(desk, given)
    found, became, wrong = _to_replay(desk, given), Counter[Answered](), list[Line]()
    for number, one in enumerate(found):
        desk.work.told(number, len(found))
        outcome = replay(desk.runtime, one)
        if isinstance(outcome, Unavailable):
            why = "the database does not answer or stays locked; {count} of {of} are left, replay them later"
            wrong.append(line(why, count=len(found) - number, of=len(found)))
            break
        became[outcome.how] += 1
    done, again = became[Answered.NEW], became[Answered.FAILED]
    told = [line("{count} are done, their answers are on their way.", count=done)]
    if others := became.total() - done - again:
        told.append(line("{count} had been replayed by somebody else.", count=others))
    if again:
        wrong.append(line("{count} failed again; {verb} shows where", count=again, verb=VerbName(_FAILED)))
    changes = [Change("messages replayed", None, done)] if done else []
    return Answer(told, wrong=wrong, changes=changes)


def _retry_texts(desk: Desk, given: _Texts) -> Answer:
    states = ("dead", "unknown") if given.unknown else ("dead",)
    keys = {_key(text) for text in given.ids}
    with desk.runtime.sessions.begin() as session:
        people = len({key for key, _ in keys}) if keys else people_of(session, states)
        count = send_again(session, list(keys), states, desk.at) if keys else send_all_again(session, states, desk.at)
        if count < len(keys):
            missing = len(keys) - count
            why = _NOT_DEAD_OR_UNKNOWN if given.unknown else _NOT_DEAD
            raise VerbRefused(why, missing=missing, option=ArgumentName("unknown=yes"), verb=_OUTBOX_SHOWN)
    changes = [Change("texts due again", None, count)] if count else []
    return Answer([line("Due again: {count}.", count=count)], changes=changes, reach=Reach(people))


def _key(text: str) -> tuple[bytes, int]:
    key = read_dispatch_id(text)
    if key is None:
        shown = text if len(text) <= _LONGEST_SHOWN and text.isprintable() else "this"
        raise Misspoken("{id} is no id of a text; copy it from {verb}", id=shown, verb=_OUTBOX_SHOWN)
    return key


def _pause(desk: Desk, given: _Account) -> Answer:
    return _set_paused(desk, given.account, paused=True)


def _resume(desk: Desk, given: _Account) -> Answer:
    return _set_paused(desk, given.account, paused=False)


def _set_paused(desk: Desk, name: str, *, paused: bool) -> Answer:
    ours = {f"{outlet.channel}/{outlet.account}": outlet for outlet in desk.outlets()}
    if name not in ours:
        told = "{name} is no account that sends; these are: {names}" if ours else "no account of ours sends"
        raise VerbRefused(told, **({"name": name, "names": ", ".join(sorted(ours))} if ours else {}))
    outlet = ours[name]
    with desk.runtime.sessions.begin() as session:
        changed = set_paused(session, outlet.channel, outlet.account, desk.at, paused=paused)
    before, after = ("sending", "paused") if paused else ("paused", "sending")
    told = "{account} is {state}." if changed else "{account} was {state} already."
    changes = [Change("state", before, after, name)] if changed else []
    return Answer([line(told, account=name, state=after)], changes=changes)


class _Campaign(Arguments):
    name: str = Field(description="The name of a campaign.", examples=["snack"])


_CAMPAIGN = (
    Column("name"),
    Column("version"),
    Column("state"),
    Column("opens", ColumnFormat.MINUTE),
    Column("closes", ColumnFormat.MINUTE),
)


def _campaigns(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        rows = [
            (one.name, one.version, one.state, one.opens_at, min(one.ended_at or one.closes_at, one.closes_at))
            for one in session.scalars(select(Campaign).order_by(Campaign.id))
        ]
    return Answer([Table("campaigns", _CAMPAIGN, rows)])


def _pause_campaign(desk: Desk, given: _Campaign) -> Answer:
    return _steer(desk, given.name, "pause")


def _resume_campaign(desk: Desk, given: _Campaign) -> Answer:
    return _steer(desk, given.name, "resume")


def _end_campaign(desk: Desk, given: _Campaign) -> Answer:
    return _steer(desk, given.name, "end")


def _steer(desk: Desk, name: str, move: str) -> Answer:
    with desk.runtime.sessions.begin() as session:
        before = get_campaign(session, name).state
        moved = change_state(session, name, move, desk.at)
        after = moved.state
        if move == "resume":
            session.flush()
            go_on(session, moved.id, desk.at)
    told = line("{campaign} is {state} now.", campaign=name, state=after)
    return Answer([told], changes=[Change("state", before, after, name)], reach=Reach(campaign=name))


def _the_other(name: str) -> Callable[[_Given, Sequence[Change]], tuple[str, Mapping[str, object]]]:
    """The verb ``name``, given the same, takes back what was done."""
    return lambda given, _changes: (name, given.model_dump())


CAMPAIGNS = Group("campaign", "Check, publish and steer campaigns.")
TIMERS = Group(
    "timers",
    "Look after what is due at an instant: how many wait, are late (is a clock running?) or have failed.",
)
_INBOX = Group("inbox", "Look at failed messages and replay them.")
OUTBOX = Group(
    "outbox",
    "Look after what is to be delivered: how much waits, is late (is a sender running?), unknown or given up.",
)
VERBS = (
    Verb(
        group=CAMPAIGNS,
        word="list",
        chinese="查活动",
        role=Role.SUPPORT,
        says="All campaigns and their states.",
        takes=NoArguments,
        act=_campaigns,
    ),
    Verb(
        group=CAMPAIGNS,
        word="pause",
        chinese="暂停活动",
        role=Role.OPERATOR,
        says="Accept no codes for a while; players are told, codes stay good.",
        takes=_Campaign,
        act=_pause_campaign,
        changes=True,
        undo=_the_other("campaign resume"),
    ),
    Verb(
        group=CAMPAIGNS,
        word="resume",
        chinese="恢复活动",
        role=Role.OPERATOR,
        says="Go on after a pause.",
        takes=_Campaign,
        act=_resume_campaign,
        changes=True,
        undo=_the_other("campaign pause"),
    ),
    Verb(
        group=CAMPAIGNS,
        word="end",
        chinese="结束活动",
        role=Role.OWNER,
        says="End a campaign for good.",
        takes=_Campaign,
        act=_end_campaign,
        changes=True,
        confirm="An ended campaign cannot be resumed. End it?",
        final="players were told that it is over; publish the file under another name",
    ),
    Verb(
        group=TIMERS,
        word="retry",
        chinese="重试定时",
        role=Role.OPERATOR,
        says="Let failed timers be due again, all or only those that are named; a running clock fires them.",
        takes=_Timers,
        act=_retry_timers,
        changes=True,
        final="a running clock fires them at once",
    ),
    Verb(
        group=_INBOX,
        word="failed",
        chinese="失败消息",
        role=Role.SUPPORT,
        says="All failed messages, or those of some, oldest first.",
        takes=_Messages,
        act=_failed,
    ),
    Verb(
        group=_INBOX,
        word="replay",
        chinese="重放消息",
        role=Role.OPERATOR,
        says="Take failed messages again, as of when they were received and in that order; players get the answers.",
        more="Some by their ids, or those that the other arguments name together. What fails again stays where it is.",
        takes=_Replay,
        act=_replay,
        foresees=_foresee_replay,
        changes=True,
        confirm="What comes of a message cannot be taken back, and its player is told. Take them again?",
        final="players were answered, and what they won or spent stands; correct it by the verbs that are for that",
        long=True,
        turns=True,
    ),
    Verb(
        group=OUTBOX,
        word="retry",
        chinese="重发",
        role=Role.OPERATOR,
        says="Send some texts again by their ids, or all that are dead; a running sender takes them.",
        takes=_Texts,
        act=_retry_texts,
        changes=True,
        final="a running sender takes them at once, and nobody can take back what was sent",
    ),
    Verb(
        group=OUTBOX,
        word="pause",
        chinese="停发",
        role=Role.OPERATOR,
        says="Let an account send nothing more; what it has in hand is finished.",
        takes=_Account,
        act=_pause,
        changes=True,
        undo=_the_other("outbox resume"),
    ),
    Verb(
        group=OUTBOX,
        word="resume",
        chinese="续发",
        role=Role.OPERATOR,
        says="Let an account send again.",
        takes=_Account,
        act=_resume,
        changes=True,
        undo=_the_other("outbox pause"),
    ),
)
"""Beside those of mechanics."""
