"""What scenes of QR codes bring: followers, scans, joins, a day and an account."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Word


class SceneDay(Base):
    """What one scene brought to one account on one day (UTC). Nothing of whom."""

    __tablename__ = "scene_days"

    channel: Mapped[Word] = mapped_column(primary_key=True)
    account: Mapped[Word] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    scene: Mapped[str] = mapped_column(String(64), primary_key=True)
    followed: Mapped[int]
    scanned: Mapped[int]
    gone: Mapped[int]
    joined: Mapped[int]
