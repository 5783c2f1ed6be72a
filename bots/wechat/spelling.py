"""XML in and out: documents without declarations, and text that cannot end its own quotation.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html
"""

import re
import sys
from datetime import datetime
from xml.etree import ElementTree as ET

from bots.base import Malformed

REPLY_BYTES = 2048
"""Bytes of UTF-8 that a text reply may have."""

_PROLOGUE = re.compile(r"(?:<\?xml[^<>]*\?>\s*)?<xml>")
_QUOTED = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FREE = re.compile(r"<(Content|Recognition|EventKey|ScanResult|Label|Poiname|Title|Description|Url|PicUrl)>")
"""Where what somebody typed, said, scanned or named stands, and with it any character at all."""
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_OPEN, _CLOSE = "<![CDATA[", "]]>"
_REPLY = (
    "<xml>\n<ToUserName>{to}</ToUserName>\n<FromUserName>{ours}</FromUserName>\n<CreateTime>{at}</CreateTime>\n"
    "<MsgType><![CDATA[text]]></MsgType>\n<Content>{text}</Content>\n</xml>"
)


def read(body: bytes) -> tuple[ET.Element, bool]:
    """The root of the document in ``body``, and whether something in it had to be replaced. Raises Malformed.

    Whoever types decides about the free texts of a document: a character that no XML may hold, "]]>", half of a
    character where a text was cut, an entity that stands for nothing. Those texts are taken as they stand between their
    tags, from the first to the last, and so can never become another element.
    """
    try:
        document = body.decode("utf-8")
        root = parsed(document)
        if len({child.tag for child in root}) == len(root):
            return root, False
    except (UnicodeDecodeError, Malformed):
        document = body.decode("utf-8", "replace")
    return parsed(_mended(document)), True


def parsed(document: str) -> ET.Element:
    """The root of ``document``. Raises Malformed.

    A document type can only stand before the root, so one that begins with its root declares no entity; and no
    other ``<!`` is let through than that of quoted text.
    """
    document = document.strip("\ufeff \t\r\n")
    if not _PROLOGUE.match(document):
        raise Malformed("body: send one <xml> document")
    if document.count("<!") != document.count("<![CDATA[") and "<!" in _QUOTED.sub("", document):
        raise Malformed("body: declarations and comments (<!) are not read")
    try:
        return ET.fromstring(document)  # noqa: S314  # no declaration is left that could do harm
    except (ET.ParseError, ValueError):
        raise Malformed("body: this is no XML") from None


def _mended(document: str) -> str:
    """``document`` with its free texts quoted anew, and nothing in it that no XML may hold."""
    written, rest = [], _UNSPEAKABLE.sub("\ufffd", document)
    while (found := _FREE.search(rest)) is not None:
        end = rest.rfind(f"</{found[1]}>")
        if end < found.end():
            break
        written += [rest[: found.end()], cdata(_unquoted(rest[found.end() : end]))]
        rest = rest[end:]
    return "".join([*written, rest])


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


def cdata(text: str) -> str:
    """``text`` quoted, whatever stands in it. Characters that no XML may hold become U+FFFD."""
    speakable = _UNSPEAKABLE.sub("\ufffd", text)
    return f"<![CDATA[{speakable.replace(']]>', ']]]]><![CDATA[>')}]]>"


def text_reply(to: str, ours: str, at: datetime, text: str) -> str:
    """The answer ``text`` to the player ``to`` from our account ``ours``, as a document."""
    return _REPLY.format(to=cdata(to), ours=cdata(ours), at=int(at.timestamp()), text=cdata(text))
