"""Why a backup or a restore is refused."""

from core.operators import VerbRefused


class BackupRefused(VerbRefused):
    """It cannot be taken or restored; the message says why, what was left alone, and what to do."""
