"""XML in and out: documents without declarations, and text that cannot end its own quotation.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_standard_messages.html
"""

import re
from datetime import datetime
from xml.etree import ElementTree as ET

from bots.base import Malformed

REPLY_BYTES = 2048
"""Bytes of UTF-8 that a text reply may have."""

_PROLOGUE = re.compile(r"(?:<\?xml[^<>]*\?>\s*)?<xml>")
_QUOTED = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REPLY = (
    "<xml>\n<ToUserName>{to}</ToUserName>\n<FromUserName>{ours}</FromUserName>\n<CreateTime>{at}</CreateTime>\n"
    "<MsgType><![CDATA[text]]></MsgType>\n<Content>{text}</Content>\n</xml>"
)


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


def cdata(text: str) -> str:
    """``text`` quoted, whatever stands in it. Characters that no XML may hold become U+FFFD."""
    speakable = _UNSPEAKABLE.sub("\ufffd", text)
    return f"<![CDATA[{speakable.replace(']]>', ']]]]><![CDATA[>')}]]>"


def text_reply(to: str, ours: str, at: datetime, text: str) -> str:
    """The answer ``text`` to the player ``to`` from our account ``ours``, as a document."""
    return _REPLY.format(to=cdata(to), ours=cdata(ours), at=int(at.timestamp()), text=cdata(text))
