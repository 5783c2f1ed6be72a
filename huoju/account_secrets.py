"""Secrets of accounts: each from the environment (or .env), or from a file that the environment or huoju.toml names."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as Unreadable

_MOST_BYTES = 64 * 1024
_FILE = "_file"


class SecretRefused(Exception):
    """A secret is missing, given twice, or where it may not be; the message says so and never quotes it."""


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
        raise SecretRefused(f"a secret does not belong into this file: set {name}, or name a file with {field}{_FILE}")
    named = table.get(field + _FILE)
    if named is not None and not isinstance(named, str):
        raise SecretRefused(f"{field}{_FILE}: write the path of a file in quotes")
    places = {
        name: given.get(field),
        f"{name}{_FILE.upper()}": given.get(field + _FILE),
        field + _FILE: None if named is None else str(folder / named),
    }
    found = {place: value for place, value in places.items() if value is not None}
    if len(found) > 1:
        raise SecretRefused(f"it is given twice, by {' and '.join(found)}; leave one")
    for place, value in found.items():
        return SecretStr(value if place == name else _content(Path(value), place))
    return None


def _content(path: Path, place: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        text = raw.decode("utf-8").strip()
    except OSError as error:
        raise SecretRefused(f"the file {path}, named by {place}, cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretRefused(f"the file {path}, named by {place}, is not UTF-8 text") from None
    if not text or len(raw) > _MOST_BYTES:
        raise SecretRefused(f"the file {path}, named by {place}, {'is too large' if text else 'is empty'}")
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
