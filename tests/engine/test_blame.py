"""What the database, the disk or the network does is no message's failure, wherever in a turn it happens."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import InvalidRequestError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import capture_logs

from core.blame import Blame, Suspects, Unavailable, blame, broken_rule, is_worlds
from core.context import Context
from core.database import Moved
from core.engine.delivery import Delivery
from core.engine.failures import Outcome, take_turn_safely
from core.engine.routes import Requires, Route
from core.messages import Answered, Reply
from core.models import Base, Consent, Inbox
from core.speech.keywords import Means
from handlers import MECHANICS
from tests.faulty import POSTGRES_WORLD, SILENCE, SQLITE_WORLD, failing, fault, share_of, world_of, wrapped
from tests.snack import SNACK
from tests.soundness import audit
from tests.stage import Stage

GOOD = "redeem.points balance=10 points=10"


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What is logged; a trace that is drawn for a terminal takes seconds."""
    with capture_logs() as lines:
        yield lines


OURS = ("0A000", "21000", "22001", "22021", "22P02", "42601", "42883", "44000", "54000")
SQLITE_OURS = ("SQLITE_ERROR", "SQLITE_TOOBIG", "SQLITE_MISMATCH", "SQLITE_MISUSE", "SQLITE_RANGE")
IN_DOUBT = {
    *("42501", "42P01", "53200", "57014", "XX000", "XX001", "XX002", "99999", SILENCE, "no memory"),
    *("SQLITE_CORRUPT", "SQLITE_INTERNAL", "SQLITE_INTERRUPT", "SQLITE_NOMEM"),
}
RACES = ("23505", "23503", "23514", "23P01", "SQLITE_CONSTRAINT", "SQLITE_CONSTRAINT_UNIQUE")


def _of_sqlite(result: int) -> Exception:
    error = sqlite3.DatabaseError("what is it?")
    error.sqlite_errorcode = result
    return error


def _going_on_after_a_cut() -> Exception:
    """What SQLAlchemy says when a transaction goes on whose connection was lost."""
    with create_engine("sqlite://").connect() as connection:
        connection.execute(select(1))
        connection.invalidate()
        with pytest.raises(PendingRollbackError) as raised:
            connection.execute(select(1))
    return raised.value


OTHERS = [
    (PoolTimeout("QueuePool limit"), Blame.WORLD),
    (OSError(28, "No space left on device"), Blame.WORLD),
    (ConnectionResetError(), Blame.WORLD),
    (MemoryError(), Blame.DOUBT),
    (wrapped(MemoryError()), Blame.DOUBT),
    (wrapped(ValueError("an instant must be aware")), Blame.OURS),
    (psycopg.InterfaceError("the connection is closed"), Blame.DOUBT),
    (psycopg.OperationalError("connection refused"), Blame.DOUBT),
    (psycopg.OperationalError("number of parameters must be between 0 and 65535"), Blame.DOUBT),
    (psycopg.DatabaseError("no state"), Blame.DOUBT),
    (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), Blame.OURS),
    (psycopg.ProgrammingError("cannot adapt type"), Blame.OURS),
    (psycopg.NotSupportedError("pipelines"), Blame.OURS),
    (sqlite3.ProgrammingError("Incorrect number of bindings supplied"), Blame.OURS),
    (sqlite3.IntegrityError("UNIQUE constraint failed: claims.id"), Blame.RACE),
    (sqlite3.OperationalError("no code"), Blame.DOUBT),
    *((_of_sqlite(result), Blame.DOUBT) for result in (-1, 0, 24, 27, 99, 255, 10**9)),
    *(
        (fault(state), Blame.DOUBT)
        for state in ("", "?", "00000", "ZZZZZ", "xx000", "５３１００", "P0001", "HV000", "123456789")
    ),
    (_going_on_after_a_cut(), Blame.WORLD),
    (PendingRollbackError("the flush before it failed", code="7s2a"), Blame.OURS),
    (InvalidRequestError("nothing else"), Blame.OURS),
    (Moved("meanwhile"), Blame.RACE),
    (ZeroDivisionError(), Blame.OURS),
    (AssertionError(), Blame.OURS),
]


@pytest.mark.parametrize("state", [*POSTGRES_WORLD, *SQLITE_WORLD])
def test_the_world_is_to_blame_for_what_it_does(state: str) -> None:
    whose = Blame.DOUBT if state in IN_DOUBT else Blame.WORLD
    assert blame(fault(state)) is blame(wrapped(fault(state))) is whose


@pytest.mark.parametrize(
    "state", [*OURS, *SQLITE_OURS, *RACES, *sorted(IN_DOUBT - {"no memory"}), "SQLITE_FULL", "53100"]
)
def test_a_link_that_was_cut_is_the_worlds_whatever_else_is_said_of_it(state: str) -> None:
    assert blame(wrapped(fault(state), cut=True)) is Blame.WORLD


