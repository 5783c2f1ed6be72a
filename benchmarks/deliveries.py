"""What WeChat would send: signed requests, plain or enciphered, made with the cipher and signatures of WeRoBot."""

import itertools
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from werobot.crypto import MessageCrypt
from werobot.utils import get_signature

from benchmarks.load import post
from core.messages import InboundMessage

Mode = Literal["plain", "aes"]
TOKEN, APP_ID = "a5Token0fTheBenchmark", "wx5823bf96d3bd56c7"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

_OURS = "gh_680bdefc8c5d"
_NONCE = "1320562132"
_FIRST_ID = 23_371_820_000_000_000
_MESSAGE = (
    "<xml><ToUserName><![CDATA[{ours}]]></ToUserName>\n<FromUserName><![CDATA[{user}]]></FromUserName>\n"
    "<CreateTime>{at}</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[{text}]]></Content>\n"
    "<MsgId>{id}</MsgId>\n</xml>"
)
_SAFE = "<xml>\n    <ToUserName><![CDATA[{ours}]]></ToUserName>\n    <Encrypt><![CDATA[{encrypt}]]></Encrypt>\n</xml>\n"
_REDEEMED = ("没有中奖，送您".encode(), "恭喜您抽中".encode())
_FIELD = re.compile(r"<(\w+)>(?:<!\[CDATA\[)?([^<\]]*)")


def openid(number: int) -> str:
    """What WeChat calls one player."""
    return f"o6_bmjrPTlm6_2sgVt7h{number:08d}"


def tables(mode: Mode) -> tuple[str, dict[str, str]]:
    """The account's table in huoju.toml, and its secrets by file; the account is called as its mode."""
    table = f'[wechat.{mode}]\nmode = "{mode}"\napp_id = "{APP_ID}"\ntoken_file = "token"\nsecret_file = "secret"\n'
    secrets = {"token": TOKEN, "secret": "unused", "aes-key": AES_KEY}
    return table + ('aes_key_file = "aes-key"\n' if mode == "aes" else ""), secrets


@dataclass
class WeChat:
    """The platform, in front of an account that takes messages in ``mode``."""

    mode: Mode
    crypt: MessageCrypt = field(default_factory=lambda: MessageCrypt(TOKEN, AES_KEY, APP_ID))
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(_FIRST_ID))
    _heard: int = 0

    def request(self, message: InboundMessage, port: int, now: datetime) -> bytes:
        """The bytes that deliver ``message``."""
        at = str(int(now.timestamp()))
        body = _MESSAGE.format(ours=_OURS, user=message.user, at=at, text=message.text, id=next(self._ids))
        query = f"signature={get_signature(TOKEN, at, _NONCE)}&timestamp={at}&nonce={_NONCE}&openid={message.user}"
        if self.mode == "aes":
            encrypt = self.crypt.prp_crypto.encrypt(body, APP_ID).decode()
            query += f"&encrypt_type=aes&msg_signature={get_signature(TOKEN, at, _NONCE, encrypt)}"
            body = _SAFE.format(ours=_OURS, encrypt=encrypt)
        return post(f"/wechat/{self.mode}?{query}", port, "text/xml", body.encode())

    def redeemed(self, body: bytes) -> bool:
        """Whether an answer tells of a redemption; of enciphered ones each hundredth is opened."""
        if self.mode == "aes":
            self._heard += 1
            if self._heard % 100:
                return b"<Encrypt>" in body
            body = self.opened(body)
        return _REDEEMED[0] in body or _REDEEMED[1] in body

    def echoed(self, body: bytes) -> bool:
        """Whether an answer says something."""
        return (b"<Encrypt>" if self.mode == "aes" else b"<Content><![CDATA[") in body

    def opened(self, body: bytes) -> bytes:
        """The document inside an enciphered answer, its signature checked."""
        fields = dict(_FIELD.findall(body.decode()))
        signed = fields["TimeStamp"], fields["Nonce"], fields["MsgSignature"]
        document: bytes = self.crypt.decrypt_message(*signed, fields["Encrypt"])
        return document
