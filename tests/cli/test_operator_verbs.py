"""Users, workspaces and keys are made on the database itself, also while the web process is down."""

import pytest

from blazz.domains.identity import sign_in
from blazz.kernel.actor import Permission
from blazz.kernel.runtime import Runtime
from tests.cli.conftest import Shell
from tests.conftest import WorkspaceFixture, on_database, run_as_owner
from tests.factories import make_key


async def may_sign_in(runtime: Runtime, email: str, password: str) -> bool:
    """Try a password."""
    from blazz.domains.identity import SignInFailed

    try:
        async with runtime.database.system() as tx:
            await sign_in(tx, email=email, password=password)
    except SignInFailed:
        return False
    return True


async def test_a_new_user_gets_a_strong_password_that_works_and_is_shown_once(shell: Shell, runtime: Runtime) -> None:
    made = await shell("users", "create", "Sari@Toko.example", "--name", "Sari", "--json")
    assert made.code == 0
    password = str(made.told["password"])
    assert len(password) >= 25
    assert await may_sign_in(runtime, "sari@toko.example", password)
    listed = await shell("users", "list", "--json")
    assert [user["email"] for user in listed.items] == ["sari@toko.example"]
    assert password not in listed.out
    shown = await shell("users", "list")
    assert "sari@toko.example" in shown.out


async def test_two_new_users_never_get_the_same_password(shell: Shell) -> None:
    first = await shell("users", "create", "a@toko.example", "--name", "A", "--json")
    second = await shell("users", "create", "b@toko.example", "--name", "B", "--json")
    assert first.told["password"] != second.told["password"]


async def test_a_password_of_ones_own_comes_by_stdin_and_is_not_repeated(shell: Shell, runtime: Runtime) -> None:
    own = "empat kuda lari pagi"
    made = await shell(
        "users", "create", "sari@toko.example", "--name", "Sari", "--password-stdin", "--json", stdin=own + "\n"
    )
    assert made.code == 0
    assert "password" not in made.told
    assert own not in made.out + made.err
    assert await may_sign_in(runtime, "sari@toko.example", own)


@pytest.mark.parametrize(
    ("email", "name", "stdin", "said"),
    [
        ("nothing", "Sari", "", "/email"),
        ("sari@toko.example", "", "", "/name"),
        ("sari@toko.example", "Sari", "password\n", "/password"),
    ],
)
async def test_a_user_with_a_wrong_field_is_refused(shell: Shell, email: str, name: str, stdin: str, said: str) -> None:
    extra = ["--password-stdin"] if stdin else []
    ended = await shell("users", "create", email, "--name", name, *extra, stdin=stdin)
    assert (ended.code, said in ended.err) == (2, True)


async def test_an_email_is_taken_once(shell: Shell) -> None:
    await shell("users", "create", "sari@toko.example", "--name", "Sari")
    again = await shell("users", "create", "sari@toko.example", "--name", "Sari")
    assert (again.code, "already has an account" in again.err) == (2, True)


async def test_a_reset_password_replaces_the_old_one_and_ends_sessions(shell: Shell, runtime: Runtime) -> None:
    before = await shell("users", "create", "sari@toko.example", "--name", "Sari", "--json")
    after = await shell("users", "reset-password", "sari@toko.example", "--json")
    assert after.code == 0
    assert await may_sign_in(runtime, "sari@toko.example", str(after.told["password"]))
    assert not await may_sign_in(runtime, "sari@toko.example", str(before.told["password"]))
    unknown = await shell("users", "reset-password", "nobody@toko.example")
    assert (unknown.code, "nobody@toko.example" in unknown.err) == (3, True)


async def test_a_workspace_needs_an_owner_who_exists(shell: Shell) -> None:
    refused = await shell("workspaces", "create", "Toko Sinar", "--owner", "sari@toko.example")
    assert (refused.code, "Nobody has the e-mail" in refused.err) == (3, True)
    await shell("users", "create", "sari@toko.example", "--name", "Sari")
    made = await shell("workspaces", "create", "Toko Sinar", "--owner", "sari@toko.example", "--json")
    assert made.code == 0
    assert made.told["owners"] == ["sari@toko.example"]
    listed = await shell("workspaces", "list", "--json")
    assert [one["name"] for one in listed.items] == ["Toko Sinar"]
    assert "Toko Sinar" in (await shell("workspaces", "list")).out


