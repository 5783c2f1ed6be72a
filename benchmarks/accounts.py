"""The accounts that benchmarks serve: a huoju.toml of their own, with its secrets in files beside it."""

from collections.abc import Mapping
from pathlib import Path


def write_accounts(directory: Path, tables: str, secrets: Mapping[str, str]) -> Path:
    """Write ``tables``, and each of ``secrets`` into the file that they name; returns the path of the huoju.toml."""
    directory.mkdir(exist_ok=True)
    for name, secret in secrets.items():
        (directory / name).write_text(secret, encoding="utf-8")
    file = directory / "huoju.toml"
    file.write_text(tables, encoding="utf-8")
    return file
