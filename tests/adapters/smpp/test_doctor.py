"""What the doctor says of an SMPP account, TLS included."""

import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bots.sms.smpp.doctor import findings
from core.sending.outbound import Delivered
from tests.adapters.smpp.rig import ANNA, NOON, account_of, line, text_to
from tests.fakes.smsc import Mo, Smsc

BEGINS, ENDS = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2120, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The path of a certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake smsc")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "smsc.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Smsc(tls=context)
    yield server
    server.close()


def looked_at(smsc: Smsc, now=NOON, **settings) -> dict[str, bool]:
    found = list(findings(account_of(smsc, **settings), lambda: now, 0.5))
    assert all(finding.well or finding.remedy for finding in found)
    return {finding.what.removeprefix("sms/main: "): finding.well for finding in found}


def test_all_is_well(smsc):
    assert looked_at(smsc) == {"host": True, "connection": True, "bind": True, "enquire_link": True}
    assert [role for role, _ in smsc.binds] == ["transceiver"]
    assert smsc.unbinds == 1


def test_a_pair_is_tried_as_a_transmitter(smsc):
    assert looked_at(smsc, bind="pair")["bind"]
    assert [role for role, _ in smsc.binds] == ["transmitter"]


@pytest.mark.parametrize("status", [0x0E, 0x05, None], ids=["password", "already bound", "no answer"])
def test_a_bind_that_is_refused(smsc, status):
    smsc.bind_status = status
    assert looked_at(smsc) == {"host": True, "connection": True, "bind": False}


def test_an_smsc_that_does_not_answer_enquire_link(smsc):
    smsc.answers_enquiries = False
    assert looked_at(smsc)["enquire_link"] is False


def test_nobody_is_there(smsc):
    smsc.close()
    assert looked_at(smsc) == {"host": True, "connection": False}


def test_there_is_no_such_host(smsc):
    assert looked_at(smsc, host="no host") == {"host": False}


def test_a_certificate_is_checked_and_its_end_is_seen(secure, certificate):
    settings = {"tls": True, "ca_file": str(certificate)}
    assert looked_at(secure, **settings) == dict.fromkeys(
        ["host", "connection", "certificate", "bind", "enquire_link"], True
    )
    assert looked_at(secure, ENDS - dt.timedelta(days=3), **settings)["certificate"] is False


@pytest.mark.parametrize("wrong", ["another name", "unknown authority", "no TLS"])
def test_a_certificate_that_does_not_hold(secure, smsc, certificate, wrong):
    settings = {"tls": True, "ca_file": str(certificate)}
    if wrong == "another name":
        settings["server_name"] = "smsc.example"
    if wrong == "unknown authority":
        del settings["ca_file"]
    if wrong == "no TLS":
        smsc.bind_status = None
    server = smsc if wrong == "no TLS" else secure
    assert looked_at(server, **settings) == {"host": True, "connection": True, "certificate": False}


def test_links_speak_over_tls(secure, certificate):
    with line(secure, tls=True, ca_file=str(certificate)) as one:
        mos = [Mo(f"861380013{n:04d}", b"x" * 100) for n in range(200)]
        secure.say(*mos)
        secure.until(lambda: all(mo.statuses == [0] for mo in mos))
        assert len(one.ear.texts) == 200
        assert all(isinstance(outcome, Delivered) for outcome in one.send(*[text_to("+" + ANNA)] * 30))


def test_links_do_not_speak_to_somebody_else(secure):
    with line(secure, bound=0, tls=True) as one:
        secure.until(lambda: one.links.state()[0].error == "SSLCertVerificationError")
        assert secure.binds == []
