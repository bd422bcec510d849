"""Reads loosely typed JSON the way the Graph API refuses it: by name, with the code for what is wrong."""

from blazz.adapters.providers.simulator.errors import missing, wrong

Json = dict[str, object]


def table(value: object, name: str) -> Json:
    """Take a JSON object; raises GraphError 131008 when it is absent and 131009 when it is something else."""
    if value is None:
        raise missing(f"{name} is required")
    if not isinstance(value, dict):
        raise wrong(f"{name} must be an object")
    return value


def pointed(holder: Json, key: str, name: str) -> Json:
    """Take an object out of an object."""
    return table(holder.get(key), name)


def items(holder: Json, key: str, name: str, *, least: int = 1, most: int) -> list[Json]:
    """Take a list of objects of an allowed length."""
    found = holder.get(key)
    if not isinstance(found, list):
        raise missing(f"{name} is required")
    if not least <= len(found) <= most:
        raise wrong(f"{name} takes {least} to {most} entries, got {len(found)}")
    return [table(one, f"{name}[{index}]") for index, one in enumerate(found)]


def text(holder: Json, key: str, name: str) -> str:
    """Take words that must be there."""
    found = holder.get(key)
    if found is None or found == "":
        raise missing(f"{name} is required")
    if not isinstance(found, str):
        raise wrong(f"{name} must be a string")
    return found


def length(holder: Json, key: str, most: int, name: str) -> str:
    """Take words that must be there and are not too long."""
    found = text(holder, key, name)
    if len(found) > most:
        raise wrong(f"{name} takes up to {most} characters, got {len(found)}")
    return found


def optional(holder: Json, key: str, most: int, name: str) -> str:
    """Take words that may be absent; empty then."""
    return length(holder, key, most, name) if holder.get(key) is not None else ""
