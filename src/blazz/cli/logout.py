"""``blazz logout``: forget a key, and revoke it when signing in made it."""

from blazz.cli.api_client import ApiClient, segment
from blazz.cli.connection import DEFAULT_API, Api, local_address, normalise_address
from blazz.cli.credentials import read_credentials, without_login, write_credentials
from blazz.cli.endings import NOT_FOUND, CommandRefused
from blazz.cli.output import give, make_group, say

app = make_group("logout")


@app.default
def logout(*, api: Api = DEFAULT_API) -> None:
    """Forget the key of a server. A key that `blazz login` or `blazz keys create --login` made is revoked as well."""
    credentials = read_credentials()
    server = normalise_address(api.server) if api.server else credentials.current or local_address()
    login = credentials.servers.get(server)
    if login is None:
        raise CommandRefused(f"There is no login for {server}.", NOT_FOUND)
    is_revoked = False
    if login.key_id is not None:
        try:
            ApiClient(server=server, key=login.key).delete(f"/keys/{segment(login.key_id)}")
            is_revoked = True
        except CommandRefused as refused:
            say(f"blazz: the key could not be revoked and is only forgotten here. {refused}")
    write_credentials(without_login(credentials, server))
    done = f"Signed out of {server}{'; the key is revoked' if is_revoked else ''}."
    give({"server": server, "revoked": is_revoked}, lambda: say(done), as_json=api.as_json)
