"""Wait for the engine's answer to one message, for adapters that return it in the connection of the message."""

from bots.base import Submit
from core.engine.failing import Unavailable
from core.messages import Answer, InboundMessage


def answered(submit: Submit, message: InboundMessage, limit_s: float) -> Answer:
    """The answer to ``message``. Raises Busy at once, or Unavailable after ``limit_s``: let the platform deliver again.

    A message whose turn has not begun by then is withdrawn; otherwise the next delivery finds its stored answer. So
    nothing may be confirmed to a platform before this returns.
    """
    future = submit(message)
    try:
        return future.result(limit_s)
    except TimeoutError:
        future.cancel()
        raise Unavailable("the turn takes too long") from None
