"""The verbs of operators on the command line: `huoju GROUP WORD …`, made from what each verb says of itself."""

import getpass
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError
from rich.progress import Progress

from core.answers import Line, Verbatim, line
from core.arguments import Argument, ArgumentKind, BadArgument
from core.operators import LONGEST, Misspoken, VerbRefused
from core.verbs import Attended, Desk, Previews, Verb
from handlers import MECHANICS
from handlers.operators.help import example_values
from handlers.operators.spelling import tongue_of
from handlers.operators.terminal import at_terminal
from handlers.operators.turn import DRY_RUN
from huoju.account_registry import blocked_words, read_registry
from huoju.accounts import kept
from huoju.cli.console import AS_JSON, confirmed, if_stopped, installation, json_switch, patience, progress, tell
from huoju.cli.help import Group
from huoju.cli.language import IN_LANGUAGE, language_option
from huoju.cli.misspoken import Misspelt, told_of
from huoju.cli.zones import in_utc, zone_of

VERBS: tuple[Verb[Any], ...] = tuple(verb for verb in MECHANICS.verbs if not verb.chat_only)
_OPERATOR, _OUT, _UTC = "operator", "out", "utc"


def group_of(name: str) -> click.Group:
    """`huoju NAME` with all verbs of this group, of which there is one at least."""
    ours = [verb for verb in VERBS if verb.group.name == name]
    alone = next((verb for verb in ours if not verb.word), None)

    def act(**typed: Any) -> None:
        if alone is not None and click.get_current_context().invoked_subcommand is None:
            say(alone, typed)

    return _Group(
        name,
        alone,
        {verb.word: command_of(verb) for verb in ours if verb.word},
        params=[] if alone is None else list(_parameters(alone)),
        invoke_without_command=alone is not None,
        callback=act,
        help=ours[0].group.says if alone is None else _help(alone),
    )


def add_verbs(group: click.Group) -> None:
    """Let a group, which does something of its own, have all verbs of its name."""
    for verb in VERBS:
        if verb.group.name == group.name:
            group.add_command(command_of(verb))


def _like_this(why: Line, verb: Verb[Any]) -> Line:
    """Why a command is refused, in one sentence, and how ``verb`` is said."""
    said = (f"{_option_called(name)}={value}" if name else value for name, value in example_values(verb))
    signed = (f"--{_OPERATOR}=Wang",) if verb.signed is not None else ()
    left = (f"--{_OUT}={verb.leaves.example}",) if verb.leaves is not None else ()
    words = Verbatim(" ".join(("huoju", verb.name, *said, *left, *signed)))
    return line("{why}; say it like this: {words}", why=why, words=words)


@contextmanager
def _with_example(verb: Verb[Any] | None) -> Iterator[None]:
    """What is said wrong within is told with how ``verb`` is said."""
    try:
        yield
    except click.UsageError as error:
        if verb is None or isinstance(error, NoArgsIsHelpError):
            raise
        raise Misspelt(_like_this(told_of(error), verb), error.ctx) from None


class _Command(click.Command):
    """What a verb is in a terminal."""

    def __init__(self, name: str, verb: Verb[Any], **how: Any) -> None:
        super().__init__(name, **how)
        self._verb = verb

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was typed. Raises UsageError, with an example."""
        with _with_example(self._verb):
            return super().parse_args(ctx, args)


class _Group(Group):
    """A group whose own verb may have arguments in place: the name of another of its verbs is none of them."""

    def __init__(
        self, name: str, alone: Verb[Any] | None, commands: MutableMapping[str, click.Command], **how: Any
    ) -> None:
        super().__init__(name, commands, **how)
        self._alone = alone

    def unknown(self, ctx: click.Context, args: list[str]) -> click.UsageError:
        """There is no such verb; one that may have been meant is shown as it is said."""
        said = f"{self.name} {args[0]}"
        if not (near := tongue_of(VERBS).near(said, self._verbs())):
            return super().unknown(ctx, args)
        verb = tongue_of(VERBS).named(near[0])
        assert verb is not None
        told = line("there is no {command}", command=Verbatim(f"huoju {said}"))
        return Misspelt(_like_this(told, verb), ctx)

    def _verbs(self) -> list[Verb[Any]]:
        return [verb for verb in VERBS if verb.group.name == self.name]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave the places of the group's own verb empty where another one is named."""
        places = sum(isinstance(one, click.Argument) for one in self.params)
        with _with_example(self._alone):
            return super().parse_args(ctx, [*[""] * places, *args] if args and args[0] in self.commands else args)


def command_of(verb: Verb[Any]) -> click.Command:
    """`huoju VERB`, with `--json`."""

    def act(**typed: Any) -> None:
        say(verb, typed)

    name = verb.word or verb.group.name
    return _Command(name, verb, callback=act, params=list(_parameters(verb)), help=_help(verb))


def _help(verb: Verb[Any]) -> str:
    return f"{verb.says}\n\n{verb.more}".strip()


def _parameters(verb: Verb[Any]) -> Iterable[click.Parameter]:
    yield from (_parameter(one) for one in verb.takes.each() if not one.in_chat)
    if verb.leaves is not None:
        yield click.Option([f"--{_OUT}"], type=click.Path(path_type=Path), required=True, help=verb.leaves.says)
    if verb.signed is not None:
        yield click.Option([f"--{_OPERATOR}"], required=True, help=f"Who decides; kept with {verb.signed}.")
    if verb.confirm is not None:
        yield _confirmation(verb)
    yield click.Option(
        ["--utc", _UTC], is_flag=True, help="Read and show instants in UTC, not in the zone of the campaign."
    )
    yield language_option(hidden="language" in verb.takes.model_fields)
    yield json_switch()


