"""Why a text waits, was dropped or given up, in a sentence that needs no manual."""

from huoju.standing import told

_WAITS = {
    "quiet_hours": "it is night where the player lives: it goes in the morning",
    "limit": "the player was told as much as the campaign allows: it goes when a day or week has passed",
    "campaign_paused": "the campaign is paused: it goes after `huoju campaign resume`",
    "campaign_not_open": "the campaign has not begun: it goes when it does",
    "pumped": "too many texts went to these numbers: it goes in the next hour",
    "cut": "a notice had room for a part of it: all of it goes now",
}
_DROPPED = {
    "unwelcome": "the player said STOP, or has left",
    "stopped": "its announcement was stopped",
    "campaign_over": "the campaign is over",
    "expired": "it was news no more when it could have gone",
}
_HELD = (
    "the platform lets us send nothing before the player speaks",
    "a notice had room for a part of it: all of it goes when the player speaks",
)
_STATES = {
    "due": "waits: {}",
    "held": "goes when the player speaks: {}",
    "sending": "is on its way",
    "dropped": "never sent: {}",
    "unknown": "nobody knows whether it arrived: {}",
    "dead": "given up: {}",
}


def why(state: str, error: str | None) -> str:
    """Why a text is in ``state``; ``error`` is what its row says. What only a platform can tell is told by its code."""
    said = told(error)
    if state == "held" and (error is None or error in _WAITS):
        return _HELD[error == "cut"]
    ours = {"due": _WAITS, "dropped": _DROPPED}.get(state, {})
    return _STATES[state].format(ours.get(said, said))
