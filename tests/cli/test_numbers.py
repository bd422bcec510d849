"""Numbers are connected only after the provider has confirmed them, and are found by what people call them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from blazz.kernel.actor import Permission
from blazz.kernel.runtime import Runtime
from tests.cli.conftest import Shell
from tests.conftest import WorkspaceFixture
from tests.factories import make_key
from tests.support_processes import free_port, simulator, web

IDS = ("--phone-number-id", "200000000000001", "--business-account-id", "100000000000001")


@pytest.fixture
async def meta(
    shell: Shell,
    runtime: Runtime,
    workspace: WorkspaceFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[str]:
    """A server for which the simulator is Meta; gives the simulator's address."""
    key = await make_key(runtime, workspace)
    shell.keys.append(key)
    async with simulator(tmp_path / "simulator") as address:
        facing = replace(runtime, settings=runtime.settings.model_copy(update={"meta_base_url": address}))
        async with web(facing, free_port()) as served:
            monkeypatch.setenv("BLAZZ_URL", served)
            monkeypatch.setenv("BLAZZ_API_KEY", key)
            yield address


async def test_a_number_of_meta_is_verified_live_and_tells_its_webhook(shell: Shell, meta: str, tmp_path: Path) -> None:
    secret = tmp_path / "app-secret"
    secret.write_text("simulator-app-secret\n")
    ended = await shell(
        *("numbers", "add", "meta", *IDS, "--token-stdin", "--app-secret-file", secret, "--json"),
        stdin="simulator-token\n",
    )
    assert ended.code == 0, ended.err
    number, webhook = ended.told["number"], ended.told["webhook"]
    assert isinstance(number, dict)
    assert isinstance(webhook, dict)
    assert (number["phone"], number["status"], number["is_default"]) == ("+628111000001", "connected", True)
    assert "/webhooks/meta/acc_" in webhook["url"]
    assert len(webhook["verify_token"]) >= 20
    assert ended.told["templates"] == 3
    assert "simulator-token" not in ended.out + ended.err
    shown = await shell("numbers", "list")
    assert "+628111000001" in shown.out


