"""Waybill: of what shops, couriers and phone books copy, only what says where the parcel goes.

An order has two blocks, and whoever sends is nobody's recipient; numbers of orders and parcels are nobody's phone.
"""

import re

from handlers.claims.parcel_words import LABEL, LABELS

_BEGINS = r"(?:(?:^|(?<=[\s,，;；。、|/】\]]))[\[【(（]?|[\[【])"
_FIELD = (
    r"(?P<{0}>的?(?:(?:联系)?(?:电话|電話|手机|手機)(?:号码?|號碼?)?|姓名|名字|(?:详细|詳細)?地址|公司|信息|資料|资料)"
    r"|(?:'s)? (?:(?:full )?name|phone(?: number)?|mobile|tel|number|address|details|info(?:rmation)?))?"
)
_ENDS = r"[\]】)）]?(?:\s*[:：=]\s*|\s+[-–—]\s+|[\t ]*\n|(?<=[\]】])|(?<=[\u3400-\u9fff])[\t ]*)"
_SENDER = (
    r"(?:[寄发發][件货貨](?:[人方者]|(?=信息|资料|資料|地址|姓名|电话|電話|手机|手機))|[寄发]方|[寄发](?=\s*[:：])|卖家|卖方|商家|退[货貨]人?(?=地址|信息)"
    r"|(?:ship(?:ped)? from|from|sender|shipper|consignor|seller|return|bill(?:ed)? to|billing)(?![a-z]))"
)
_RECIPIENT = (
    r"(?:收[件货貨](?:[人方者]|(?=信息|资料|資料|地址|姓名|电话|電話|手机|手機))|收方|收(?=\s*[:：])|买家|买方|[送配][货送](?=地址)|寄[到给至往]"
    r"|(?:ship(?:ped)? to|shipping|deliver to|delivery|to|recipient|receiver|consignee|addressee|buyer)(?![a-z]))"
)
_PARTY = re.compile(
    rf"{_BEGINS}(?:(?P<sender>{_SENDER})|(?P<recipient>{_RECIPIENT})){_FIELD.format('field')}{_ENDS}", re.IGNORECASE
)
_FIELDS = {
    "phone": ("phone", "mobile", "tel", "number", "电话", "電話", "手机", "手機"),
    "name": ("name", "姓名"),
    "address": ("address", "地址"),
}
_OF_ORDER = re.compile(
    r"(?:^|(?<=[\s,，;；|]))[\[【]?(?:(?:顺丰|中通|圆通|申通|韵达|极兔|京东|邮政|EMS)(?:速运|快递|速递|物流)?[\s,，:：]*)?"
    r"(?:(?:运单|快递单|物流单|快递|物流|订单|包裹)编?号?码?|单号|(?:tracking|order)(?: (?:number|no\.?|id))?)"
    r"[\]】]?\s*[:：#=]?\s*#?(?=[A-Z0-9-]*\d{5})[A-Z0-9-]{6,40}(?![A-Z0-9])"
    r"|(?:下单|付款|创建|支付|发货|成交)时间\s*[:：]?\s*[\d :/年月日时分秒-]{8,24}"
    r"|(?:^|(?<=\s))(?:(?:user ?name|telegram|tg)\s*[:：]\s*@?\w{3,32}|[(（]?@[A-Z]\w{3,31}[)）]?)(?!\S)"
    r"|^[\t ]*(?:(?:设为)?默认(?:地址)?|复制(?:以上)?信息|住宅|家庭|工作|单位|主要|其他|home|work|main|other|iphone)"
    r"[\t ]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""What stands in an order, a chat or a phone book beside where it goes."""
_EXTENSION = re.compile(r"(?<=[\u3400-\u9fff])\[\d{3,4}\](?=[\s,，])")
"""The extension of a number that a shop made up for the order, behind the name."""
_HEADING = re.compile(r"[\t,，|; ]*(?:(?:" + "|".join(LABELS.values()) + r")[\t,，|; ]*){2,}", re.IGNORECASE)
_OF_CARD = re.compile(r"^(?:item\d{1,2}\.)?(FN|TEL|ADR)(?:;[^:\n]*)?:(.+)$", re.IGNORECASE | re.MULTILINE)
_ESCAPED = re.compile(r"\\(?:n|(.))", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")


def of_recipient(text: str) -> str:
    """``text`` without the block of who sends it, without what is of an order, a contact with its labels."""
    said = _of_card(text)
    head, _, rest = said.lstrip().partition("\n")
    said = _EXTENSION.sub("", _OF_ORDER.sub("", rest if rest and _HEADING.fullmatch(head) else said))
    found = list(_PARTY.finditer(said))
    if not any(each["sender"] for each in found):
        return _PARTY.sub(lambda each: each[0] if LABEL.match(each[0]) else f"\n{_label(each)}", said)
    ends = [*(each.start() for each in found[1:]), len(said)]
    blocks = [_label(each) + said[each.end() : end] for each, end in zip(found, ends, strict=True) if each["recipient"]]
    return "\n".join(blocks) or said[: found[0].start()].strip() or said


def _label(party: re.Match[str]) -> str:
    """What stood before a part of the recipient's block, as a label that any block may have."""
    said = (party["field"] or "").casefold()
    return next((f"{field}: " for field, words in _FIELDS.items() if any(word in said for word in words)), "")


def _of_card(text: str) -> str:
    """A contact as phones share it (vCard), as a block."""
    if not text.lstrip().upper().startswith("BEGIN:VCARD"):
        return text
    found = {key.upper(): value for key, value in reversed(_OF_CARD.findall(text))}
    parts = [_ESCAPED.sub(r"\1 ", part).strip() for part in re.split(r"(?<!\\);", found.get("ADR", ""))]
    place = ", ".join(filter(None, parts))
    if _HAN.search(place):
        place = " ".join(filter(None, reversed(parts)))  # from the house to the country, and not as it is written
    lines = {"name": found.get("FN", ""), "phone": found.get("TEL", ""), "address": place}
    return "\n".join(f"{field}: {value.strip()}" for field, value in lines.items() if value.strip())
