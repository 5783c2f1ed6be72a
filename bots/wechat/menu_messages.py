"""Menu messages: what the items carry, and what a tap on one says.

The platform hands an item's id back as ``bizmsgmenuid``, beside the words that the item showed, but only one that is a
number: any other is replaced by 101, 102 and so on without a word (BotFramework-WeChat#48). An answer to a question has
an id made of the question's number and its own; of a word that means the same at any time, what the item shows is what
is said. Specification: https://developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html
"""

from collections.abc import Mapping, Sequence

from core.messages import Button

_PLACES = 100
_WORDS_FROM = 901
_QUESTIONS_FROM = 10
"""Ids below 1000 belong to no question: 1 to 99 were choices once, and from 101 on the platform counts by itself."""
_DIGITS = 10


def items_of(buttons: Sequence[Button]) -> list[Mapping[str, str]] | None:
    """The items of a menu message; None when one of ``buttons`` cannot say what it means, so that it must be typed."""
    ids = [_id(button, place) for place, button in enumerate(buttons)]
    if None in ids:
        return None
    return [{"id": str(made), "content": button.label} for made, button in zip(ids, buttons, strict=True)]


def said_by(menu_id: str, shown: str) -> tuple[str, int | None]:
    """What a tap says on the item with ``menu_id`` that showed ``shown``, and the number of its question."""
    if not menu_id.isdecimal() or len(menu_id) > _DIGITS or int(menu_id) < _PLACES:
        return menu_id, None
    question, number = divmod(int(menu_id), _PLACES)
    return (shown, None) if question < _QUESTIONS_FROM else (str(number), question - _QUESTIONS_FROM)


def _id(button: Button, place: int) -> int | None:
    number = int(button.says) if button.says.isdecimal() else 0
    if button.question is None:
        return None if number or place >= _PLACES - 1 else _WORDS_FROM + place
    return (button.question + _QUESTIONS_FROM) * _PLACES + number if 0 < number < _PLACES else None
