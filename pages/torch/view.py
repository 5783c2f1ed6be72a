"""The torch page's own part: a torch as everybody may see it, and the chats in which it is handed on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers.relay.views import TorchView
from pages.chats import Chat
from pages.look.look import PLAIN, Look


@dataclass(frozen=True, slots=True)
class TorchPage:
    """What the page of an invite word shows."""

    view: TorchView
    chats: Sequence[Chat]
    playground: bool
    """Whether a button leads to the playground."""
    look: Look = PLAIN

    def version(self, now: datetime) -> str:
        """Another one whenever the page would say something new, the time left apart.

        Of a chain that is large a few torches more are nothing new: else every torch of a million would make
        everybody who looks at it ask for everything again.
        """
        view = self.view
        relight = view.torch.relight(now) if view.torch else None
        chain = view.chain and (f"{view.chain.torches:.2g}", f"{view.chain.lit:.2g}", view.chain.longest_leg)
        told = (replace(self, view=replace(view, chain=None)), chain, view.state_at(now), relight)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