async def test_a_wrong_token_is_refused_with_the_providers_reason_and_nothing_is_stored(
    shell: Shell, meta: str, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a-wrong-token")
    ended = await shell("numbers", "add", "meta", *IDS, "--token-file", token)
    assert (ended.code, "number_not_verified" in ended.err) == (5, True)
    assert "access token" in ended.err, ended.err
    assert "a-wrong-token" not in ended.err
    assert (await shell("numbers", "list", "--json")).items == []
    assert (await shell("templates", "list", "--json")).items == []


async def test_a_number_meta_does_not_know_is_refused(shell: Shell, meta: str) -> None:
    unknown = ("--phone-number-id", "299999999999999", "--business-account-id", "100000000000001")
    ended = await shell("numbers", "add", "meta", *unknown, "--token-stdin", stdin="simulator-token")
    assert (ended.code, "number_not_verified" in ended.err) == (5, True)


async def test_a_token_is_never_guessed(shell: Shell, meta: str) -> None:
    ended = await shell("numbers", "add", "meta", *IDS)
    assert (ended.code, "Access token is needed" in ended.err) == (2, True)


async def test_a_number_is_connected_once(shell: Shell, meta: str) -> None:
    arguments = ("numbers", "add", "meta", *IDS, "--token-stdin")
    first = await shell(*arguments, stdin="simulator-token")
    assert (first.code, "Without an app secret" in first.err, "verify token" in first.out) == (0, True, True)
    again = await shell(*arguments, stdin="simulator-token")
    assert (again.code, "number_taken" in again.err) == (5, True)


async def test_templates_that_may_not_be_read_do_not_undo_the_connection(
    shell: Shell, meta: str, runtime: Runtime, workspace: WorkspaceFixture
) -> None:
    key = await make_key(runtime, workspace, Permission.NUMBERS_MANAGE, Permission.NUMBERS_READ)
    ended = await shell("numbers", "add", "meta", *IDS, "--token-stdin", "--key", key, stdin="simulator-token")
    assert (ended.code, "blazz templates sync" in ended.err) == (0, True)


async def test_credentials_can_be_renewed_and_are_tried_at_once(shell: Shell, meta: str, tmp_path: Path) -> None:
    await shell("numbers", "add", "meta", *IDS, "--token-stdin", stdin="simulator-token")
    wrong = await shell("numbers", "renew", "+628111000001", "--token-stdin", stdin="another")
    assert (wrong.code, "number_not_verified" in wrong.err) == (5, True)
    right = await shell("numbers", "renew", "+628111000001", "--token-stdin", stdin="simulator-token")
    assert (right.code, "connected" in right.out) == (0, True)
    secret = tmp_path / "secret"
    secret.write_text("other")
    assert (await shell("numbers", "renew", "+628111000001", "--app-secret-file", secret)).code == 0
    nothing = await shell("numbers", "renew", "+628111000001")
    assert (nothing.code, "--token-file" in nothing.err) == (2, True)


async def test_a_simulator_is_connected_from_the_shell_of_the_server(
    shell: Shell, served: str, workspace: WorkspaceFixture, tmp_path: Path
) -> None:
    assert "blazz numbers add" in (await shell("numbers", "list")).err
    away = await shell("numbers", "add", "simulator", "--address", "http://127.0.0.1:9")
    assert (away.code, "No simulator answers" in away.err) == (75, True)
    async with simulator(tmp_path / "simulator") as address:
        token = tmp_path / "token"
        token.write_text("wrong")
        wrong = await shell("numbers", "add", "simulator", "--address", address, "--token-file", token)
        assert (wrong.code, "number_not_verified" in wrong.err) == (5, True)
        made = await shell("numbers", "add", "simulator", "--address", address, "--json")
        assert (made.code, made.told["templates"]) == (0, 3)
        again = await shell("numbers", "add", "simulator", "--address", address)
        assert (again.code, "number_taken" in again.err) == (5, True)
    [number] = (await shell("numbers", "list", "--json")).items
    assert (number["id"], number["is_test"], number["is_default"]) == (made.told["id"], True, True)


@pytest.mark.parametrize("named", ["+62 811-1000-001", "200000000000001"])
async def test_a_number_is_shown_by_what_people_call_it(shell: Shell, connected: str, named: str) -> None:
    ended = await shell("numbers", "show", named)
    assert (ended.code, connected in ended.out, "/webhooks/meta/" in ended.out) == (0, True, True)
    assert (await shell("numbers", "show", connected, "--json")).told["id"] == connected


async def test_an_unknown_number_is_not_found(shell: Shell, connected: str) -> None:
    ended = await shell("numbers", "show", "+62811999")
    assert (ended.code, "There are:" in ended.err, "+628111000001" in ended.err) == (3, True, True)
    assert (await shell("numbers", "show", "num_" + "0" * 26)).code == 3


async def test_settings_of_a_number_change(shell: Shell, connected: str) -> None:
    ended = await shell("numbers", "set", connected, "--name", "Toko", "--messages-per-second", "20", "--json")
    assert (ended.told["display_name"], ended.told["messages_per_second"]) == ("Toko", 20)
    nothing = await shell("numbers", "set", connected)
    assert nothing.code == 2
    wrong = await shell("numbers", "set", connected, "--messages-per-second", "0")
    assert (wrong.code, "/messages_per_second" in wrong.err) == (2, True)


async def test_a_disconnected_number_comes_back_with_a_check(shell: Shell, connected: str) -> None:
    assert (await shell("numbers", "disconnect", connected, "--json")).told["status"] == "disconnected"
    assert (await shell("numbers", "check", "--json")).told["status"] == "connected"


async def test_a_number_is_removed_only_on_purpose(shell: Shell, connected: str) -> None:
    asked = await shell("numbers", "remove", connected)
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert (await shell("numbers", "remove", connected, "--yes")).code == 0
    assert (await shell("numbers", "list", "--json")).items == []
    gone = await shell("numbers", "check")
    assert (gone.code, "no number yet" in gone.err) == (3, True)
