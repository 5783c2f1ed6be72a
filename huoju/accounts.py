"""Accounts: huoju.toml has a table for each of ours on a channel, checked by the channel's model; and [names].

Secrets do not stand there: each comes from the environment (or .env), or from a file that the environment or
huoju.toml names. Why no settings model reads the file: docs/engineering/decisions/0003-accounts-file.md.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as Unreadable

from core.answers import Line, Value, Verbatim, line
from core.campaign.findings import meant
from core.retention.keep import ALL, Keep
from huoju.blocked_words import TABLE as NAMES
from huoju.blocked_words import WordsRefused, read_words
from huoju.keeping import TABLE as KEEP
from huoju.keeping import KeepRefused, read_keep
from huoju.settings import Settings

Kinds = Mapping[str, type[BaseModel]]
"""The models of one channel by ``kind``; a channel whose accounts are all alike has one, by ""."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_MOST_BYTES = 1 << 20
_MOST_SECRET_BYTES = 64 * 1024
_FILE = "_file"
_SHORT = {
    "extra_forbidden": "this is not known here; mend its spelling, or remove it",
    "missing": "this is missing; add it",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number, without quotes",
    "int_parsing": "write a whole number, without quotes",
    "string_type": "write a text in quotes",
    "string_pattern_mismatch": "this is not how it is written",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One of our accounts, ready for its adapter: ``table`` is what the model of its channel made of the file."""

    channel: str
    name: str
    table: BaseModel

    def __str__(self) -> str:
        return f"{self.channel}/{self.name}"


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong in the file: ``place`` is a table or a field of one, such as "wechat.main.app_id"."""

    file: str
    place: str
    remedy: Line

    @property
    def line(self) -> Line:
        """The whole sentence."""
        where: dict[str, Value] = {"file": Verbatim(self.file), "why": self.remedy}
        if not self.place:
            return line("{file}: {why}", **where)
        return line("{file}: {place}: {why}", place=Verbatim(self.place), **where)

    @property
    def account(self) -> str | None:
        """Whose it is, as channel/account, or None."""
        steps = self.place.split(".")
        return "/".join(steps[:2]) if len(steps) > 1 and steps[0] not in {NAMES, KEEP} else None

    def __str__(self) -> str:
        return self.line.text


class AccountsRefused(Exception):
    """huoju.toml cannot be used; each line of the message is one Complaint."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("\n".join(map(str, self.violations)))


_USUAL = Keep()


@dataclass(frozen=True, slots=True)
class Found:
    """What the file has: ``complete`` accounts, in the order of the file, and what is wrong with the rest."""

    complete: list[Account]
    violations: list[Violation]
    blocked_words: tuple[str, ...] | None = None
    """Which no name may hold, in the place of the shipped list."""
    keep: Keep = _USUAL
    """How long rows are kept, where the file says so; while it is wrong about it, nothing goes."""


def read_accounts(settings: Settings, channels: Mapping[str, Kinds]) -> Found:
    """All that is in the file that the settings name; nothing when there is no huoju.toml. Raises AccountsRefused."""
    found = look_at_accounts(settings, channels)
    if found.violations:
        raise AccountsRefused(found.violations)
    return found


def look_at_accounts(settings: Settings, channels: Mapping[str, Kinds]) -> Found:
    """The same, with complaints as values. ``channels`` are the models by channel. Nothing ever quotes a secret."""
    path = settings.config_file
    document = _load(path, must_exist="config_file" in settings.model_fields_set)
    if isinstance(document, Violation):
        return Found([], [document], keep=ALL)
    violations, words = [], None
    try:
        words = read_words(document.pop(NAMES, None), path.parent)
    except WordsRefused as refused:
        violations.append(Violation(str(path), *refused.wrong))
    keep = ALL
    try:
        keep = read_keep(document.pop(KEEP, None))
    except KeepRefused as refused:
        violations.append(Violation(str(path), *refused.wrong))
    found = Found([], violations, words, keep)
    for result in _read(document, path, channels):
        if isinstance(result, Account):
            found.complete.append(result)
        else:
            found.violations.append(Violation(str(path), *result))
    return found


def kept(settings: Settings) -> Keep:
    """How long rows are kept, as the file says; for ever while it is wrong about it."""
    document = _load(settings.config_file, must_exist="config_file" in settings.model_fields_set)
    try:
        return ALL if isinstance(document, Violation) else read_keep(document.get(KEEP))
    except KeepRefused:
        return ALL


Wrong = tuple[str, Line]
"""Place and remedy."""


def unknown(word: str, known: Iterable[str], then: Line) -> Line:
    """``word`` is none of the ``known``, of which it may mean one; and what to do."""
    return line("this is not known here{asked}; {then}", asked=meant(word, known), then=then)


def _load(path: Path, *, must_exist: bool) -> dict[str, Any] | Violation:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        nowhere = line("there is no such file; see HUOJU_CONFIG_FILE")
        return Violation(str(path), "", nowhere) if must_exist else {}
    except OSError as error:
        return Violation(str(path), "", line("cannot be read: {why}", why=Verbatim(error.strerror)))
    if len(raw) > _MOST_BYTES:
        return Violation(str(path), "", line("is larger than 1 MiB; an account is a few lines"))
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        at = raw[: error.start].count(b"\n") + 1
        return Violation(str(path), "", line("is not UTF-8 text (at line {at}); save the file as UTF-8", at=at))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        what: Value = line("it is nested too deep") if deep else Verbatim(_without_quotes(str(error)))
        return Violation(str(path), "", line("is not TOML: {what}", what=what))


def _without_quotes(sentence: str) -> str:
    """A parser that quotes a key or a value might quote a secret; the line and column are enough."""
    return re.sub(r"(['\"]).*\1", "something", sentence)


def _read(document: Mapping[str, Any], path: Path, channels: Mapping[str, Kinds]) -> Iterator[Account | Wrong]:
    variables: dict[str, str] = {}
    for channel, tables in document.items():
        if channel not in channels:
            yield channel, line("there is no channel of this name{asked}", asked=meant(channel, channels))
            continue
        if not isinstance(tables, dict):
            example = Verbatim(f"[{channel}.main]")
            yield channel, line("write a table for each account, such as {example}", example=example)
            continue
        for name, table in tables.items():
            place = f"{channel}.{name}"
            if not isinstance(table, dict):
                example = Verbatim(f"[{channel}.main]")
                yield (
                    place,
                    line("write a table for each account, such as {example}, and this inside it", example=example),
                )
            elif not _NAME.fullmatch(name):
                named = "name an account with 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit"
                yield place, line(named)
            else:
                yield from _Table(channel, name, table, path.parent).read(channels[channel], variables)


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file."""

    channel: str
    name: str
    table: Mapping[str, Any]
    folder: Path

    @property
    def place(self) -> str:
        return f"{self.channel}.{self.name}"

    def read(self, kinds: Kinds, variables: dict[str, str]) -> Iterator[Account | Wrong]:
        """The account, or all that is wrong with it. ``variables`` are those that accounts before it have taken."""
        kind = self.table.get("kind", "")
        model = kinds.get("") or (kinds.get(kind) if isinstance(kind, str) else None)
        if model is None:
            which = line("say which: {kinds}", kinds=Verbatim(", ".join(kinds)))
            yield f"{self.place}.kind", unknown(str(kind), kinds, which) if kind else which
            return
        wrongs = [*self._unknown(model), *self._taken(model, variables)]
        given = {key: value for key, value in self.table.items() if key in model.model_fields and key != "name"}
        for field, found in secrets_of(model, self.channel, self.name, self.table, self.folder):
            given.pop(field, None)
            if isinstance(found, SecretRefused):
                wrongs.append((f"{self.place}.{field}", found.line))
            elif found is not None:
                given[field] = found
        try:
            account = Account(self.channel, self.name, model.model_validate({**given, "name": self.name}))
        except ValidationError as error:
            told = {place for place, _ in wrongs}
            wrongs += [wrong for wrong in (self._wrong(model, each) for each in error.errors()) if wrong[0] not in told]
        yield from wrongs
        if not wrongs:
            yield account

    def _unknown(self, model: type[BaseModel]) -> Iterator[Wrong]:
        known = [name for name in model.model_fields if name != "name"]
        known += [f"{name}_file" for name in secret_fields(model)]
        for key in self.table:
            if key not in known:
                yield f"{self.place}.{key}", unknown(key, known, line("mend its spelling, or remove it"))

    def _taken(self, model: type[BaseModel], variables: dict[str, str]) -> Iterator[Wrong]:
        """Account a-b and account a_b would share their secrets."""
        for field in secret_fields(model):
            name = variable(self.channel, self.name, field)
            if variables.setdefault(name, self.place) != self.place:
                told = "{variable} belongs to {other}, too; name one of them otherwise"
                other = Verbatim(variables[name])
                yield f"{self.place}.{field}", line(told, variable=Verbatim(name), other=other)

    def _wrong(self, model: type[BaseModel], error: ErrorDetails) -> Wrong:
        """One finding of the model, which never holds the value."""
        where = ".".join([self.place, *map(str, error["loc"])])
        field = str(error["loc"][0]) if error["loc"] else ""
        if error["type"] == "missing" and field in secret_fields(model):
            name = variable(self.channel, self.name, field)
            told = "set {variable}, or name a file with {field} in this table"
            return where, line(told, variable=Verbatim(name), field=Verbatim(f"{field}{_FILE}"))
        said = _SHORT.get(error["type"]) or error["msg"].removeprefix("Value error, ")
        return where, line(said[:1].lower() + said[1:])


class SecretRefused(Exception):
    """A secret is missing, given twice, or where it may not be; the message says so and never quotes it."""

    def __init__(self, sentence: str, **values: Value) -> None:
        self.line = line(sentence, **values)
        super().__init__(self.line.text)


def secret_fields(model: type[BaseModel]) -> list[str]:
    """The fields of ``model`` that are secrets."""
    return [
        name
        for name, field in model.model_fields.items()
        if SecretStr in (field.annotation, *get_args(field.annotation))
    ]


def variable(channel: str, account: str, field: str = "") -> str:
    """What a secret is called in the environment."""
    return f"HUOJU_{channel}_{account}_{field}".replace("-", "_").upper()


def secrets_of(
    model: type[BaseModel], channel: str, account: str, table: Mapping[str, Any], folder: Path
) -> Iterator[tuple[str, SecretStr | SecretRefused | None]]:
    """Each secret of an account: (field, its value, or why it cannot be had, or None when nobody gave it).

    ``table`` is the account's in huoju.toml; a file that it names is looked for from ``folder``, one that the
    environment names from the working directory.
    """
    given = _environment(model, channel, account)
    for field in secret_fields(model):
        try:
            yield field, _secret(field, variable(channel, account, field), table, given, folder)
        except SecretRefused as refused:
            yield field, refused


def _secret(
    field: str, name: str, table: Mapping[str, Any], given: Mapping[str, str], folder: Path
) -> SecretStr | None:
    if field in table:
        told = "a secret does not belong into this file: set {variable}, or name a file with {field}"
        raise SecretRefused(told, variable=Verbatim(name), field=Verbatim(f"{field}{_FILE}"))
    named = table.get(field + _FILE)
    if named is not None and not isinstance(named, str):
        raise SecretRefused("{field}: write the path of a file in quotes", field=Verbatim(f"{field}{_FILE}"))
    places = {
        name: given.get(field),
        f"{name}{_FILE.upper()}": given.get(field + _FILE),
        field + _FILE: None if named is None else str(folder / named),
    }
    found = {place: value for place, value in places.items() if value is not None}
    if len(found) > 1:
        raise SecretRefused("it is given twice, by {places}; leave one", places=Verbatim(" and ".join(found)))
    for place, value in found.items():
        return SecretStr(value if place == name else _content(Path(value), place))
    return None


def _content(path: Path, place: str) -> str:
    where: dict[str, Value] = {"file": Verbatim(path), "by": Verbatim(place)}
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_SECRET_BYTES + 1)
        text = raw.decode("utf-8").strip()
    except OSError as error:
        told = "the file {file}, named by {by}, cannot be read: {why}"
        raise SecretRefused(told, **where, why=Verbatim(error.strerror)) from None
    except UnicodeDecodeError:
        raise SecretRefused("the file {file}, named by {by}, is not UTF-8 text", **where) from None
    if not text:
        raise SecretRefused("the file {file}, named by {by}, is empty", **where)
    if len(raw) > _MOST_SECRET_BYTES:
        raise SecretRefused("the file {file}, named by {by}, is too large", **where)
    return text


def _environment(model: type[BaseModel], channel: str, account: str) -> dict[str, str]:
    """What the environment and .env say about this account's secrets, by field."""
    try:
        found = _reader(model)(_env_prefix=variable(channel, account))
    except Unreadable:
        raise SecretRefused("the environment cannot be read") from None
    return {name: value.get_secret_value() for name, value in found if value is not None}


@cache
def _reader(model: type[BaseModel]) -> type[BaseSettings]:
    """Settings with the secrets of ``model`` and the files of them."""
    names = [name for field in secret_fields(model) for name in (field, field + _FILE)]
    body: dict[str, Any] = {
        "__annotations__": dict.fromkeys(names, SecretStr | None),
        "__module__": __name__,
        "model_config": SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True),
        **dict.fromkeys(names),
    }
    return type("AccountSecrets", (BaseSettings,), body)