@pytest.mark.parametrize("state", [*OURS, *SQLITE_OURS])
def test_what_would_happen_again_is_ours(state: str) -> None:
    assert blame(fault(state)) is blame(wrapped(fault(state))) is Blame.OURS


@pytest.mark.parametrize("state", RACES)
def test_a_broken_rule_is_a_race_until_it_is_broken_again(state: str) -> None:
    assert blame(fault(state)) is blame(wrapped(fault(state))) is Blame.RACE
    assert broken_rule(wrapped(fault(state))) is not None


@pytest.mark.parametrize(("error", "whose"), OTHERS, ids=lambda each: type(each).__name__)
def test_who_is_to_blame_for_what_no_server_said(error: Exception, whose: Blame) -> None:
    assert blame(error) is whose
    assert is_worlds(error) is (whose in {Blame.WORLD, Blame.DOUBT})


def _quietly(stage: Stage, *deliveries: Delivery) -> list[Outcome]:
    return take_turn_safely(stage.runtime, deliveries, pause=lambda _seconds: None)


def _heard(outcomes: Sequence[Outcome]) -> list[str]:
    return ["unavailable" if isinstance(each, Unavailable) else "\n".join(each.texts) for each in outcomes]


def _unit(stage: Stage, number: int) -> list[Delivery]:
    """What people say in one turn: one wins points and buys, others stop, ask for a word, or guess."""
    (code,) = stage.codes(1)
    says = [
        ("a", code),
        ("a", "gifts"),
        ("a", "mug"),
        ("a", "yes"),
        ("b", "stop"),
        ("c", "invite"),
        ("d", "EEEEEEEEEEEE"),
    ]
    return [stage.delivery(text, by=f"{by}{number}", id=f"{number}-{place}") for place, (by, text) in enumerate(says)]


@pytest.mark.parametrize("lasting", [False, True], ids=["passing", "lasting"])
def test_a_fault_at_any_point_of_a_turn_leaves_what_an_undisturbed_turn_leaves(
    stage: Stage, lasting: bool, share: int
) -> None:
    stage.publish(SNACK.replace("price: 20 points, stock: 2", "price: 10 points, stock: 2000"))
    warm, calm = _unit(stage, 0), _unit(stage, 1)
    _quietly(stage, *warm)
    before = _counts(stage)
    with failing(stage.database) as link:
        said = _said(_quietly(stage, *calm))
    assert link.points > 20
    each = {name: count - before[name] for name, count in _counts(stage).items()}
    pairs = share_of(stage.database, link.points, share)
    units = [_unit(stage, number) for number in range(2, len(pairs) + 2)]
    before = _counts(stage)
    for (state, at), unit in zip(pairs, units, strict=True):
        with failing(stage.database, state, at, 10**9 if lasting else 1) as link:
            first = _quietly(stage, *unit)
        assert link.failed, (state, at)
        assert _said(first) == (["unavailable"] * len(unit) if lasting else said), (state, at)
        assert _said(_quietly(stage, *unit)) == said, (state, at)
    grown = {name: count - before[name] for name, count in _counts(stage).items()}
    assert grown == {name: count * len(pairs) for name, count in each.items()}
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).where(Inbox.state == "failed")) == 0
    assert not any(found for _, found in audit(stage.database, stage.keys, MECHANICS.checks))


def _said(outcomes: Sequence[Outcome]) -> list[str]:
    """What was heard, but for the words that are made up for everybody."""
    return [re.sub(r"\b(word|link|claim|left)=\S+", "", text) for text in _heard(outcomes)]


def _counts(stage: Stage) -> dict[str, int]:
    with stage.database.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


class _Hurt:
    requires = Requires()


def _failing_at(text: str, error: Callable[[], Exception]) -> tuple[Route, ...]:
    """Routes where ``text`` runs into ``error``, whoever says it."""

    def fail(_ctx: object, _intent: object) -> list[Reply]:
        raise error()

    return (Route("hurt", Means(_Hurt(), text), fail), *MECHANICS.routes)


@pytest.mark.parametrize("place", [0, 3, 7])
@pytest.mark.parametrize("state", ["57014", "55P03", "XX000", "53200"])
def test_what_happens_to_one_message_alone_is_said_to_that_one(stage: Stage, state: str, place: int) -> None:
    stage.publish()
    stage.say("help", by="bad")
    stage.routes = _failing_at("boom", lambda: wrapped(fault(state)))
    turn = [stage.delivery(code, by=code, id=code) for code in stage.codes(7)]
    turn.insert(place, stage.delivery("boom", by="bad", id="bad"))
    assert _heard(_quietly(stage, *turn)) == [GOOD] * place + ["unavailable"] + [GOOD] * (7 - place)
    assert _heard(_quietly(stage, *turn)) == [GOOD] * place + ["unavailable"] + [GOOD] * (7 - place)
    stage.routes = MECHANICS.routes
    assert _heard(_quietly(stage, *turn)) == [GOOD] * place + ["unknown.answer"] + [GOOD] * (7 - place)


