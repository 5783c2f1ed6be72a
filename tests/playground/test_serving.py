"""The web process: granian in processes of its own, on a free port of this machine."""

import http.client
import os
import signal
import socket
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.models import Inbox
from handlers.codes.tables import Redemption
from huoju.settings import Settings
from huoju.web.server import PlaygroundRefused, PortTaken, check_address
from tests.playground.rig import PLAYED, Served, free_port, until


def test_two_workers_answer_everybody_and_redeem_once(served: Served) -> None:
    served.stage.publish(PLAYED)
    (code,) = served.stage.codes(1)
    answers: list[tuple[int, dict[str, list[str]]]] = []
    with served.running(workers=2):

        def talk(phone: str) -> None:
            answers.extend(served.say(code, phone, f"{number % 3}") for number in range(6))

        threads = [threading.Thread(target=talk, args=(f"p{number}",)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [status for status, _ in answers] == [200] * 72
    won = {answer["texts"][0] for _, answer in answers if "redeem.points" in answer["texts"][0]}
    assert won == {"redeem.points balance=10 points=10"}
    with served.stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Redemption)) == 1
        assert session.scalar(select(func.count()).select_from(Inbox)) == 36


def test_a_stop_finishes_what_is_in_hand(served: Served) -> None:
    served.stage.publish(PLAYED)
    with served.running() as process:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=120)
        with served.stage.sessions.begin() as session:
            session.connection()  # SQLite has one writer, and now it is us: the turn has to wait
            body = '{"phone": "anna", "id": "1", "text": "help"}'
            connection.request("POST", "/playground/say", body, {"Content-Type": "application/json"})
            assert served.ready()
            process.send_signal(signal.SIGTERM)
            until(lambda: not served.ready())
            assert process.poll() is None
        with connection.getresponse() as answer:
            assert (answer.status, b"help.answer" in answer.read()) == (200, True)
        connection.close()
        assert process.wait(120) == 0


def test_ctrl_c_tells_the_parent_alone(served: Served) -> None:
    """A terminal interrupts the whole group, also workers that still start: these leave the stop to their parent."""
    process = served.start()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

    def interrupted() -> bool:
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGINT)
        return served.ready()

    until(interrupted)
    assert served.say("help", "anna", "1")[0] == 200
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert (said, process.returncode) == ("", 0)


def test_a_port_in_use_is_told_in_one_line_and_workers_end_with_their_parent(served: Served) -> None:
    with served.running() as process:
        _refused(served)
        process.kill()
        until(lambda: _is_free(served.port))
        process.wait()


def _is_free(port: int) -> bool:
    try:
        check_address(Settings(), "127.0.0.1", port, playground=False)
    except PortTaken:
        return False
    return True


def _refused(served: Served) -> None:
    with pytest.raises(PortTaken, match=rf"^cannot listen on 127.0.0.1:{served.port} \(Address already in use\); "):
        check_address(Settings(), "127.0.0.1", served.port, playground=True)
    second = served.start()
    said, _ = second.communicate(timeout=120)
    assert second.returncode == 1
    assert said.splitlines()[-1].startswith("huoju.web.server.PortTaken: cannot listen")
    assert served.ready()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "huoju.example", ""])
def test_the_playground_is_not_opened_to_others_without_a_password(host: str) -> None:
    with pytest.raises(PlaygroundRefused, match="set HUOJU_PLAYGROUND_PASSWORD"):
        check_address(Settings(), host, free_port(), playground=True)
    with pytest.raises(PlaygroundRefused):
        check_address(Settings(playground_password=""), host, free_port(), playground=True)


def test_what_may_be_opened() -> None:
    for host in ("127.0.0.1", "localhost", "127.8.8.8"):
        check_address(Settings(), host, free_port(), playground=True)
    check_address(Settings(), "0.0.0.0", free_port(), playground=False)
    check_address(Settings(playground_password="x"), "0.0.0.0", free_port(), playground=True)


def test_a_host_that_is_not_ours_is_told() -> None:
    with pytest.raises(PortTaken, match="Cannot assign requested address"):
        check_address(Settings(), "192.0.2.1", free_port(), playground=False)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        with pytest.raises(PortTaken):
            check_address(Settings(), "127.0.0.1", other.getsockname()[1], playground=True)
