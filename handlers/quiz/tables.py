"""What was asked in a quiz, and answered."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, Word


class QuizAnswer(Base):
    """A question that a player was asked, once; what was answered first and in time stays."""

    __tablename__ = "quiz_answers"
    __table_args__ = (
        CheckConstraint(
            "(choice IS NULL) = (is_right IS NULL) AND (choice IS NULL) = (took_ms IS NULL)", name="answer"
        ),
    )

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[Word] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    choice: Mapped[int | None]
    """The number of the choice; None while there is no answer."""
    is_right: Mapped[bool | None]
    took_ms: Mapped[int | None]
    """From the question to its answer, by the times of receipt."""
