"""Keys are kept where only their owner reads them, and go to no other server."""

import json
import stat
from pathlib import Path

import pytest

from blazz.cli.api_client import ApiClient
from blazz.cli.credentials import credentials_path
from blazz.kernel.actor import Permission
from blazz.kernel.runtime import Runtime
from tests.cli.conftest import Shell
from tests.conftest import WorkspaceFixture
from tests.factories import make_key


@pytest.fixture
def signed_out(served: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """No key in the environment."""
    monkeypatch.delenv("BLAZZ_API_KEY")
    return served


async def test_a_key_is_kept_for_its_owner_only_and_used_from_then_on(
    shell: Shell, signed_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await shell("contacts", "list")).code == 4
    assert (await shell("login", "--key-stdin", stdin=shell.keys[0] + "\n")).code == 0
    assert stat.S_IMODE(credentials_path().stat().st_mode) == 0o600
    monkeypatch.delenv("BLAZZ_URL")
    told = await shell("whoami", "--json")
    assert told.told["server"] == signed_out
    workspace = told.told["workspace"]
    assert isinstance(workspace, dict)
    assert workspace["name"] == "Toko Sinar"
    assert "Toko Sinar" in (await shell("whoami")).out


async def test_a_wrong_key_is_refused_and_not_kept(shell: Shell, signed_out: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("blz_live_wrong\n")
    ended = await shell("login", "--key-file", file)
    assert (ended.code, "unauthenticated" in ended.err, credentials_path().exists()) == (4, True, False)


async def test_a_login_needs_a_key_from_somewhere(shell: Shell, signed_out: str, tmp_path: Path) -> None:
    nothing = await shell("login")
    assert (nothing.code, "from stdin" in nothing.err) == (2, True)
    missing = await shell("login", "--key-file", tmp_path / "nowhere")
    assert (missing.code, "No such file" in missing.err) == (2, True)
    (tmp_path / "empty").write_text("")
    empty = await shell("login", "--key-file", tmp_path / "empty")
    assert (empty.code, "is empty" in empty.err) == (2, True)
    both = await shell("login", "--key-file", tmp_path / "empty", "--key-stdin")
    assert (both.code, "not both" in both.err) == (2, True)


async def test_signing_in_with_a_password_makes_a_key_that_logout_revokes(
    shell: Shell, signed_out: str, workspace: WorkspaceFixture
) -> None:
    made = await shell("users", "create", "sari@toko.example", "--name", "Sari", "--json")
    await shell("workspaces", "create", "Kios Sari", "--owner", "sari@toko.example")
    password = str(made.told["password"])
    shell.keys.append(password)
    ended = await shell("login", "--email", "sari@toko.example", "--password-stdin", "--json", stdin=password)
    assert (ended.code, ended.told["workspace"]) == (0, "Kios Sari")
    key = json.loads(credentials_path().read_text())["servers"][signed_out]["key"]
    shell.keys.append(key)
    told = (await shell("whoami", "--json")).told["key"]
    assert isinstance(told, dict)
    assert told["expires_at"] is not None
    out = await shell("logout", "--json")
    assert out.told == {"server": signed_out, "revoked": True}
    assert (await shell("whoami", "--key", key)).code == 4
    assert (await shell("logout")).code == 3


async def test_a_wrong_password_is_refused(shell: Shell, signed_out: str) -> None:
    await shell("users", "create", "sari@toko.example", "--name", "Sari")
    ended = await shell("login", "--email", "sari@toko.example", "--password-stdin", stdin="not this one")
    assert (ended.code, "sign_in_failed" in ended.err) == (4, True)


async def test_a_person_without_a_workspace_or_with_several_is_told_so(shell: Shell, signed_out: str) -> None:
    made = await shell("users", "create", "sari@toko.example", "--name", "Sari", "--json")
    asked = ["login", "--email", "sari@toko.example", "--password-stdin"]
    password = str(made.told["password"])
    none = await shell(*asked, stdin=password)
    assert (none.code, "no workspace" in none.err) == (3, True)
    for name in ("Kios A", "Kios B"):
        await shell("workspaces", "create", name, "--owner", "sari@toko.example")
    unclear = await shell(*asked, stdin=password)
    assert (unclear.code, "Kios B" in unclear.err) == (2, True)
    wrong = await shell(*asked, "--workspace", "Kios C", stdin=password)
    assert (wrong.code, "no workspace “Kios C”" in wrong.err) == (3, True)
    assert (await shell(*asked, "--workspace", "kios b", stdin=password)).code == 0


async def test_a_file_that_others_can_read_is_not_used(shell: Shell, signed_out: str) -> None:
    await shell("login", "--key-stdin", stdin=shell.keys[0])
    credentials_path().chmod(0o644)
    ended = await shell("whoami")
    assert (ended.code, "chmod 600" in ended.err) == (4, True)


async def test_a_damaged_file_is_named(shell: Shell, signed_out: str) -> None:
    await shell("login", "--key-stdin", stdin=shell.keys[0])
    credentials_path().write_text("{")
    ended = await shell("whoami")
    assert (ended.code, "damaged" in ended.err) == (1, True)


async def test_the_key_of_a_login_goes_to_its_own_server_only(
    shell: Shell, signed_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shell("login", "--key-stdin", stdin=shell.keys[0])
    elsewhere = await shell("contacts", "list", "--server", "http://127.0.0.1:9")
    assert (elsewhere.code, "There is no key for http://127.0.0.1:9" in elsewhere.err) == (4, True)
    # A key given by hand without a server is for the installation on this machine, not for the login's.
    monkeypatch.delenv("BLAZZ_URL")
    monkeypatch.setenv("BLAZZ_PORT", "9")
    by_hand = await shell("contacts", "list", "--key", "blz_live_x")
    assert (by_hand.code, "http://127.0.0.1:9" in by_hand.err) == (75, True)


async def test_the_address_of_a_running_installation_is_found_in_its_data_folder(
    shell: Shell, served: str, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BLAZZ_URL")
    (runtime.settings.home / "web.address").write_text(served + "\n")
    assert (await shell("whoami", "--json")).told["server"] == served


async def test_a_key_may_come_from_a_file_named_in_the_environment(
    shell: Shell, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(shell.keys[0] + "\n")
    monkeypatch.delenv("BLAZZ_API_KEY")
    monkeypatch.setenv("BLAZZ_API_KEY_FILE", str(file))
    assert (await shell("whoami")).code == 0
    assert (await shell("users", "list")).code == 0
    file.write_text("")
    assert (await shell("whoami")).code == 2
    file.unlink()
    assert (await shell("whoami")).code == 2


async def test_a_key_that_may_read_nothing_still_tells_the_server(
    shell: Shell, served: str, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    narrow = await make_key(runtime, workspace, Permission.MESSAGES_SEND)
    told = await shell("whoami", "--key", narrow)
    assert (told.code, "may not read it" in told.out) == (0, True)
    assert (await shell("login", "--key-stdin", stdin=narrow)).code == 0
    refused = await shell("contacts", "list", "--key", narrow)
    assert (refused.code, "lacks the scope contacts:read" in refused.err) == (4, True)


@pytest.mark.parametrize("address", ["ftp://chat.example", "http://", "http://x:99999", "https://u:p@chat.example"])
async def test_an_address_that_is_none_is_refused(shell: Shell, served: str, address: str) -> None:
    ended = await shell("whoami", "--server", address)
    assert (ended.code, "is not the address of a server" in ended.err) == (2, True)


async def test_a_key_made_here_can_be_kept_at_once(shell: Shell, signed_out: str, workspace: WorkspaceFixture) -> None:
    made = await shell("keys", "create", "laptop", "--scope", "all", "--login")
    assert (made.code, made.out) == (0, "")
    assert (await shell("contacts", "list")).code == 0


async def test_an_open_connection_to_another_machine_is_warned_of(shell: Shell, served: str) -> None:
    from blazz.cli.connection import warn_if_open

    def warned(server: str) -> bool:
        import contextlib
        import io

        with contextlib.redirect_stderr(io.StringIO()) as said:
            warn_if_open(server)
        return "unencrypted" in said.getvalue()

    assert warned("http://chat.example.com")
    assert not warned("https://chat.example.com")
    assert not warned("http://127.0.0.1:8080")
    assert not warned("http://localhost:8080")


def test_a_client_never_shows_its_key() -> None:
    assert "secret" not in repr(ApiClient(server="http://x", key="secret", cookie="secret", csrf_token="secret"))
