"""Reads what people write in options."""

from collections.abc import Collection, Sequence

from blazz.cli.endings import USAGE, CommandRefused
from blazz.cli.views import TemplateView


def parse_pairs(pairs: Sequence[str], option: str) -> dict[str, str]:
    """Read values written as name=value.

    Raises:
        CommandRefused: one has no name or no equals sign.

    """
    found = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name.strip():
            raise CommandRefused(f"{option} “{pair}”: write it as name=value.", USAGE)
        found[name.strip()] = value
    return found


def parse_values(pairs: Sequence[str], template: TemplateView) -> dict[str, str]:
    """Read values of a template's variables, written as key=text; ``1`` and a bare name stand for the body's.

    Raises:
        CommandRefused: one is not written so, or the template has no such variable.

    """
    return {variable_key(name, template): value for name, value in parse_pairs(pairs, "--var").items()}


def variable_key(name: str, template: TemplateView) -> str:
    """Return the full key of a variable.

    Raises:
        CommandRefused: the template has none of the name; the text lists those it has.

    """
    keys = {variable.key for variable in template.variables}
    for key in (name, f"body.{name}"):
        if key in keys:
            return key
    fitting = [variable.key for variable in template.variables if variable.name == name]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(variable.key for variable in template.variables) or "none"
    raise CommandRefused(f"{template.name} has no variable “{name}”. It has: {known}.", USAGE)


def require_values(values: Collection[str], template: TemplateView, hint: str) -> None:
    """Refuse when a variable that a template needs has no value.

    Raises:
        CommandRefused: names every variable that is missing.

    """
    missing = [
        f"  {variable.key}" + (f", for example “{variable.example}”" if variable.example else "")
        for variable in template.variables
        if variable.required and variable.key not in values
    ]
    if missing:
        listed = "\n".join(missing)
        raise CommandRefused(f"{template.name} needs values that are missing; {hint}:\n{listed}", USAGE)


def scopes_in_words(scopes: Sequence[str]) -> str:
    """Write the scopes of a key, or that it has all of them."""
    from blazz.kernel.actor import Permission

    return "all" if len(scopes) == len(Permission) else ", ".join(scopes)
