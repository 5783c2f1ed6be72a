"""Processes of an installation beside a benchmark, as an operator starts them: `huoju clock`, `sender` or `sms`."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.ground import Ground
from benchmarks.servers import Places

_PATIENCE_S = 60


HUOJU = ("-m", "huoju")


@contextmanager
def running(
    ground: Ground, places: Places, command: str, count: int = 1, words: Sequence[str] = HUOJU
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """``count`` processes of `huoju command`; they are told to stop in the end, and waited for."""
    settings = ground.settings
    environment = {
        **os.environ,
        "HUOJU_DATABASE_URL": settings.database_url,
        "HUOJU_KEYS_FILE": str(settings.keys_file.absolute()),
        "HUOJU_LOG_LEVEL": "warning",
        "HUOJU_HELPLESS_ANSWERS_PER_HOUR": "1000000",
        "HUOJU_ANSWERS_PER_HOUR": "1000000",
    }
    if "config_file" in settings.model_fields_set:
        environment["HUOJU_CONFIG_FILE"] = str(settings.config_file.absolute())
    started = [sys.executable, *words, command]
    processes = [subprocess.Popen(started, env=environment, cwd=places.directory) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(_PATIENCE_S)
