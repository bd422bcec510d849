"""``blazz migrate``: bring the database schema to this version."""

import asyncio

from cyclopts import App

app = App(name="migrate")


@app.default
def migrate(*, dry_run: bool = False) -> None:
    """Apply the migrations that are missing; safe to repeat and safe on several machines at once.

    Parameters
    ----------
    dry_run
        Only list what would be applied.

    """
    from blazz.kernel.config import load_settings
    from blazz.kernel.logs import configure_logs
    from blazz.main.local_database import owner_url
    from blazz.migrations import migrate as apply
    from blazz.migrations import schema_state

    settings = load_settings()
    configure_logs("migrate", level=settings.log_level)
    with owner_url(settings) as url:
        missing = list(asyncio.run(schema_state(url)).missing) if dry_run else asyncio.run(apply(url, settings.key))
    for name in missing:
        print(f"{'would apply' if dry_run else 'applied'} {name}")
    if not missing:
        print("The schema is up to date.")
