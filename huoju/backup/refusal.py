"""Why a backup or a restore is refused."""


class BackupRefused(Exception):
    """It cannot be taken or restored; the message says why, what was left alone, and what to do."""
