"""`huoju inbox`: its verb, and taking failed messages again, which may last."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import click

from core.answers import Answer
from core.blame import Unavailable
from core.database import read_only
from core.engine.failures import take_turn_safely
from core.engine.verbs import messages_told
from core.inbox import Wanted, failed_messages
from core.messages import Answer as Outcome
from core.messages import Answered
from core.operators import VerbRefused
from huoju.account_registry import blocked_words
from huoju.cli.console import Instant, installation, out, print_answer, progress
from huoju.cli.verbs import group_of

_SHOWN = 20
_FILTERS = (
    click.option("--error", help="Those whose error has this in it, for example OperationalError."),
    click.option("--since", type=Instant(), help="Those received from then on (UTC)."),
    click.option("--until", type=Instant(), help="Those received before then (UTC)."),
    click.option("--channel", help="Those of one channel."),
    click.option("--campaign", help="Those of people who played this campaign last."),
)


def _filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


inbox = group_of("inbox")


@inbox.command()
@click.argument("id", required=False)
@click.option("--all", "everything", is_flag=True, help="All failed messages.")
@click.option("--dry-run", is_flag=True, help="Show which, and change nothing.")
@_filtered
def replay(id: str | None, *, everything: bool, dry_run: bool, **filters: Any) -> None:  # noqa: A002  # as it is typed
    """Take failed messages again, as of when they were received and in that order; their players get the answers.

    One by its ID, or those that the options name together. What fails again stays where it is.
    """
    wanted = Wanted(**filters)
    if sum((id is not None, everything, wanted != Wanted())) != 1:
        raise VerbRefused("say which: one ID, or --all, or what they have in common (--error, --since, --channel …)")
    here = installation()
    runtime = here.runtime(blocked=blocked_words(here.settings))
    with read_only(runtime.sessions) as session:
        found = failed_messages(session, here.keys, wanted)
    if id is not None:
        found = [one for one in found if one.id == id]
        if not found:
            raise VerbRefused(f"no failed message has the id {id}; `huoju inbox failed` lists them")
    if dry_run:
        print_answer(Answer([messages_told(found[:_SHOWN])]))
        out.print(f"{len(found)} would be taken again, in the order in which they were received.")
        return
    became: Counter[Answered] = Counter()
    last: Outcome | None = None
    with progress() as bar:
        for one in bar.track(found, description="Replaying"):
            (outcome,) = take_turn_safely(runtime, [one.delivery])
            if isinstance(outcome, Unavailable):
                raise VerbRefused(
                    f"{outcome}; {became.total()} of {len(found)} were taken again, replay the rest later"
                )
            became[outcome.how], last = became[outcome.how] + 1, outcome
    if id is not None and last is not None:
        _tell_one(last)
    else:
        _tell_all(became)


def _tell_one(answer: Outcome) -> None:
    match answer.how:
        case Answered.NEW:
            out.print("Done; the answer is on its way:", *answer.texts, sep="\n")
        case Answered.FAILED:
            raise VerbRefused("it failed again; `huoju inbox failed` shows where")
        case _:
            out.print("Another process has replayed it already.")


def _tell_all(became: Counter[Answered]) -> None:
    again = became[Answered.FAILED]
    others = became.total() - again - became[Answered.NEW]
    out.print(f"{became[Answered.NEW]} are done, their answers are on their way.")
    if others:
        out.print(f"{others} had been replayed by another process.")
    if again:
        raise VerbRefused(f"{again} failed again; `huoju inbox failed` shows where")
