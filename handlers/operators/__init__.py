"""Operators: who says verbs in a chat, what they plan and confirm, and the log of it all."""

from pathlib import Path

from core.engine import campaign_verbs, checkup, overview, text_verbs
from core.engine import verbs as engine_verbs
from core.measures import verbs as measures_verbs
from core.mechanics import Mechanic
from core.retention import verbs as retention_verbs
from handlers.operators import ages, alerts, audit, console, job_verbs, report_verbs, restored, rights, turn, verbs
from handlers.operators.rules import Approval
from handlers.operators.tables import (
    ConsoleLink,
    Invitation,
    Job,
    LogEntry,
    LogHead,
    Operator,
    Plan,
    Report,
    ReportDay,
)

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="operators",
    sections=(Approval,),
    texts=Path(__file__).parent / "texts",
    tables=(Operator, Invitation, Plan, Job, LogEntry, LogHead, ConsoleLink, Report, ReportDay),
    kept=rights.KEPT,
    forgets=rights.forget,
    ages=ages.AGES,
    sealed=rights.SEALED,
    verbs=(
        *engine_verbs.VERBS,
        *checkup.VERBS,
        *campaign_verbs.VERBS,
        *text_verbs.VERBS,
        *overview.OVERVIEW,
        *measures_verbs.VERBS,
        *retention_verbs.VERBS,
        *verbs.VERBS,
        *job_verbs.VERBS,
        *console.VERBS,
        *report_verbs.VERBS,
    ),
    aside=turn.ASIDE,
    alert=alerts.alert,
    checks=audit.CHECKS,
    restored=restored.stop_all,
)
