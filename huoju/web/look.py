"""The look of a campaign's brand, as its rules say it, for pages and pictures; and what its doors are handed."""

from core.campaign.rules import Rules
from core.database import sessions
from handlers.look.keeping import Logos
from handlers.look.rules import LookRules
from huoju.bootstrap import Installation
from huoju.web.cached import told_as_unavailable
from pages.look.look import PLAIN, Look
from pages.look.serve import LookFiles


class Looks:
    """Knows the logos of this installation."""

    def __init__(self, installation: Installation) -> None:
        self._logos = Logos(sessions(installation.database))

    def of(self, rules: Rules) -> Look:
        """How the brand of ``rules`` wants to be seen."""
        said = rules.section(LookRules)
        if said is None:
            return PLAIN
        with told_as_unavailable():
            logo = self._logos.find(said.kept) if said.kept else None
        if logo is None:
            return Look(said.colours)
        return Look(said.colours, said.kept, logo.on_dark, (logo.width, logo.height))

    def png(self, digest: str) -> bytes | None:
        """The logo that is kept under ``digest``."""
        with told_as_unavailable():
            found = self._logos.find(digest)
        return found.png if found else None

    def files(self) -> LookFiles:
        """What the doors under /look are handed."""
        return LookFiles(self.png)
