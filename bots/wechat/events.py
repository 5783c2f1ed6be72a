"""What a document of the platform means: a message of a player, receipts for what we sent, or nothing to us.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_event_pushes.html
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from bots.base import Malformed
from bots.wechat.account import CHANNEL
from bots.wechat.menu_messages import said_by
from core.attachments import Attachment, Location, Media, MediaKind
from core.messages import InboundKind
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus

UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"
"""What the platform writes as the text of a message, an animated picture say, that it does not hand on."""

_SCENE = "qrscene_"
_SENT = "success"
_BLOCKED = "failed:userblock"
_SWITCHED_OFF = "48002"
_SYMBOLOGY = re.compile(r"^(?:AZTEC|CODABAR|CODE|DATA|EAN|GS1|ITF|MAXICODE|PDF|QR|RSS|UPC)[A-Z0-9_]{0,20},")
"""What stands before a barcode's own text: of which kind it is."""
_SECOND = re.compile(r"[0-9]{9,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Selected:
    """One message: ``user`` is the player's openid, ``ours`` what the platform calls our account."""

    user: str
    ours: str
    external_id: str
    kind: InboundKind
    text: str
    question: int | None = None
    scene: str | None = None
    attachments: tuple[Attachment, ...] = ()


_NOTHING: Mapping[str, str] = {}
_SCENES = frozenset({InboundKind.SCENE, InboundKind.FOLLOWED})
_CALLED = _SCENES | {InboundKind.KEY}

Fields = dict[str, str]
Meaning = tuple[InboundKind, str]


def fields_of(root: ET.Element) -> Fields:
    """The text of each element right below ``root``."""
    return {child.tag: child.text or "" for child in root}


def selected(root: ET.Element, fields: Fields, says: Mapping[str, str] = _NOTHING) -> Selected | None:
    """The message in a document, or None when nobody turned to us; ``says`` is what keys and scenes mean.

    Raises Malformed when a needed part is missing.
    """
    user, ours, kind = (_given(fields, name) for name in ("FromUserName", "ToUserName", "MsgType"))
    if kind == "event":
        meaning = _event(root, fields)
        if meaning is None:
            return None
        key = meaning[1] if meaning[0] is InboundKind.AGREED else fields.get("EventKey", "")
        name = "+".join((user, _given(fields, "CreateTime"), fields["Event"], key))
        how, text = meaning
        scene = text if how in _SCENES else None
        said = says.get(text, text) if how in _CALLED else text
        return Selected(user, ours, f"e:{name}", how, said, scene=scene)
    external_id = _name_of(user, kind, fields)
    if kind == "text" and (menu := fields.get("bizmsgmenuid")):
        tapped, question = said_by(menu, fields.get("Content", ""))
        return Selected(user, ours, external_id, InboundKind.TAPPED, tapped, question)
    return Selected(user, ours, external_id, *_message(kind, fields), attachments=_attachments(kind, fields))


def _name_of(user: str, kind: str, fields: Fields) -> str:
    """What tells a message from others: its id, or else who said what in which second."""
    if fields.get("MsgId"):
        return f"m:{fields['MsgId']}"
    said = "\0".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "CreateTime")
    return (
        f"t:{user}+{_given(fields, 'CreateTime')}+{kind}+{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()}"
    )


def receipts_in(root: ET.Element, fields: Fields, account: str) -> list[DeliveryReport]:
    """What a document says of texts that were sent by a template."""
    if fields.get("MsgType") != "event":
        return []
    match fields.get("Event", ""):
        case "TEMPLATESENDJOBFINISH":
            return [_receipt(account, fields, fields.get("Status", ""), _second(fields))]
        case "subscribe_msg_sent_event":
            told = [fields_of(one) for one in root.iter() if one.find("MsgID") is not None]
            return [_receipt(account, one, _status(one), _second(fields)) for one in told]
        case _:
            return []


def _given(fields: Fields, name: str) -> str:
    value = fields.get(name, "")
    if not value:
        raise Malformed(f"{name}: missing")
    return value


