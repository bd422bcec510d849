"""What a template must look like to be submitted, and what is wrong with one that is rejected."""

import re
from itertools import pairwise
from typing import Final

from blazz.adapters.providers.simulator.errors import GraphError, bad
from blazz.adapters.providers.simulator.values import Json, items, table

VARIABLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
CATEGORIES: Final = frozenset({"MARKETING", "UTILITY", "AUTHENTICATION"})
_NAME = re.compile(r"^[a-z0-9_]{1,512}$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(_[A-Z]{2})?$")
_FORMATS = frozenset({"TEXT", "IMAGE", "VIDEO", "GIF", "DOCUMENT", "LOCATION", "PRODUCT"})
_WITH_HANDLE = frozenset({"IMAGE", "VIDEO", "GIF", "DOCUMENT"})
_BUTTONS = frozenset(
    {
        "QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "FLOW", "OTP", "CATALOG", "MPM", "SPM", "VOICE_CALL", "APP",
        "CALL_PERMISSION_REQUEST", "REQUEST_CONTACT_INFO",
    }
)  # fmt: skip
_COMPONENTS = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS", "LIMITED_TIME_OFFER", "CAROUSEL"})
_MOST_OF_A_KIND = {"PHONE_NUMBER": 1, "URL": 2, "COPY_CODE": 1}
# Words in a template's name that make the simulated reviewer reject it.
REJECTIONS: Final = {
    "abusive": "ABUSIVE_CONTENT",
    "scam": "SCAM",
    "invalid": "INVALID_FORMAT",
    "promotional": "PROMOTIONAL",
    "incorrect_category": "INCORRECT_CATEGORY",
    "rejected": "TAG_CONTENT_MISMATCH",
}


def check_definition(body: Json) -> None:
    """Check what is submitted.

    Raises:
        GraphError: 100 a part is missing or not allowed, 2388040 and its neighbours for texts and variables.

    """
    for key in ("name", "language", "category", "components"):
        if not body.get(key):
            raise bad(f"{key} is required")
    if not _NAME.match(str(body["name"])):
        raise bad("name takes lower case letters, digits and underscores, up to 512")
    if not _LANGUAGE.match(str(body["language"])):
        raise bad("language takes a code such as id or en_US")
    if body["category"] not in CATEGORIES:
        raise bad("category must be MARKETING, UTILITY or AUTHENTICATION")
    if body.get("parameter_format", "POSITIONAL") not in {"POSITIONAL", "NAMED"}:
        raise bad("parameter_format must be POSITIONAL or NAMED")
    check_components(body)


def check_components(body: Json) -> None:
    """Check the components of a submission or an edit; ``category`` and ``parameter_format`` stand beside them."""
    named = body.get("parameter_format") == "NAMED"
    authentication = body.get("category") == "AUTHENTICATION"
    seen: list[str] = []
    for index, component in enumerate(items(body, "components", "components", most=10)):
        kind = str(component.get("type", "")).upper()
        if kind not in _COMPONENTS:
            raise bad(f"components[{index}].type {kind[:30]!r} is unknown")
        if kind in seen:
            raise bad(f"components[{index}]: a template has one {kind}")
        seen.append(kind)
        name = f"components[{index}]"
        if kind == "HEADER":
            _header(component, name)
        elif kind == "BODY" and not authentication:
            _body(component, name, named=named)
        elif kind == "FOOTER" and not authentication:
            _footer(component, name)
        elif kind == "BUTTONS":
            _buttons(component, name)
        elif kind == "CAROUSEL":
            items(component, "cards", f"{name}.cards", least=2, most=10)
    if "BODY" not in seen:
        raise bad("components must hold a BODY")


