"""`huoju inbox`: the messages that failed, and taking one again."""

import click

from core.engine.failing import Unavailable, take_turn_safely
from core.inbox import failed_messages
from core.messages import Answered
from huoju.cli.common import Refused, installation, out, table


@click.group()
def inbox() -> None:
    """Look at failed messages and replay them."""


@inbox.command()
@click.option("--texts", is_flag=True, help="Show what the players wrote.")
def failed(*, texts: bool) -> None:
    """All failed messages, oldest first."""
    here = installation()
    rows = table("id", "received (UTC)", "channel", "error", *(["text"] if texts else []))
    with here.world().sessions() as session:
        for one in failed_messages(session, here.keys):
            shown = [one.id, f"{one.received_at:%Y-%m-%d %H:%M:%S}", f"{one.channel}/{one.account}", one.error]
            rows.add_row(*shown, *([repr(one.delivery.message.text)] if texts else []))
    out.print(rows)


@inbox.command()
@click.argument("id")
def replay(id: str) -> None:  # noqa: A002  # the word of the command line
    """Take the failed message ID again, as of when it was received; its player gets the answer."""
    here = installation()
    world = here.world()
    with world.sessions() as session:
        found = [one for one in failed_messages(session, here.keys) if one.id == id]
    if not found:
        raise Refused(f"no failed message has the id {id}; `huoju inbox failed` lists them")
    (answer,) = take_turn_safely(world, [found[0].delivery])
    if isinstance(answer, Unavailable):
        raise answer
    match answer.how:
        case Answered.NEW:
            out.print("Done; the answer is on its way:", *answer.texts, sep="\n")
        case Answered.FAILED:
            raise Refused("it failed again; `huoju inbox failed` shows where")
        case _:
            out.print("Another process has replayed it already.")
