"""huoju.toml: what an account may look like, and how each mistake in it is told."""

import re
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr

from huoju.account_registry import MODELS
from huoju.accounts import AccountsRefused, Found, look_at_accounts, read_accounts
from huoju.settings import Settings
from tests.fakes.wechat import AES_KEY

SECRET = "s3cr3t-and-long"


class Chat(BaseModel):
    """A channel whose accounts are all alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    app_id: str
    token: Annotated[SecretStr, Field(min_length=8)]
    aes_key: SecretStr | None = None
    api: AnyHttpUrl = AnyHttpUrl("https://api.example")
    at_once: int = 4


class Link(BaseModel):
    """One kind of a channel with several."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    kind: Literal["link"]
    port: int
    password: SecretStr


CHANNELS = {"chat": {"": Chat}, "line": {"link": Link, "gate": Chat}}
GOOD = '[chat.main]\napp_id = "1"\n'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(config_file=tmp_path / "huoju.toml")


CASES = [
    # id                  the file                                 the environment         how it is told
    ("unknown channel", "[chta.main]", {}, "chta: there is no channel of this name (do you mean chat?)"),
    ("no table", "chat = 1", {}, "chat: write a table for each account, such as [chat.main]"),
    ("no account", "[chat]\napp_id = '1'", {}, "chat.app_id: write a table for each account, such as [chat.main], and"),
    ("name", "[chat.Main]", {}, "chat.Main: name an account with 1 to 32 of a-z, 0-9, _ and -"),
    ("unknown key", GOOD + "at_onec = 3", {}, "chat.main.at_onec: this is not known here (do you mean at_once?)"),
    ("own name", GOOD + "name = 'x'", {}, "chat.main.name: this is not known here"),
    ("missing field", "[chat.main]", {}, "chat.main.app_id: this is missing; add it"),
    ("wrong type", GOOD + "at_once = 'x'", {}, "chat.main.at_once: write a whole number, without quotes"),
    ("wrong address", GOOD + "api = 'x'", {}, "chat.main.api: input should be a valid URL"),
    ("kind missing", "[line.a]", {}, "line.a.kind: say which: link, gate"),
    (
        "kind unknown",
        "[line.a]\nkind = 'lnik'",
        {},
        "line.a.kind: this is not known here (do you mean link?); say which: link",
    ),
    ("secret missing", GOOD, {}, "chat.main.token: set HUOJU_CHAT_MAIN_TOKEN, or name a file with token_file in this"),
    ("secret empty", GOOD, {"HUOJU_CHAT_MAIN_TOKEN": ""}, "chat.main.token: set HUOJU_CHAT_MAIN_TOKEN"),
    ("secret short", GOOD, {"HUOJU_CHAT_MAIN_TOKEN": "s3cr3t-"}, "chat.main.token: value should have at least 8"),
    ("secret in file", GOOD + f"token = '{SECRET}'", {}, "chat.main.token: a secret does not belong into this file"),
    ("no such secret file", GOOD + "token_file = 'no'", {}, "named by token_file, cannot be read: No such file"),
    ("empty secret file", GOOD + "token_file = 'empty'", {}, "named by token_file, is empty"),
    ("secret file binary", GOOD + "token_file = 'binary'", {}, "named by token_file, is not UTF-8 text"),
    ("secret file no text", GOOD + "token_file = 3", {}, "chat.main.token: token_file: write the path of a file in"),
    (
        "secret twice",
        GOOD + "token_file = 'good'",
        {"HUOJU_CHAT_MAIN_TOKEN": SECRET},
        "chat.main.token: it is given twice, by HUOJU_CHAT_MAIN_TOKEN and token_file; leave one",
    ),
    (
        "secrets of two",
        "[chat.a-b]\napp_id = '1'\n[chat.a_b]\napp_id = '2'",
        {"HUOJU_CHAT_A_B_TOKEN": SECRET},
        "chat.a_b.token: HUOJU_CHAT_A_B_TOKEN belongs to chat.a-b, too; name one of them otherwise",
    ),
    ("names no table", "names = 1", {}, "names: write a table: [names], and blocked = "),
    ("names unknown", "[names]\nblokced = []", {}, "names.blokced: this is not known here (do you mean blocked?)"),
    ("names twice", "[names]\nblocked = []\nblocked_file = 'good'", {}, "names.blocked: the words are given twice"),
    ("names no list", "[names]\nblocked = 'durian'", {}, "names.blocked: write a list of words"),
    ("names no words", "[names]\nblocked = ['durian', 3]", {}, "names.blocked: write a list of words"),
    (
        "names empty word",
        "[names]\nblocked = ['no', '']",
        {},
        "names.blocked: word 2: “” is no word of such a list",
    ),
    ("names bad word", "[names]\nblocked = ['a b']", {}, "names.blocked: word 1: “a b” is no word of such a list"),
    ("names no path", "[names]\nblocked_file = 3", {}, "names.blocked_file: write the path of a file in quotes"),
    ("names no file", "[names]\nblocked_file = 'no'", {}, "no cannot be read: No such file"),
    ("names folder", "[names]\nblocked_file = '.'", {}, "cannot be read: Is a directory"),
    ("names bad file", "[names]\nblocked_file = 'binary'", {}, "binary is no text that can be read here"),
    ("names bad line", "[names]\nblocked_file = 'words'", {}, "words, line 3: “two words” is no word of such a list"),
    ("no TOML", f"[chat.main]\ntoken = {SECRET}", {}, "is not TOML: Invalid value (at line 2, column 9)"),
    ("table twice", GOOD + GOOD, {}, "is not TOML: Cannot declare (something) twice (at line 3, column 11)"),
    ("no UTF-8", GOOD + "# \udcff", {}, "is not UTF-8 text (at line 3)"),
]


