"""Messages as SMSCs really deliver them, over one link: what each says, what is counted, and all of it acknowledged."""

from core.inbound_kinds import InboundKind
from tests.adapters.smpp.rig import line
from tests.fakes.smsc import ENQUIRE, UNBIND, Mo, option, parts, pdu, receipt, sar_parts

SAR = b"\x02\x0c\x00\x02\x00\x01\x02\x0e\x00\x01\x01\x02\x0f\x00\x01\x01"
SAID: list[tuple[str, dict[str, object], str | None]] = [
    # octets, what else is so, what was said: None when it is no text
    ("points", {}, "points"),
    ("", {"options": option(0x0424, b"points")}, "points"),
    ("", {"options": option(0x0424, "积分".encode("utf-16-be")), "data_coding": 8}, "积分"),
    ("points", {"options": option(0x0424, b"points")}, "points"),
    ("points", {"options": SAR}, "points"),
    ("points", {"options": option(0x0204, b"\0\1") + option(0x1400, b"x") + b"\x04"}, "points"),
    ("\5\0\3\1\0\0points", {"esm_class": 0x40}, "points"),
    ("\5\0\3\1\2\3points", {"esm_class": 0x40}, "points"),
    ("\3\x25\1\1points", {"esm_class": 0xC0}, "points"),
    ("\6\5\4\x0b\x84\x23\xf0points", {"esm_class": 0x40}, None),
    ("points", {"esm_class": 0x40}, None),
    *[("points", {"esm_class": mode}, "points") for mode in (0x01, 0x02, 0x03, 0x80)],
    *[("points", {"data_coding": coding}, "points") for coding in (0x01, 0x03, 0x0F, 0xC0, 0xF0, 0xF1, 0xF2, 0xF3)],
    *[("points", {"data_coding": coding}, None) for coding in (0x02, 0x04, 0x09, 0x20, 0xF4, 0xF5, 0xF6, 0xF7)],
    ("", {}, None),
]
COUNTED = [
    (Mo("", b"points"), "sender:nothing"),
    (Mo("Bank", b"points", ton=5, npi=0), "sender:name"),
    (Mo("10086", b"points", ton=3), "sender:short_code"),
    *[(Mo("8613700137000", b"points", esm_class=kind), f"receipt:{kind:#04x}") for kind in (0x08, 0x10, 0x24, 0x3C)],
    (Mo("8613700137000", b"", esm_class=0x04, options=option(0x1E, b"77\0") + option(0x0427, b"\x63")), "receipt:0x04"),
]
RECEIPTS = [
    receipt("B8BF8C"),
    receipt("0012106636"),
    Mo("86137", b"", options=option(0x1E, b"7\0") + option(0x0427, b"\2")),
]


def test_every_message_says_what_it_says(smsc):
    users = [f"86138001{n:05d}" for n in range(len(SAID))]
    mos = [Mo(user, octets.encode("latin-1"), **more) for user, (octets, more, _) in zip(users, SAID, strict=True)]
    long = [*reversed(parts("8613900139000", [b"poi", b"nts"], 0x1234, wide=True))]
    long += reversed(sar_parts("8613900139001", [b"poi", b"nts"]))
    with line(smsc) as one:
        smsc.say(*mos, *long, *RECEIPTS, *[mo for mo, _ in COUNTED])
        every = [*mos, *long, *RECEIPTS, *[mo for mo, _ in COUNTED]]
        smsc.until(lambda: all(mo.statuses for mo in every))
        assert {tuple(mo.statuses) for mo in every} == {(0,)}
        told = {
            message.user: message.text if message.kind is InboundKind.TYPED else None for message in one.ear.messages
        }
        wanted = {f"+{user}": text for user, (_, _, text) in zip(users, SAID, strict=True)}
        assert told == {**wanted, "+8613900139000": "points", "+8613900139001": "points"}
        assert sorted(what for what, _ in one.unread) == sorted(what for _, what in COUNTED)
        assert [receipt.external_ids for receipt in one.receipts] == [("B8BF8C",), ("0012106636",), ("7",)]


def test_a_flood_of_questions_and_an_unbind_in_the_midst_lose_nothing(smsc):
    with line(smsc) as one:
        (link,) = smsc.bound()
        link.send(b"".join(pdu(ENQUIRE, 1000 + n) for n in range(500)))
        mos = [Mo(f"86138001{n:05d}", b"points") for n in range(20)]
        smsc.say(*mos[:10])
        link.send(pdu(UNBIND, 2000))
        smsc.say(*mos[10:])
        smsc.until(lambda: all(mo.statuses and mo.statuses[-1] == 0 for mo in mos))
        assert len({message.external_id for message in one.ear.messages}) == len(mos)
        assert {sequence for sequence, _ in smsc.answers} >= {*range(1000, 1500), 2000}
