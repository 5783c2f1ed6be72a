"""What tests of follow-ups and of the calendar set up and look up again and again."""

from datetime import datetime

from sqlalchemy import func, select

from core.models import CalendarRun, Timer
from tests.snack import SNACK
from tests.stage import Stage


def campaign(rules: str, base: str = SNACK) -> str:
    """The snack campaign with further rules."""
    return base + rules


def say(text: str) -> str:
    """The end of a rule that says ``text``, by one word in both languages."""
    return f"say: {{zh: {text}, en: {text}}}"


def follow_ups(*rules: str, limits: str = "") -> str:
    """The snack campaign with follow-ups, and limits of both kinds of unasked texts."""
    listed = "".join(f"  - {{{rule}}}\n" for rule in rules)
    return campaign(f"follow_ups:\n{listed}" + (f"follow_up_limits: {{{limits}}}\n" if limits else ""))


def calendar(*jobs: str, limits: str = "", base: str = SNACK) -> str:
    """The snack campaign with calendar jobs."""
    listed = "".join(f"  - {{{job}}}\n" for job in jobs)
    return campaign(f"calendar:\n{listed}" + (f"follow_up_limits: {{{limits}}}\n" if limits else ""), base)


def join(stage: Stage, by: str = "u1", *, channel: str = "test") -> None:
    """A first contact without a code."""
    assert "word=" in stage.say("invite", by=by, channel=channel)


def unasked(stage: Stage, by: str = "u1", *, channel: str = "test") -> list[str]:
    """What was said to somebody unasked, oldest first."""
    told = stage.told(by, channel=channel)
    return [text.split("text=")[1] for text in told if text.startswith("follow_up.said")]


def timers(stage: Stage, *kinds: str) -> list[str]:
    """The states of all timers of these kinds."""
    with stage.sessions() as session:
        return sorted(session.scalars(select(Timer.state).where(Timer.kind.in_(kinds or ("follow-up", "announce")))))


def runs(stage: Stage) -> list[tuple[str, str, str, int]]:
    """All runs of the calendar: job, local day and time in Shanghai, state, timers planted."""
    with stage.sessions() as session:
        found = list(session.scalars(select(CalendarRun).order_by(CalendarRun.scheduled_at, CalendarRun.job)))
    return [(run.job, f"{run.scheduled_at:%m-%d %H:%M}", run.state, run.planted) for run in found]


def pass_time(stage: Stage, **length: float) -> None:
    """Let time pass, then let the clock tick once."""
    stage.wait(**length)
    stage.turn_page()
    stage.tick()


def next_due(stage: Stage) -> datetime | None:
    """When the next follow-up or calendar text is due."""
    with stage.sessions() as session:
        return session.scalar(select(func.min(Timer.due_at)).where(Timer.state == "due"))
