"""``blazz config``: what the settings are, where they came from, and whether they are right."""

import json
from typing import Literal

from cyclopts import App

app = App(name="config", help="Show or check the settings.")


@app.command
def show(*, output: Literal["text", "json"] = "text") -> None:
    """Print every setting with its value and source; secrets are masked.

    Parameters
    ----------
    output
        Format of the answer.

    """
    from blazz.kernel.config import describe_settings, load_settings

    rows = describe_settings(load_settings())
    if output == "json":
        print(json.dumps([{"name": row.name, "value": row.value, "source": row.source} for row in rows], indent=2))
        return
    name_width, source_width = (max(len(getattr(row, field)) for row in rows) for field in ("name", "source"))
    for row in rows:
        print(f"{row.name:<{name_width}}  {row.source:<{source_width}}  {row.value}")


@app.command
def check() -> None:
    """Check every setting and report all problems at once; exit code 1 when there are any."""
    from blazz.kernel.config import load_settings

    settings = load_settings()
    print(f"The configuration is valid ({settings.environment}, data folder {settings.home}).")
