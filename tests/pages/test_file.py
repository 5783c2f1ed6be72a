"""The door to a file: looking spends nothing, the button gives it once, and another link says nothing of it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bots.http_errors import register_error_handlers
from core.operators import Role
from huoju.bootstrap import Installation
from huoju.settings import Settings
from huoju.web.files import file_page
from pages.file.serve import FilePage, Given, Waiting, blueprint
from tests.operators.test_job_files import link_in
from tests.stage import Stage

LINK, TAKEN = "AbC-_123", "taken"
CONTENT = "\ufeff编号,地址\r\n".encode() * 9000
TAKEN_AT = datetime(2026, 12, 1, 4, 5, 6, tzinfo=UTC)


class Files:
    """Knows one link that gives its file once, and one that has given it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.given = folder / "file", 0
        self.path.write_bytes(CONTENT)

    def look(self, link: str) -> Waiting | datetime | None:
        if link == TAKEN or (link == LINK and self.given):
            return TAKEN_AT
        return Waiting("codes-3.csv", len(CONTENT)) if link == LINK else None

    def take(self, link: str) -> Given | datetime | None:
        found = self.look(link)
        if not isinstance(found, Waiting):
            return found
        self.given += 1
        return Given(*found, self.path.open("rb"))


def served(files: Files) -> Flask:
    app = Flask("test", static_folder=None)
    register_error_handlers(app)
    app.register_blueprint(blueprint(FilePage(files.look, files.take)))
    return app


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def client(files: Files) -> FlaskClient:
    return served(files).test_client()


def test_looking_spends_nothing_and_the_button_gives_it_once(client: FlaskClient, files: Files) -> None:
    for _ in range(3):
        for page in (client.get(f"/file/{LINK}"), client.get(f"/file/{LINK}?lang=zh")):
            assert page.status_code == 200
            assert "codes-3.csv" in page.text
            assert "158.2 KiB" in page.text
            assert re.search(r'<form method="post">\s*<button', page.text)
        assert client.head(f"/file/{LINK}").status_code == 200
    assert files.given == 0
    given = client.post(f"/file/{LINK}")
    assert (given.status_code, given.data, given.content_length) == (200, CONTENT, len(CONTENT))
    assert given.headers["Content-Disposition"] == 'attachment; filename="codes-3.csv"'
    assert given.headers["Cache-Control"] == "no-store"
    given.close()
    again = client.post(f"/file/{LINK}", headers={"Accept-Language": "zh-CN"})
    assert again.status_code == 410
    assert "文件于 2026-12-01 04:05（UTC）被取走" in again.text
    assert "was taken on 2026-12-01 04:05 (UTC)" in client.get(f"/file/{LINK}").text
    assert files.given == 1


@pytest.mark.parametrize("link", ["x", "x" * 301, "1-0000-codes.csv", "..%5chuoju.keys", "%00"])
def test_what_is_unknown_over_or_foreign_reads_one_page_in_both_languages(client: FlaskClient, link: str) -> None:
    one = client.get("/file/never-given-out")
    for page in (client.get(f"/file/{link}"), client.post(f"/file/{link}")):
        assert page.status_code == 404
        assert page.text == one.text
    assert "This link gives no file" in one.text
    assert "这个链接取不到文件" in one.text


def test_nobody_is_told_where_a_reader_came_from(client: FlaskClient) -> None:
    for page in (client.get(f"/file/{LINK}"), client.get(f"/file/{TAKEN}"), client.get("/file/x")):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert page.headers["Cache-Control"] == "no-store"
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert "<script" not in page.text
    assert "form-action 'self'" in client.get(f"/file/{LINK}").headers["Content-Security-Policy"]


@pytest.mark.reading
def test_a_file_of_a_job_is_behind_its_link(stage: Stage) -> None:
    settings = Settings(files_folder=stage.directory / "files")
    here = Installation(settings, stage.database, stage.keys, lambda: stage.now, stage.randomness)
    stage.settings = here.runtime().settings
    stage.publish()
    stage.appoint(Role.OWNER)
    stage.command("/导出日志", by="boss")
    stage.work()
    told = stage.told("boss")[-1]
    assert told.startswith("Job 1 is done")
    app = Flask("test", static_folder=None)
    app.register_blueprint(blueprint(file_page(here)))
    client, link = app.test_client(), link_in(told)
    assert "operator-log.jsonl" in client.get(f"/file/{link}").text
    given = client.post(f"/file/{link}")
    assert given.get_data(as_text=True).startswith('{"number":1,')
    given.close()
    assert client.post(f"/file/{link}").status_code == 410
    assert client.get(f"/file/{link[:-2]}").status_code == 404
