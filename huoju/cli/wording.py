"""How a terminal says sentences: in either language, with verbs and arguments as a shell has them."""

from core.answers import ArgumentName, Value
from handlers.operators.say import Teller
from huoju.phrases import phrases


class _AtTerminal(Teller):
    """Names verbs and arguments as a shell knows them."""

    def told(self, value: Value) -> Value:
        """An argument as an option, and the rest as everywhere."""
        return f"{value}" if isinstance(value, ArgumentName) else super().told(value)


def teller(language: str) -> Teller:
    """Says sentences in ``language`` as a terminal shows them."""
    return _AtTerminal(phrases(), language)
