"""A call ends by its deadline, and says whether the bytes left."""

import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from bots.http_client import HttpClient, HttpResponse, NoAnswer, NotReached, call_gateway
from bots.tls import client_context
from core.sending.outbound import TryAgain, Unknown
from tests.fakes.gateways import Reply, Twilio, dripping, drop, endless, garbage, half, silent


@pytest.fixture
def server(twilio: Twilio) -> Twilio:
    twilio.properly = lambda _call: Reply(200, b"ok", {"X-Name": "value"})  # type: ignore[method-assign]
    return twilio


def test_an_answer_is_status_headers_and_body(server: Twilio) -> None:
    client = HttpClient(server.url)
    answer = client.call("POST", "/a?b=1", b"body", {"X-Ours": "1"})
    client.close()
    assert (answer.status, answer.body, answer.headers["x-name"]) == (200, b"ok", "value")
    (call,) = server.calls
    assert (call.method, call.path, call.query, call.body, call.headers["x-ours"]) == (
        "POST",
        "/a",
        {"b": "1"},
        b"body",
        "1",
    )
    assert call.headers["host"] == server.url.removeprefix("http://")


@pytest.mark.parametrize("act", [silent, dripping], ids=["silent", "dripping"])
def test_a_server_that_takes_its_time_is_left_at_the_deadline(server: Twilio, act: Any) -> None:
    server.acts.append(act)
    client = HttpClient(server.url, limit_s=0.3)
    begun_s = time.monotonic()
    with pytest.raises(NoAnswer, match="timeout"):
        client.call("GET", "/", None, {})
    assert time.monotonic() - begun_s < 60
    client.close()


ACTS = [(drop, "connection_lost"), (half, "garbled"), (garbage, "garbled"), (endless, "garbled")]


@pytest.mark.parametrize(("act", "code"), ACTS, ids=[act.__name__ for act, _ in ACTS])
def test_what_is_no_whole_answer_is_none(server: Twilio, act: Any, code: str) -> None:
    server.acts.append(act)
    client = HttpClient(server.url)
    with pytest.raises(NoAnswer, match=code):
        client.call("GET", "/", None, {})
    assert client.call("GET", "/", None, {}).status == 200
    client.close()


def test_a_port_where_nobody_listens_was_not_reached() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        client = HttpClient(url)
        with pytest.raises(NotReached, match="unreachable"):
            client.call("GET", "/", None, {})
        assert call_gateway(client, "GET", "/", None, {}) == TryAgain("unreachable")


def test_servers_are_known_on_a_machine_without_any_certificate(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert ssl.create_default_context().cert_store_stats()["x509_ca"] == 0
    assert client_context().cert_store_stats()["x509_ca"] > 100


def test_a_server_that_speaks_no_tls_was_not_reached(server: Twilio) -> None:
    client = HttpClient(server.url.replace("http://", "https://"))
    assert call_gateway(client, "GET", "/", None, {}) == TryAgain("tls")


def test_connections_are_kept_and_a_dead_one_is_not_used_again() -> None:
    """The second answer comes over the first connection; then the server hangs up, and the third over another one."""
    accepted: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def serve(exchanges: int) -> None:
        wire, _ = listener.accept()
        accepted.append(wire)
        for _ in range(exchanges):
            wire.recv(65_536)
            wire.sendall(answer)
        wire.close()

    client = HttpClient(f"http://127.0.0.1:{listener.getsockname()[1]}")
    for exchanges in (2, 1):
        thread = threading.Thread(target=serve, args=(exchanges,))
        thread.start()
        answers = [client.call("GET", "/", None, {}) for _ in range(exchanges)]
        thread.join(60)
        assert [each.body for each in answers] == [b"ok"] * exchanges
    client.close()
    listener.close()
    assert len(accepted) == 2


def test_what_a_call_means_for_a_text(server: Twilio) -> None:
    client = HttpClient(server.url)
    assert isinstance(call_gateway(client, "GET", "/", None, {}), HttpResponse)
    server.acts.append(drop)
    assert call_gateway(client, "GET", "/", None, {}) == Unknown("connection_lost")
    client.close()
