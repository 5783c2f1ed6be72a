"""The keyring: what it seals opens in its own place only, and nothing secret is found in the database."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.database import open_database
from core.keys import (
    LOOKS_EACH_S,
    KeyFile,
    Keyring,
    KeysUnusable,
    add_sealing_key,
    create_key_file,
    open_key_file,
    read_secrets,
    remove_sealing_key,
)
from core.randomness import SeededRandomness
from tests.stage import CAMPAIGN, START, Stage, keyring


@given(st.text(), st.binary(max_size=40))
def test_a_sealed_text_opens_in_its_own_place_only(plain: str, row: bytes) -> None:
    keys = keyring()
    text = plain.encode("utf-8", "replace").decode()
    sealed = keys.seal("inbox.text", row, text)
    assert keys.unseal("inbox.text", row, sealed) == text
    for where, other in (("inbox.text", row + b"x"), ("outbox.text", row)):
        with pytest.raises(KeysUnusable):
            keys.unseal(where, other, sealed)


def test_a_changed_byte_does_not_open() -> None:
    keys = keyring()
    sealed = bytearray(keys.seal("a.b", b"row", "13800138000"))
    for place in range(len(sealed)):
        sealed[place] ^= 1
        with pytest.raises(KeysUnusable):
            keys.unseal("a.b", b"row", bytes(sealed))
        sealed[place] ^= 1
    with pytest.raises(KeysUnusable):
        keys.unseal("a.b", b"row", b"")


def test_no_two_values_share_a_nonce() -> None:
    keys = keyring()
    nonces = {keys.seal("a.b", b"row", "13800138000")[1:13] for _ in range(100)}
    assert len(nonces) == 100


def test_a_fingerprint_is_of_all_its_parts_and_of_its_key() -> None:
    keys = keyring()
    others = [
        Keyring(b"x" * 32, b"i" * 32, {1: b"s" * 32}, SeededRandomness("nonces")),
        Keyring(b"p" * 32, b"x" * 32, {1: b"s" * 32}, SeededRandomness("nonces")),
    ]
    assert len({keys.index(*parts) for parts in (("a", "b", "c"), ("a", "bc"), ("ab", "c"), ("abc",))}) == 4
    assert [keys.code_hash("ABC") == other.code_hash("ABC") for other in others] == [False, True]
    assert [keys.index("phone", "1") == other.index("phone", "1") for other in others] == [True, False]
    assert keys.check_value() != others[1].check_value()


def test_nobody_else_reads_the_key_file(tmp_path: Path) -> None:
    path, chance = tmp_path / "keys", SeededRandomness("keys")
    create_key_file(path, chance)
    assert path.stat().st_mode & 0o777 == 0o600
    add_sealing_key(path, chance)
    assert path.stat().st_mode & 0o777 == 0o600


def test_rotation_keeps_old_values_readable_and_the_indexes_the_same(tmp_path: Path) -> None:
    path, chance = tmp_path / "keys", SeededRandomness("keys")
    create_key_file(path, chance)
    with pytest.raises(FileExistsError):
        create_key_file(path, chance)
    old = open_key_file(path, chance)
    sealed = old.seal("a.b", b"row", "secret")
    assert add_sealing_key(path, chance) == 2
    new = open_key_file(path, chance)
    assert new.unseal("a.b", b"row", sealed) == "secret"
    assert new.seal("a.b", b"row", "secret")[0] == 2
    assert new.check_value() == old.check_value()
    assert new.code_hash("ABC") == old.code_hash("ABC")
    assert old.unseal("a.b", b"row", new.seal("a.b", b"row", "secret")) == "secret", "it looks into the file again"
    assert old.seal("a.b", b"row", "secret")[0] == 2
    remove_sealing_key(path, 1)
    with pytest.raises(KeysUnusable, match="does not hold"):
        open_key_file(path, chance).unseal("a.b", b"row", sealed)
    with pytest.raises(KeysUnusable, match="rotate first"):
        remove_sealing_key(path, 2)
    assert add_sealing_key(path, chance, START) == 3, "no number comes twice"
    assert [(key.number, key.made_at) for key in read_secrets(path).keys] == [(2, None), (3, START)]


def test_a_running_process_takes_up_a_newer_key_and_lives_through_a_file_that_is_away(tmp_path: Path) -> None:
    path, chance, now_s = tmp_path / "keys", SeededRandomness("keys"), 0.0
    create_key_file(path, chance, START)
    secrets = read_secrets(path)
    file = KeyFile(path, lambda: now_s)
    keys = Keyring(secrets.pepper, secrets.index, secrets.sealing, chance, file=file)
    add_sealing_key(path, chance)
    assert keys.newest == 1, "it has just looked"
    now_s += LOOKS_EACH_S
    assert (keys.newest, list(keys.fingerprints)) == (2, [1, 2])
    sealed = keys.seal("a.b", b"row", "secret")
    path.rename(tmp_path / "away")
    now_s += LOOKS_EACH_S
    assert keys.unseal("a.b", b"row", keys.seal("a.b", b"row", "more")) == "more"
    create_key_file(path, chance)
    now_s += LOOKS_EACH_S
    assert keys.newest == 2, "a key file of others is none of ours"
    assert keys.unseal("a.b", b"row", sealed) == "secret"


def test_nothing_secret_lies_in_the_database_file(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "huoju.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{path}")
    stage = Stage(database, tmp_path)
    stage.publish(CAMPAIGN)
    (code, unused) = stage.codes(2)
    stage.say(f"code {code}", by="+8613800138000")
    stage.say("my number is 13911112222", by="+8613800138000")
    database.dispose()
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("huoju.db*"))
    plain = [code, code.replace("-", ""), unused, unused.replace("-", ""), "13800138000", "13911112222"]
    assert raw
    assert [secret for secret in plain if secret.encode() in raw] == []