def _message(kind: str, fields: Fields) -> Meaning:
    if kind == "voice" and (words := fields.get("Recognition", "").strip().rstrip("。.")):
        return InboundKind.TYPED, words
    if kind != "text":
        return InboundKind.SHOWED, ""
    text = fields.get("Content", "")
    return (InboundKind.SHOWED, "") if text == UNSUPPORTED else (InboundKind.TYPED, text)


_MEDIA = {
    "image": MediaKind.PHOTO,
    "voice": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
    "shortvideo": MediaKind.VIDEO,
}


def _attachments(kind: str, fields: Fields) -> tuple[Attachment, ...]:
    """What was sent along. Of a file the platform tells the name, and hands on nothing."""
    if kind == "location":
        place = Location.of(fields.get("Location_X"), fields.get("Location_Y"), fields.get("Label", ""))
        return () if place is None else (place,)
    media_id = fields.get("MediaId", "")
    return (Media(_MEDIA[kind], media_id),) if kind in _MEDIA and media_id else ()


def _event(root: ET.Element, fields: Fields) -> Meaning | None:
    means = _EVENTS.get(_given(fields, "Event").lower())
    return means(root, fields.get("EventKey", "")) if means else None


def _came(_root: ET.Element, key: str) -> Meaning:
    scene = key.removeprefix(_SCENE) if key.startswith(_SCENE) else ""
    return (InboundKind.FOLLOWED, scene) if scene else (InboundKind.CAME, "")


def _left(_root: ET.Element, _key: str) -> Meaning:
    return InboundKind.LEFT, ""


def _tapped(_root: ET.Element, key: str) -> Meaning:
    return InboundKind.KEY, key


def _seen(_root: ET.Element, key: str) -> Meaning:
    return InboundKind.SCENE, key.removeprefix(_SCENE)


def _scanned(root: ET.Element, _key: str) -> Meaning | None:
    """The menu opened the camera: what it saw was handed to us in the player's stead."""
    result = _SYMBOLOGY.sub("", root.findtext("ScanCodeInfo/ScanResult") or "")
    return (InboundKind.OPENED, result) if result else None


def _agreed(root: ET.Element, _key: str) -> Meaning | None:
    asked = [fields_of(one) for one in root.iter() if one.find("SubscribeStatusString") is not None]
    accepted = [one.get("TemplateId", "") for one in asked if one.get("SubscribeStatusString") == "accept"]
    return (InboundKind.AGREED, " ".join(sorted(accepted))) if accepted else None


_EVENTS: dict[str, Callable[[ET.Element, str], Meaning | None]] = {
    "subscribe": _came,
    "unsubscribe": _left,
    "scan": _seen,
    "click": _tapped,
    "scancode_waitmsg": _scanned,
    "subscribe_msg_popup_event": _agreed,
}


def _status(told: Fields) -> str:
    code = told.get("ErrorCode", "")
    return _SENT if code == "0" else _BLOCKED if code == _SWITCHED_OFF else told.get("ErrorStatus", "")


def _receipt(account: str, told: Fields, status: str, at: datetime | None) -> DeliveryReport:
    """Only what the player did to all that we send is a wish, not what was refused to one notice ("43101")."""
    external_id = _given(told, "MsgID")
    if status == _SENT:
        return DeliveryReport(CHANNEL, account, DeliveryStatus.DELIVERED, (external_id,))
    blocked = "".join(status.split()).lower() == _BLOCKED  # spaces come and go in the documents, too
    error = "blocked" if blocked else "not_sent"
    ids = (external_id,)
    return DeliveryReport(
        CHANNEL, account, DeliveryStatus.FAILED, ids, error=error, unreachable=blocked, unwanted=blocked, at=at
    )


def _second(fields: Fields) -> datetime | None:
    """The end of the second in which the platform says that it happened: what was done within it comes before."""
    second = fields.get("CreateTime", "")
    return datetime.fromtimestamp(int(second) + 1, UTC) if _SECOND.fullmatch(second) else None
