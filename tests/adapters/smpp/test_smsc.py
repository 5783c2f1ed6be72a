"""The fake SMSC does what it is told: spoken to by hand, without anything of ours."""

import socket
import struct

import pytest

from tests.adapters.smpp.rig import ANNA
from tests.fakes.smsc import ANSWER, DELIVER, ENQUIRE, SUBMIT, Mo, Smsc, pdu

BIND = 0x09
SUBMITTED = b"\0\3\0" + b"12345\0" + b"\1\1" + ANNA.encode() + b"\0" + b"\0\0\0\0\0\1\0\0\0\2hi"


class Esme:
    """The other side, by hand."""

    def __init__(self, smsc: Smsc, password: bytes = b"secret", *, binds: bool = True) -> None:
        self.socket = socket.create_connection(("127.0.0.1", smsc.port), 5)
        if binds:
            self.send(BIND, 1, b"huoju\0" + password + b"\0\0\x34\0\0\0")
            self.welcome = self.read()

    def send(self, command: int, sequence: int, body: bytes = b"", status: int = 0) -> None:
        self.socket.sendall(pdu(command, sequence, body, status))

    def read(self) -> tuple[int, int, int]:
        """(command, status, sequence) of the next PDU; () when the connection is over."""
        head = self._exactly(16)
        length, command, status, sequence = struct.unpack(">IIII", head)
        self.body = self._exactly(length - 16)
        return command, status, sequence

    def _exactly(self, count: int) -> bytes:
        octets = b""
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                raise ConnectionResetError
            octets += more
        return octets


@pytest.fixture
def esme(smsc):
    one = Esme(smsc)
    yield one
    one.socket.close()


@pytest.mark.parametrize(("password", "status"), [(b"secret", 0), (b"wrong", 0x0E)])
def test_it_binds_who_knows_the_password(smsc, password, status):
    one = Esme(smsc, password)
    assert one.welcome == (BIND | ANSWER, status, 1)
    one.socket.close()


def test_it_takes_texts_and_keeps_what_it_read(smsc, esme):
    esme.send(SUBMIT, 2, SUBMITTED)
    assert esme.read() == (SUBMIT | ANSWER, 0, 2)
    assert esme.body == b"1\0"
    (submitted,) = smsc.submits
    assert (submitted.source, submitted.dest, submitted.octets, submitted.registered) == ("12345", ANNA, b"hi", 1)


def test_it_answers_in_reverse(smsc, esme):
    smsc.hold_answers = 3
    for sequence in (2, 3, 4):
        esme.send(SUBMIT, sequence, SUBMITTED)
    assert [esme.read()[2] for _ in range(3)] == [4, 3, 2]


def test_it_refuses_and_is_silent(smsc, esme):
    statuses = iter([0x58, None, 0x14])
    smsc.submit_status = lambda _submitted: next(statuses)
    for sequence in (2, 3, 4):
        esme.send(SUBMIT, sequence, SUBMITTED)
    assert [esme.read()[1:] for _ in range(2)] == [(0x58, 2), (0x14, 4)]


def test_it_answers_enquiries_or_not(smsc, esme):
    esme.send(ENQUIRE, 2)
    assert esme.read() == (ENQUIRE | ANSWER, 0, 2)
    smsc.answers_enquiries = False
    esme.send(ENQUIRE, 3)
    esme.send(SUBMIT, 4, SUBMITTED)
    assert esme.read() == (SUBMIT | ANSWER, 0, 4)


def test_it_delivers_within_its_window_and_again_what_was_refused(smsc, esme):
    smsc.mo_window = 2
    mos = [Mo(ANNA, b"%d" % n) for n in range(3)]
    smsc.say(*mos)
    assert [esme.read()[0] for _ in range(2)] == [DELIVER] * 2
    assert mos[2].delivered == 0
    esme.send(DELIVER | ANSWER, 1, b"\0", 0x64)
    assert esme.read()[0] == DELIVER
    assert esme.body.endswith(b"2")
    esme.send(DELIVER | ANSWER, 2, b"\0")
    assert esme.read()[0] == DELIVER
    assert esme.body.endswith(b"0")
    assert [mo.statuses for mo in mos] == [[0x64], [0], []]


@pytest.mark.parametrize("hard", [False, True])
def test_it_cuts_and_delivers_again(smsc, esme, hard):
    mo = Mo(ANNA, b"hi")
    smsc.say(mo)
    esme.read()
    smsc.connections[0].cut(hard=hard)
    with pytest.raises(ConnectionError):
        esme.read()
    again = Esme(smsc)
    assert again.read()[0] == DELIVER
    assert mo.delivered == 2
    again.socket.close()


def test_it_loses_acknowledgements(smsc, esme):
    smsc.reads_answers = False
    mo = Mo(ANNA, b"hi")
    smsc.say(mo)
    esme.send(DELIVER | ANSWER, esme.read()[2], b"\0")
    smsc.until(lambda: smsc.answers == [(1, 0)])
    assert mo.statuses == []