async def test_a_workspace_with_an_unknown_time_zone_is_refused(shell: Shell) -> None:
    await shell("users", "create", "sari@toko.example", "--name", "Sari")
    ended = await shell(
        "workspaces", "create", "X", "--owner", "sari@toko.example", "--timezone", "Mars/Base", "--country", "Indonesia"
    )
    assert ended.code == 2
    assert "/timezone" in ended.err
    assert "/country" in ended.err


async def test_a_key_is_printed_alone_once_and_is_good_until_revoked(shell: Shell, workspace: WorkspaceFixture) -> None:
    made = await shell(
        "keys", "create", "laptop", "--scope", "contacts:read", "--scope", "campaigns", "--expires", "90d"
    )
    assert made.code == 0
    secret = made.out.strip()
    assert secret.startswith("blz_live_")
    assert "\n" not in secret
    assert secret not in made.err
    listed = await shell("keys", "list", "--json")
    [key] = listed.items
    assert secret not in listed.out
    assert key["scopes"] == ["campaigns:read", "campaigns:send", "campaigns:write", "contacts:read"]
    assert key["expires_at"] is not None
    refused = await shell("keys", "revoke", key["id"])
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert (await shell("keys", "revoke", key["id"], "--yes")).code == 0
    again = await shell("keys", "revoke", key["id"], "--yes")
    assert (again.code, "still in force" in again.err) == (3, True)
    assert (await shell("keys", "list", "--json")).items[0]["state"] == "revoked"


async def test_scopes_may_be_named_together(shell: Shell, workspace: WorkspaceFixture) -> None:
    await shell("keys", "create", "everything", "--scope", "all")
    await shell("keys", "create", "reader", "--scope", "read")
    reader, everything = (await shell("keys", "list", "--json")).items
    assert everything["scopes"] == sorted(item.value for item in Permission)
    assert reader["scopes"] == sorted(item.value for item in Permission if item.value.endswith(":read"))
    assert (await shell("keys", "list")).out.rstrip().endswith(" all")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scope", "everything"], "There is no scope “everything”"),
        (["--scope", "manage"], "There is no scope “manage”"),
        (["--scope", "all", "--expires", "soon"], "is no time"),
        (["--scope", "all", "--expires", "2001-01-01"], "has passed"),
    ],
)
async def test_a_key_with_a_wrong_option_is_refused(
    shell: Shell, workspace: WorkspaceFixture, arguments: list[str], said: str
) -> None:
    ended = await shell("keys", "create", "laptop", *arguments)
    assert (ended.code, said in ended.err, ended.out) == (2, True, "")


async def test_a_workspace_must_be_named_when_there_are_several(
    shell: Shell, workspace: WorkspaceFixture, other_workspace: WorkspaceFixture, runtime: Runtime
) -> None:
    unclear = await shell("keys", "list")
    assert (unclear.code, workspace.slug in unclear.err, other_workspace.slug in unclear.err) == (2, True, True)
    await make_key(runtime, workspace)
    assert len((await shell("keys", "list", "--workspace", workspace.slug, "--json")).items) == 1
    assert (await shell("keys", "list", "--workspace", "warung lain", "--json")).items == []
    unknown = await shell("keys", "list", "--workspace", "Toko Bulan")
    assert (unknown.code, "No workspace is called" in unknown.err) == (3, True)


async def test_operators_are_told_what_comes_next_on_an_empty_instance(shell: Shell) -> None:
    assert "blazz users create" in (await shell("users", "list")).err
    assert "blazz workspaces create" in (await shell("workspaces", "list")).err
    ended = await shell("keys", "create", "laptop", "--scope", "all")
    assert (ended.code, "There is no workspace yet" in ended.err) == (3, True)


async def test_something_that_is_no_key_id_is_not_found(shell: Shell, workspace: WorkspaceFixture) -> None:
    ended = await shell("keys", "revoke", "laptop", "--yes")
    assert (ended.code, "blazz keys list" in ended.err) == (3, True)


async def test_a_database_of_an_older_version_is_not_touched(shell: Shell, owner_url: str) -> None:
    await run_as_owner(
        owner_url, "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)"
    )
    ended = await shell("users", "list")
    assert (ended.code, "blazz migrate" in ended.err) == (5, True)


async def test_the_first_user_may_be_made_before_the_first_start(
    shell: Shell, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_as_owner(server_url, "CREATE DATABASE blazz_untouched")
    monkeypatch.setenv("BLAZZ_DATABASE_URL", on_database(server_url, "blazz_untouched"))
    ended = await shell("users", "create", "sari@toko.example", "--name", "Sari")
    await run_as_owner(server_url, "DROP DATABASE blazz_untouched WITH (FORCE)")
    assert ended.code == 0, ended.err
