"""The checks a template send goes through, and the quick replies its receiver can press."""

import re
from collections.abc import Iterator

from blazz.adapters.providers.simulator.errors import GraphError
from blazz.adapters.providers.simulator.interactive import Button
from blazz.adapters.providers.simulator.template_rules import VARIABLE
from blazz.adapters.providers.simulator.templates import SimulatedTemplate, TemplateBook
from blazz.adapters.providers.simulator.values import Json

_UNSENDABLE = re.compile(r"[\n\r\t]| {5}")
_LONGEST = {"HEADER": 60, "BODY": 1024}
_MEDIA = frozenset({"IMAGE", "VIDEO", "DOCUMENT", "GIF"})
_BUTTON_PARAMETERS = {"URL": "text", "QUICK_REPLY": "payload", "COPY_CODE": "coupon_code", "OTP": "text"}


def check_template_send(book: TemplateBook, send: Json) -> SimulatedTemplate:
    """Check a template send and return the template.

    Raises:
        GraphError: 132001 no such approved template, 132015 paused, 132016 disabled, 132000 wrong count, 132012 wrong
            format, 132005 too long once filled in.

    """
    language = send.get("language")
    code = str(language.get("code")) if isinstance(language, dict) else ""
    held = book.by_key.get((str(send.get("name")), code))
    if held is not None and held.status == "PAUSED":
        raise GraphError(132015, "the template is paused for low quality")
    if held is not None and held.status == "DISABLED":
        raise GraphError(132016, "the template was paused too often and is disabled for good")
    if held is None or held.status not in {"APPROVED", "FLAGGED"}:
        raise GraphError(132001, f"template name ({send.get('name')}) does not exist in {code}")
    for component in _components(held.definition):
        kind = str(component.get("type", "")).upper()
        if kind == "HEADER" and str(component.get("format", "")).upper() in _MEDIA | {"LOCATION"}:
            _header_file(component, send)
        elif kind in _LONGEST:
            _text_component(held, component, kind, send)
        if kind == "BUTTONS":
            _button_parameters(component, send)
    return held


def quick_replies(template: SimulatedTemplate, send: Json) -> tuple[Button, ...]:
    """Find what the receiver can press; the payload is the one sent along, or else the button's words."""
    found: list[Button] = []
    for component in _components(template.definition):
        if str(component.get("type", "")).upper() == "BUTTONS":
            for index, button in _listed(component, "buttons"):
                if str(button.get("type", "")).upper() == "QUICK_REPLY":
                    given = next(iter(_given(send, "button", index)), {})
                    words = str(button.get("text"))
                    found.append(("button", str(given.get("payload") or words), words))
    return tuple(found)


def _components(definition: Json) -> Iterator[Json]:
    return (component for _, component in _listed(definition, "components"))


def _listed(holder: Json, key: str) -> Iterator[tuple[int, Json]]:
    found = holder.get(key)
    return ((index, one) for index, one in enumerate(found if isinstance(found, list) else ()) if isinstance(one, dict))


def _given(send: Json, kind: str, index: int | None = None) -> list[Json]:
    """Find the parameters sent for a component, or for the button at ``index``."""
    for component in _components(send):
        if str(component.get("type", "")).lower() != kind:
            continue
        if index is None or str(component.get("index", "")) == str(index):
            return [parameter for _, parameter in _listed(component, "parameters")]
    return []


def _text_component(held: SimulatedTemplate, component: Json, kind: str, send: Json) -> None:
    words = str(component.get("text") or "")
    wanted = list(dict.fromkeys(VARIABLE.findall(words)))
    given = _given(send, kind.lower())
    if held.category == "AUTHENTICATION" and kind == "BODY" and not words:
        wanted = ["1"]
    place = kind.lower()
    if len(given) != len(wanted):
        details = f"{place}: number of localizable_params ({len(given)}) does not match the expected number of params ({len(wanted)})"
        raise GraphError(132000, details)
    named = held.definition.get("parameter_format") == "NAMED"
    if named and {str(one.get("parameter_name")) for one in given} != set(wanted):
        raise GraphError(100, f"{place}: parameter_name must name each of {', '.join(wanted)} once")
    filled = len(VARIABLE.sub("", words))
    for one in given:
        filled += len(_value(one, place))
    if filled > _LONGEST[kind]:
        raise GraphError(132005, f"{place}: {filled} characters once filled in, {_LONGEST[kind]} are allowed")


def _value(parameter: Json, place: str) -> str:
    kind = parameter.get("type")
    if kind == "text":
        words = str(parameter.get("text") or "")
    elif kind in {"currency", "date_time"}:
        inside = parameter.get(str(kind))
        words = str(inside.get("fallback_value") or "") if isinstance(inside, dict) else ""
    else:
        raise GraphError(132012, f"{place}: a parameter of type {str(kind)[:30]!r} does not fit here")
    if not words or _UNSENDABLE.search(words):
        details = f"{place}: text may not be empty nor hold line breaks, tabs or more than four spaces in a row"
        raise GraphError(132012, details)
    return words


def _header_file(component: Json, send: Json) -> None:
    shown = str(component["format"]).lower()
    given = _given(send, "header")
    if len(given) != 1:
        raise GraphError(132000, f"header: number of params ({len(given)}) does not match the expected number (1)")
    if given[0].get("type") != shown:
        raise GraphError(132012, f"header: format mismatch, expected {shown.upper()}, received {given[0].get('type')}")
    file = given[0].get(shown)
    if not isinstance(file, dict) or (shown != "location" and not (file.get("id") or file.get("link"))):
        raise GraphError(132012, f"header: {shown} needs an id or a link")


def _button_parameters(component: Json, send: Json) -> None:
    for index, button in _listed(component, "buttons"):
        kind = str(button.get("type", "")).upper()
        given = _given(send, "button", index)
        needed = kind in {"COPY_CODE", "OTP"} or (kind == "URL" and bool(VARIABLE.search(str(button.get("url", "")))))
        if needed and not given:
            raise GraphError(132000, f"button at index {index} of type {kind.lower()} requires a parameter")
        if given and kind == "URL" and not needed:
            raise GraphError(132000, f"button at index {index} takes no parameter")
        expected = _BUTTON_PARAMETERS.get(kind)
        if given and expected is not None and not given[0].get(expected):
            raise GraphError(132012, f"button at index {index} needs a parameter with {expected}")
