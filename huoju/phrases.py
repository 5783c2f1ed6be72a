"""All that operators are told, in Chinese: by mechanics, by the command line and the doctor, and of platforms."""

from functools import cache
from pathlib import Path

import bots
import huoju
from core.phrasebook import FILE, Phrasebook, phrasebook_of
from handlers import MECHANICS


@cache
def phrases() -> Phrasebook:
    """Every sentence by its English one."""
    beside = [Path(huoju.__file__).parent, *(path.parent for path in sorted(Path(bots.__file__).parent.rglob(FILE)))]
    return phrasebook_of(*beside).over(MECHANICS.phrases())