def _parameter(argument: Argument) -> click.Parameter:
    kind = _type_of(argument)
    if argument.in_place:
        return click.Argument(
            [argument.name],
            type=kind,
            required=argument.required,
            nargs=-1 if argument.many else 1,
            metavar=_metavar(argument),
            help=_told(argument),
        )
    switch = argument.kind is ArgumentKind.SWITCH
    return click.Option(
        [_option(argument), argument.name],
        type=None if switch else kind,
        is_flag=switch,
        required=argument.required,
        **({} if argument.required else {"default": argument.default}),
        multiple=argument.many,
        show_default=not switch and argument.default is not None,
        help=_told(argument),
    )


def _told(argument: Argument) -> str:
    return argument.says


def _metavar(argument: Argument) -> str:
    called = f"{argument.called}..." if argument.many else argument.called
    return called if argument.required else f"[{called}]"


def _hint(verb: Verb[Any], name: str) -> str | None:
    """How the help calls the argument ``name``."""
    found = next((argument for argument in verb.takes.each() if argument.name == name), None)
    return None if found is None else found.called if found.in_place else _option(found)


def _option(argument: Argument) -> str:
    return _option_called(argument.name)


def _option_called(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _type_of(argument: Argument) -> click.ParamType[Any]:
    match argument.kind:
        case ArgumentKind.CHOICE:
            return click.Choice(argument.choices)
        case ArgumentKind.NUMBER if argument.least is not None or argument.most is not None:
            return click.IntRange(argument.least, argument.most)
    return click.STRING


class _Confirmation(click.Option):
    """Asked for before something is done, and not where it is only shown what would be, or there is."""

    def __init__(self, verb: Verb[Any], names: Sequence[str], **more: Any) -> None:
        super().__init__(names, prompt=verb.confirm or verb.says, **more)
        self._verb, self._question = verb, verb.confirm or verb.says

    def prompt_for_value(self, ctx: click.Context) -> Any:
        """The answer of whoever sits there."""
        takes = self._verb.takes.model_fields
        said = {name: value for name, value in ctx.params.items() if name in takes}
        given = {name: value for name, value in said.items() if isinstance(value, str | int | tuple)}
        looks = self._verb.looks is not None and not self._verb.alters(given)
        return bool(ctx.params.get(DRY_RUN)) or looks or confirmed(self._question)


def _confirmation(verb: Verb[Any]) -> click.Option:
    return _Confirmation(
        verb,
        ["--yes"],
        is_flag=True,
        expose_value=False,
        help="Confirm the action without prompting.",
    )


def say(verb: Verb[Any], typed: dict[str, Any]) -> None:
    """Carry ``verb`` out with what was typed, and print the answer. Ends with exit code 1 where not all is good."""
    as_json, utc, operator = typed.pop(AS_JSON), typed.pop(_UTC), typed.pop(_OPERATOR, "")
    language = typed.pop(IN_LANGUAGE, "en")
    here, out_path = installation(), typed.pop(_OUT, None)
    blocked = blocked_words(here.settings) if verb.turns else None
    previews = Previews(lambda name, text: read_registry(here.settings).previews(name, text))
    runtime = here.runtime(blocked=blocked, more=(previews, kept(here.settings)))
    desk = Desk(runtime, here.clock(), lambda: read_registry(here.settings).outlets(), operator)
    given = {name: value for name, value in typed.items() if value is not None}
    words = _words(verb, given if out_path is None else {**given, _OUT: out_path})
    given = given if utc else in_utc(runtime, verb, given)
    try:
        with _waiting_for(verb) as work:
            desk = desk if work is None else replace(desk, work=work)
            desk = desk if out_path is None else replace(desk, path_for=lambda _name: out_path)
            answer = at_terminal(verb, desk, given, words, _login())
    except BadArgument as error:
        argument = Verbatim(_hint(verb, error.name) or error.name)
        wrong = line("Invalid value for {argument}: {why}", argument=argument, why=error.why)
        raise Misspelt(_like_this(wrong, verb), click.get_current_context()) from None
    except Misspoken as refused:
        like_this = _like_this(refused.line, verb)
        raise VerbRefused(like_this.sentence, **like_this.values) from None
    zone = UTC if utc or as_json else zone_of(runtime, answer, given)
    tell(answer, as_json=as_json, begins_with=here.settings.links_begin_with, zone=zone, language=language)


@contextmanager
def _waiting_for(verb: Verb[Any]) -> Iterator[Attended | None]:
    """Show whoever waits for ``verb`` how far it is, where it tells that, else that something is being done."""
    if not verb.long:
        with patience(verb.name):
            yield None
        return
    stands = "nothing was changed"
    if verb.changes:
        put_right = "what it had done was put right"
        stands = put_right if verb.abandon else "what it did before stands; say it once more, and the rest follows"
    with progress() as bar, if_stopped(stands):
        yield _Shown(bar, verb.name)


class _Shown(Attended):
    """Somebody sits there and sees how far it is."""

    def __init__(self, bar: Progress, doing: str) -> None:
        super().__init__()
        self._bar, self._task = bar, bar.add_task(doing, total=None)

    def told(self, done: int, of: int | None = None) -> None:
        """It is so far."""
        self._bar.update(self._task, completed=done, total=of)


def _words(verb: Verb[Any], given: dict[str, Any]) -> str:
    """What was typed, as the shell gave it to us."""
    told = (f"{name}={value}" for name, value in given.items() if value not in {(), False})
    return " ".join((verb.name, *told))


def _login() -> str:
    """Who has the shell, as far as the system knows."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container runs us under a number that has no name
        name = ""
    return name[:LONGEST] or "somebody"