def _header(component: Json, name: str) -> None:
    shown = str(component.get("format", "")).upper()
    if shown not in _FORMATS:
        raise GraphError(2388047, f"{name}.format must be one of {', '.join(sorted(_FORMATS))}")
    example = table(component.get("example") or {}, f"{name}.example")
    if shown in _WITH_HANDLE and not example.get("header_handle"):
        raise bad(f"{name}.example.header_handle is required: upload a sample file first")
    if shown != "TEXT":
        return
    words = str(component.get("text") or "")
    if not 1 <= len(words) <= 60:
        raise GraphError(2388040, f"{name}.text takes 1 to 60 characters")
    found = VARIABLE.findall(words)
    if len(found) > 1 or "\n" in words:
        raise GraphError(2388047, f"{name}.text takes one variable at most and no line breaks")
    if found and not (example.get("header_text") or example.get("header_text_named_params")):
        raise bad(f"{name}.example.header_text is required for a header with a variable")


def _body(component: Json, name: str, *, named: bool) -> None:
    words = str(component.get("text") or "")
    if not 1 <= len(words) <= 1024:
        raise GraphError(2388040, f"{name}.text takes 1 to 1024 characters")
    found = list(dict.fromkeys(VARIABLE.findall(words)))
    if not found:
        return
    if words.strip().startswith("{{") or words.strip().endswith("}}") or re.search(r"\}\}\s*\{\{", words):
        raise GraphError(2388299, f"{name}.text may not begin or end with a variable, nor may two touch")
    if len(VARIABLE.sub("", words).split()) < 2 * len(found):
        raise GraphError(2388293, f"{name}.text has too many variables for its length")
    if not named and found != [str(place) for place in range(1, len(found) + 1)]:
        raise bad(f"{name}.text must number its variables 1, 2, 3 in order")
    example = table(component.get("example") or {}, f"{name}.example")
    key = "body_text_named_params" if named else "body_text"
    given = example.get(key)
    row = given[0] if isinstance(given, list) and given and not named else given
    if not isinstance(row, list) or len(row) != len(found):
        raise bad(f"{name}.example.{key} must give one example for each of the {len(found)} variables")


def _footer(component: Json, name: str) -> None:
    words = str(component.get("text") or "")
    if not 1 <= len(words) <= 60:
        raise GraphError(2388040, f"{name}.text takes 1 to 60 characters")
    if VARIABLE.search(words):
        raise GraphError(2388073, f"{name}.text takes no variables")


def _buttons(component: Json, name: str) -> None:
    kinds: list[str] = []
    for index, button in enumerate(items(component, "buttons", f"{name}.buttons", most=10)):
        kind = str(button.get("type", "")).upper()
        where = f"{name}.buttons[{index}]"
        if kind not in _BUTTONS:
            raise bad(f"{where}.type {kind[:30]!r} is unknown")
        kinds.append(kind)
        words = str(button.get("text") or "")
        if kind in {"QUICK_REPLY", "URL", "PHONE_NUMBER"} and not 1 <= len(words) <= 25:
            raise GraphError(2388040, f"{where}.text takes 1 to 25 characters")
        if kind == "URL":
            _url_button(button, where)
        if kind == "PHONE_NUMBER" and not 1 <= len(str(button.get("phone_number") or "")) <= 20:
            raise bad(f"{where}.phone_number takes 1 to 20 characters")
    for kind, most in _MOST_OF_A_KIND.items():
        if kinds.count(kind) > most:
            raise bad(f"{name}.buttons take {most} of type {kind}")
    replies = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(now != before for before, now in pairwise(replies)) > 1:
        raise bad(f"{name}.buttons must keep quick replies together")


def _url_button(button: Json, where: str) -> None:
    url = str(button.get("url") or "")
    if not url.startswith(("http://", "https://")) or len(url) > 2000:
        raise bad(f"{where}.url must be an address of up to 2000 characters")
    found = VARIABLE.findall(url)
    if found and (len(found) > 1 or not url.endswith("}}")):
        raise bad(f"{where}.url takes one variable, at its end")
    if found and not button.get("example"):
        raise bad(f"{where}.example is required for a url with a variable")


def rejection_of(name: str) -> str | None:
    """Return why the simulated reviewer rejects a template of that name; None when it is approved."""
    return next((reason for word, reason in REJECTIONS.items() if word in name), None)
