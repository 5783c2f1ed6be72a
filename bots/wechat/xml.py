"""XML in and out: documents without declarations, and text that cannot end its own quotation.

Whoever types decides about the free texts of a document: a character that no XML may hold, "]]>", half of a character
where a text was cut, an entity that stands for nothing. Such a document is written anew before it is read.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html
"""

import re
import sys
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree as ET

from bots.base import Malformed

REPLY_BYTES = 2048
"""Bytes of UTF-8 that a text reply may have."""

JSON = "json: official accounts push XML alone; a mini program has this account's address"
"""Why a push is not read (developers.weixin.qq.com/doc/service/guide/dev/push: 数据格式, 仅支持 XML)."""

_PROLOGUE = re.compile(r"(?:<\?xml[^<>]*\?>\s*)?<xml>")
_END = "</xml>"
_BLANKS = "\ufeff \t\r\n"
_QUOTED = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_VALUE = r"\s{0,9}(?:<!\[CDATA\[[^<>\[\]]{0,128}\]\]>|[^<>]{0,128})\s{0,9}"
_ABOVE = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Event")
"""What the platform itself says, above whatever somebody else says."""
_FIRST = re.compile(rf"<({'|'.join(_ABOVE)})>{_VALUE}</\1>\s*")
_LAST = re.compile(rf"<(MsgId|MsgDataId|Idx|bizmsgmenuid)>{_VALUE}</\1>\Z")
"""And what it says below that."""
_FREE = frozenset(
    {"Content", "Recognition", "EventKey", "ScanResult", "Label", "Poiname", "Title", "Description", "Url", "PicUrl"}
)
"""What somebody typed, said, scanned or named, so that the last end in the document is its end."""
_HOLDS = re.compile(r"ScanCodeInfo|SendLocationInfo|SendPicsInfo|PicList|item|List|SubscribeMsg\w+")
"""Elements that hold others."""
_TAG = re.compile(r"<(/?)(\w{1,64})>")
_MOST_TAGS = 256
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_OPEN, _CLOSE = "<![CDATA[", "]]>"
_TRANSFER = (
    "<xml>\n<ToUserName>{to}</ToUserName>\n<FromUserName>{ours}</FromUserName>\n<CreateTime>{at}</CreateTime>\n"
    "<MsgType><![CDATA[transfer_customer_service]]></MsgType>\n</xml>"
)
_REPLY = (
    "<xml>\n<ToUserName>{to}</ToUserName>\n<FromUserName>{ours}</FromUserName>\n<CreateTime>{at}</CreateTime>\n"
    "<MsgType><![CDATA[text]]></MsgType>\n<Content>{text}</Content>\n</xml>"
)


def read(body: bytes) -> tuple[ET.Element, bool]:
    """The root of the document in ``body``, and whether it had to be written anew. Raises Malformed."""
    try:
        document = body.decode("utf-8")
        root = parsed(document)
        if len({child.tag for child in root}) == len(root) and not any(len(one) and one.tag in _FREE for one in root):
            return root, False
    except (UnicodeDecodeError, Malformed):
        document = body.decode("utf-8", "replace")
    return parsed(_mended(document)), True


def parsed(document: str) -> ET.Element:
    """The root of ``document``. Raises Malformed.

    A document type can only stand before the root, so one that begins with its root declares no entity; and no
    other ``<!`` is let through than that of quoted text.
    """
    document = document.strip(_BLANKS)
    if document.startswith("{"):
        raise Malformed(JSON)
    if not _PROLOGUE.match(document):
        raise Malformed("body: send one <xml> document")
    if document.count("<!") != document.count("<![CDATA[") and "<!" in _QUOTED.sub("", document):
        raise Malformed("body: declarations and comments (<!) are not read")
    try:
        return ET.fromstring(document)  # noqa: S314  # no declaration is left that could do harm
    except (ET.ParseError, ValueError):
        raise Malformed("body: this is no XML") from None


def _mended(document: str) -> str:
    """``document`` with every text in it quoted anew, or as it is when no platform sends such a one.

    Whatever stands in a text, it becomes none of the elements that the platform itself puts above and below the texts:
    these are taken first, and not once more. What stands between two elements is left out.
    """
    document = document.strip(_BLANKS)
    begins = _PROLOGUE.match(document)
    if begins is None or not document.endswith(_END):
        return document
    rest, known = document[begins.end() : -len(_END)].strip(), dict[str, str]()
    while (found := _FIRST.match(rest)) is not None and found[1] not in known:
        known[found[1]], rest = found[0], rest[found.end() :]
    if rest.startswith("<!"):
        return document  # a declaration that nobody typed
    while (found := _LAST.search(rest)) is not None and found[1] not in known:
        known[found[1]], rest = found[0], rest[: found.start()].rstrip()
    return "".join([begins[0], *map(_requoted, known.values()), *_texts(rest, set(known)), _END])


def _requoted(element: str) -> str:
    begins, ends = element.index(">") + 1, element.rindex("</")
    return f"{element[:begins]}{cdata(_unquoted(element[begins:ends]))}{element[ends:].rstrip()}"


def _texts(text: str, known: set[str]) -> Iterator[str]:
    """The elements in ``text`` but for the ``known`` ones, each quoted anew."""
    at, within = 0, list[str]()
    for _ in range(_MOST_TAGS):
        tag = _TAG.search(text, at)
        if tag is None:
            break
        name, at = tag[2], tag.end()
        if _HOLDS.fullmatch(name):
            if not tag[1]:
                within.append(name)
                yield tag[0]
            elif name in within[-1:]:
                within.pop()
                yield tag[0]
            continue
        end = -1 if tag[1] else (text.rfind if name in _FREE else text.find)(f"</{name}>", at)
        if end < 0:
            continue
        if name not in known:
            yield f"<{name}>{cdata(_unquoted(text[at:end]))}</{name}>"
        known |= {name} & {*_ABOVE}
        at = end + len(name) + len("</>")
    yield from (f"</{name}>" for name in reversed(within))


def _unquoted(text: str) -> str:
    """What stands between two tags, in quotation or not."""
    bare = text.strip()
    if bare.startswith(_OPEN) and bare.endswith(_CLOSE) and len(bare) >= len(_OPEN + _CLOSE):
        return bare[len(_OPEN) : -len(_CLOSE)].replace("]]]]><![CDATA[>", _CLOSE)
    return _ENTITY.sub(_meant, text)


def _meant(entity: re.Match[str]) -> str:
    if entity[3]:
        return _NAMED[entity[3]]
    number = int(entity[1]) if entity[1] else int(entity[2], 16)
    return chr(number) if number <= sys.maxunicode else "\ufffd"


def transfer(to: str, ours: str, at: datetime) -> str:
    """That ``to`` is handed to the people at the desk of our account ``ours``, as a document."""
    return _TRANSFER.format(to=cdata(to), ours=cdata(ours), at=int(at.timestamp()))


def cdata(text: str) -> str:
    """``text`` quoted, whatever stands in it. Characters that no XML may hold become U+FFFD."""
    speakable = _UNSPEAKABLE.sub("\ufffd", text)
    return f"<![CDATA[{speakable.replace(']]>', ']]]]><![CDATA[>')}]]>"


def text_reply(to: str, ours: str, at: datetime, text: str) -> str:
    """The answer ``text`` to the player ``to`` from our account ``ours``, as a document."""
    return _REPLY.format(to=cdata(to), ours=cdata(ours), at=int(at.timestamp()), text=cdata(text))