def test_a_half_that_was_done_is_not_told_that_nothing_happened(stage: Stage) -> None:
    """The turn is halved for a fault of its own; when its first half is done, the database goes away."""
    stage.publish()
    stage.routes = _failing_at("boom", ZeroDivisionError)
    turn = [stage.delivery(code, by=code, id=code) for code in stage.codes(3)]
    turn.append(stage.delivery("boom", by="bad", id="bad"))
    with failing(stage.database, world_of(stage.database)[0], after_commits=1) as link:
        assert _heard(_quietly(stage, *turn)) == [GOOD, GOOD, "unavailable", "unavailable"]
    assert link.failed
    assert _heard(_quietly(stage, *turn))[:3] == [GOOD] * 3


def test_one_whom_the_world_fails_while_all_others_go_well_is_recorded_in_the_end(stage: Stage) -> None:
    stage.publish()
    stage.routes = _failing_at("boom", lambda: wrapped(fault("57014")))
    suspects, bad = Suspects(), stage.delivery("boom", by="bad", id="bad")

    def take(*turn: Delivery) -> list[str]:
        return _heard(take_turn_safely(stage.runtime, turn, lambda _seconds: None, suspects))

    for _ in range(20):
        assert take(bad) == ["unavailable"], "nobody went well meanwhile, so it may be the world"
    for code in stage.codes(4):
        assert take(stage.delivery(code, by=code)) == [GOOD]
        assert take(bad) == ["unavailable"]
    (code,) = stage.codes(1)
    assert take(stage.delivery(code, by=code)) == [GOOD]
    assert take(bad)[0].startswith("Sorry, something went wrong")
    assert take(bad)[0].startswith("Sorry, something went wrong")


def test_who_goes_well_in_the_end_is_suspected_no_more() -> None:
    suspects = Suspects(times=2)
    for _ in range(3):
        suspects.went_well("others")
        assert not suspects.convicts("slow")
        suspects.went_well("slow")
    assert suspects.keys() == []


def test_so_many_suspects_are_remembered() -> None:
    suspects = Suspects(most=2)
    assert not any(map(suspects.convicts, "abc"))
    assert suspects.keys() == ["b", "c"]


@pytest.mark.parametrize("state", ["53100", "08006", "25006"])
def test_what_is_surely_the_worlds_is_nobodys_failure_however_often_it_happens(stage: Stage, state: str) -> None:
    stage.publish()
    stage.say("help", by="bad")
    stage.routes = _failing_at("boom", lambda: wrapped(fault(state)))
    suspects = Suspects()
    for code in stage.codes(12):
        turn = [stage.delivery(code, by=code), stage.delivery("boom", by="bad", id="bad")]
        assert _heard(take_turn_safely(stage.runtime, turn, lambda _seconds: None, suspects)) == [GOOD, "unavailable"]


def test_a_rule_that_is_broken_again_and_again_costs_no_pause(stage: Stage) -> None:
    stage.publish()
    tries: list[str] = []

    def twice(ctx: Context, _intent: object) -> list[Reply]:
        tries.append("once more")
        for _ in range(2):
            ctx.rows.append(
                Consent, address_key=ctx.address.key, external_id="same", what="out", how="word", at=ctx.now
            )
        return []

    stage.routes = (Route("hurt", Means(_Hurt(), "boom"), twice), *MECHANICS.routes)
    turn = [stage.delivery(code, by=code) for code in stage.codes(7)]
    pauses: list[float] = []
    outcomes = take_turn_safely(
        stage.runtime, [*turn[:4], stage.delivery("boom", by="bad", id="bad"), *turn[4:]], pauses.append
    )
    assert _heard(outcomes)[:4] + _heard(outcomes)[5:] == [GOOD] * 7
    assert not isinstance(outcomes[4], Unavailable)
    assert outcomes[4].how is Answered.FAILED
    assert pauses == []
    assert len(tries) == 8  # twice for each of 8, 4, 2 and 1 messages


def test_a_race_that_was_lost_is_run_again_at_once(stage: Stage) -> None:
    stage.publish()
    lost = iter(["23505"])

    def race(_ctx: Context, _intent: object) -> list[Reply]:
        for state in lost:
            raise wrapped(fault(state))
        return [Reply("unknown.answer")]

    stage.routes = (Route("hurt", Means(_Hurt(), "race"), race), *MECHANICS.routes)
    pauses: list[float] = []
    (answer,) = take_turn_safely(stage.runtime, [stage.delivery("race")], pauses.append)
    assert (_heard([answer]), pauses) == (["unknown.answer"], [])


def test_a_turn_that_the_world_refuses_is_one_line_and_no_trace(stage: Stage, logged: list[Any]) -> None:
    stage.publish()
    turn = [stage.delivery(code, by=code) for code in stage.codes(5)]
    with failing(stage.database, world_of(stage.database)[-1]):
        assert _heard(_quietly(stage, *turn)) == ["unavailable"] * 5
    assert [line["messages"] for line in logged if line["log_level"] == "error"] == [5]
    assert not any("exc_info" in line for line in logged)