@pytest.mark.parametrize(("text", "variables", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_is_told_with_its_place_and_its_remedy(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, text: str, variables: dict[str, str], told: str
) -> None:
    settings.config_file.write_text(text, encoding="utf-8", errors="surrogateescape")
    contents = {"good": SECRET, "empty": "\n", "binary": "\udcff", "words": "# mine\nok\ntwo words  # three\n"}
    for name, content in contents.items():
        settings.config_file.with_name(name).write_text(content, encoding="utf-8", errors="surrogateescape")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AccountsRefused) as refused:
        read_accounts(settings, CHANNELS)
    said = str(refused.value)
    assert told in said
    assert all(line.startswith(f"{settings.config_file}: ") for line in said.splitlines())
    assert "s3cr3t" not in said


@pytest.mark.parametrize(
    ("table", "variables"),
    [
        ("", {"HUOJU_CHAT_MAIN_TOKEN": SECRET}),
        ("", {"HUOJU_CHAT_MAIN_TOKEN_FILE": "secret"}),
        ("token_file = 'secret'", {}),
        ("", {".env": f"HUOJU_CHAT_MAIN_TOKEN={SECRET}"}),
    ],
    ids=["environment", "file of the environment", "file of the table", ".env"],
)
def test_a_secret_comes_from_outside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, table: str, variables: dict[str, str]
) -> None:
    settings.config_file.write_text(GOOD + table, encoding="utf-8")
    Path("secret").write_text(f"{SECRET}\n", encoding="utf-8")
    for name, value in variables.items():
        if name == ".env":
            Path(name).write_text(value, encoding="utf-8")
        else:
            monkeypatch.setenv(name, value)
    (account,) = read_accounts(settings, CHANNELS).complete
    assert isinstance(account.table, Chat)
    assert account.table.token.get_secret_value() == SECRET
    assert (str(account), account.table.name, account.table.aes_key) == ("chat/main", "main", None)
    assert SECRET not in repr(account)


def test_one_wrong_account_hides_no_other(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUOJU_CHAT_MAIN_TOKEN", SECRET)
    settings.config_file.write_text(f"{GOOD}[line.x-1]\nkind = 'link'\nport = 2775\n", encoding="utf-8")
    found = look_at_accounts(settings, CHANNELS)
    assert [str(account) for account in found.complete] == ["chat/main"]
    (violation,) = found.violations
    assert (violation.place, "set HUOJU_LINE_X_1_PASSWORD, or" in violation.remedy.text) == ("line.x-1.password", True)


def test_without_a_file_there_are_no_accounts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_accounts(Settings(), CHANNELS) == Found([], [])
    with pytest.raises(AccountsRefused, match="there is no such file; see HUOJU_CONFIG_FILE"):
        read_accounts(settings, CHANNELS)
    monkeypatch.setenv("HUOJU_CONFIG_FILE", "elsewhere.toml")
    with pytest.raises(AccountsRefused, match=r"^elsewhere\.toml: there is no such file"):
        read_accounts(Settings(), CHANNELS)


def test_the_example_describes_an_account_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Path(__file__).parents[2] / "examples" / "huoju.toml"
    secrets = sorted(set(re.findall(r"HUOJU_[A-Z]+_[A-Z]+_[A-Z_]+[A-Z]", example.read_text(encoding="utf-8"))))
    assert len(secrets) == 10
    for name in secrets:
        monkeypatch.setenv(name, AES_KEY if name.endswith("AES_KEY") else "8letters" * (1 if "CODE" in name else 2))
    found = look_at_accounts(Settings(config_file=example), MODELS)
    assert found.violations == []
    described = {getattr(account.table, "kind", account.channel) for account in found.complete}
    assert described == {kind or channel for channel, kinds in MODELS.items() for kind in kinds}
