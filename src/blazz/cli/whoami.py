"""``blazz whoami``: which server, workspace and key a command would use."""

from datetime import datetime

import msgspec

from blazz.cli.api_client import ApiClient, read
from blazz.cli.connection import DEFAULT_API, Api, connect
from blazz.cli.output import give, make_group, when
from blazz.cli.parsing import scopes_in_words
from blazz.cli.problems import ServerRefused
from blazz.cli.tables import print_details

app = make_group("whoami")
_HINT_LENGTH = 13


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as lists show it."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@app.default
def whoami(*, api: Api = DEFAULT_API) -> None:
    """Show the server, the workspace and, as far as it may be known, the key that commands use."""
    client = connect(api)
    workspace = _try(client, "/workspaces/current")
    shown = workspace if isinstance(workspace, dict) else {}
    key = _own_key(client)

    def show() -> None:
        print_details(
            [
                ("server", client.server),
                ("workspace", shown.get("name", "this key may not read it")),
                ("workspace id", shown.get("id")),
                ("time zone", shown.get("timezone")),
                ("plan", shown.get("plan")),
                ("key", key and f"{key.id} ({key.name})"),
                ("scopes", key and scopes_in_words(key.scopes)),
                ("expires", key and (when(key.expires_at) or "never")),
            ]
        )

    about = {"server": client.server, "workspace": workspace, "key": None if key is None else msgspec.to_builtins(key)}
    give(about, show, as_json=api.as_json)


def _own_key(client: ApiClient) -> Key | None:
    found = _try(client, "/keys")
    keys = [] if found is None else read(found, list[Key])
    # A list shows how keys begin, which tells ours from the others nearly always; when in doubt nothing is said.
    fitting = [key for key in keys if key.revoked_at is None and client.key[:_HINT_LENGTH] == key.hint]
    return fitting[0] if len(fitting) == 1 else None


def _try(client: ApiClient, path: str) -> object:
    try:
        return client.get(path)
    except ServerRefused as refused:
        if refused.status == 403:
            return None
        raise
