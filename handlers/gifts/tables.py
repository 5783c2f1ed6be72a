"""The table of gifts."""

from core.models import Base
from core.models.stock import Stocked


class Gift(Stocked, Base):
    """The stock of one gift."""

    __tablename__ = "gifts"
    asset, shelf, loading = "gift", "gifts", "gift-stock"
