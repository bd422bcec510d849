"""Checks a template before it is submitted for review, so that refusals are known at once and not a day later."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from .definition import (
    TemplateDefinition,
    examples_of,
    find_variables,
    has_url_variable,
    is_one_time_code,
    kind_of,
    objects_of,
    text_of,
    variable_pattern,
)
from .interactive import JsonObject
from .problems import ContentProblem, check_length, problem
from .template_rules import LANGUAGE, NAME

_ANY_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORD = re.compile(r"\w+")
_FORMATS = frozenset({"TEXT", "IMAGE", "VIDEO", "GIF", "DOCUMENT", "LOCATION", "PRODUCT"})
_MEDIA_FORMATS = frozenset({"IMAGE", "VIDEO", "GIF", "DOCUMENT"})
_BUTTON_LIMITS = {"PHONE_NUMBER": 1, "URL": 2, "COPY_CODE": 1}
_SECONDS = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43200), "MARKETING": (43200, 2592000)}
_UNLABELLED = frozenset(
    {"COPY_CODE", "OTP", "CATALOG", "MPM", "SPM", "CALL_PERMISSION_REQUEST", "REQUEST_CONTACT_INFO"}
)


def lint_template(definition: TemplateDefinition, *, send_ttl_seconds: int | None = None) -> list[ContentProblem]:
    """List everything the provider would refuse at creation; pointers lead into ``components``."""
    found: list[ContentProblem] = []
    if not NAME.fullmatch(definition.name):
        found.append(problem("/name", "template_name"))
    if not LANGUAGE.fullmatch(definition.language):
        found.append(problem("/language", "language_code"))
    window = _SECONDS.get(definition.category)
    if window is None:
        found.append(problem("/category", "category"))
    elif send_ttl_seconds is not None and not window[0] <= send_ttl_seconds <= window[1]:
        found.append(problem("/message_send_ttl_seconds", "ttl_out_of_range", least=window[0], most=window[1]))
    kinds = [kind_of(component) for component in definition.components]
    if kinds.count("BODY") != 1:
        found.append(problem("/components", "body_missing"))
    for index, component in enumerate(definition.components):
        if kinds.index(kinds[index]) != index:
            found.append(problem(f"/components/{index}", "component_twice"))
        found.extend(_lint_component(definition, component, f"/components/{index}"))
    return found


def _lint_component(definition: TemplateDefinition, component: JsonObject, pointer: str) -> Iterator[ContentProblem]:
    match kind_of(component):
        case "HEADER":
            yield from _lint_header(definition, component, pointer)
        case "BODY":
            yield from _lint_body(definition, component, pointer)
        case "FOOTER" if is_one_time_code(definition):
            minutes = component.get("code_expiration_minutes")
            if minutes is not None and not (isinstance(minutes, int) and 1 <= minutes <= 90):
                yield problem(f"{pointer}/code_expiration_minutes", "number_out_of_range", least=1, most=90)
        case "FOOTER":
            yield from check_length(f"{pointer}/text", text_of(component.get("text")), 60)
            if _ANY_VARIABLE.search(text_of(component.get("text"))):
                yield problem(f"{pointer}/text", "variable_not_allowed")
        case "BUTTONS":
            yield from _lint_buttons(definition, objects_of(component.get("buttons")), f"{pointer}/buttons")
        case "LIMITED_TIME_OFFER":
            offer = component.get("limited_time_offer")
            text = text_of(offer.get("text")) if isinstance(offer, dict) else ""
            yield from check_length(f"{pointer}/limited_time_offer/text", text, 16)
        case "CAROUSEL":
            yield from _lint_carousel(definition, objects_of(component.get("cards")), f"{pointer}/cards")
        case _:
            # A component this release does not know is the provider's to judge.
            return


def _lint_header(definition: TemplateDefinition, header: JsonObject, pointer: str) -> Iterator[ContentProblem]:
    form = text_of(header.get("format")).upper()
    if form not in _FORMATS:
        yield problem(f"{pointer}/format", "header_format")
    if form in _MEDIA_FORMATS:
        example = header.get("example")
        handles = example.get("header_handle") if isinstance(example, dict) else None
        if not (isinstance(handles, list) and handles):
            yield problem(f"{pointer}/example", "example_missing")
    if form != "TEXT":
        return
    text = text_of(header.get("text"))
    yield from check_length(f"{pointer}/text", text, 60)
    yield from _lint_variables(definition, text, f"{pointer}/text")
    names = find_variables(definition, text)
    if len(names) > 1:
        yield problem(f"{pointer}/text", "one_variable_only")
    if names and not _has_examples(header, "header_text", names):
        yield problem(f"{pointer}/example", "example_missing")


def _lint_body(definition: TemplateDefinition, body: JsonObject, pointer: str) -> Iterator[ContentProblem]:
    text = text_of(body.get("text"))
    if is_one_time_code(definition) and not text:
        return
    yield from check_length(f"{pointer}/text", text, 1024)
    yield from _lint_variables(definition, text, f"{pointer}/text")
    if is_one_time_code(definition):
        # The provider words authentication bodies itself, and its wording may begin with the code.
        return
    names = find_variables(definition, text)
    pattern = variable_pattern(definition)
    bare = text.strip()
    if names and (pattern.match(bare) or re.search(f"{pattern.pattern}$", bare)):
        yield problem(f"{pointer}/text", "variable_at_edge")
    if re.search(rf"{pattern.pattern}\s*{pattern.pattern}", text):
        yield problem(f"{pointer}/text", "variables_adjacent")
    words = len(_WORD.findall(pattern.sub(" ", text)))
    if words < 2 * len(names) + 1:
        yield problem(f"{pointer}/text", "too_many_variables")
    if names and not _has_examples(body, "body_text", names):
        yield problem(f"{pointer}/example", "example_missing")


def _lint_variables(definition: TemplateDefinition, text: str, pointer: str) -> Iterator[ContentProblem]:
    written = _ANY_VARIABLE.findall(text)
    numbered = [name for name in written if name.isascii() and name.isdigit()]
    if numbered and len(numbered) != len(written):
        yield problem(pointer, "variables_mixed")
    elif definition.parameter_format == "NAMED":
        if numbered:
            yield problem(pointer, "variables_mixed")
        if any(not _VARIABLE_NAME.fullmatch(name) for name in written if name not in numbered):
            yield problem(pointer, "variable_name")
    elif len(numbered) != len(written):
        yield problem(pointer, "variables_mixed")
    elif sorted({int(name) for name in numbered}) != list(range(1, len({int(name) for name in numbered}) + 1)):
        yield problem(pointer, "variables_not_in_order")


def _has_examples(component: JsonObject, field: str, names: tuple[str, ...]) -> bool:
    examples = examples_of(component, field)
    by_position = all(examples.get(str(number)) for number in range(1, len(names) + 1))
    return by_position or all(examples.get(name) for name in names)


def _lint_buttons(
    definition: TemplateDefinition, buttons: tuple[JsonObject, ...], pointer: str
) -> Iterator[ContentProblem]:
    if not 1 <= len(buttons) <= 10:
        yield problem(pointer, "count_out_of_range", least=1, most=10)
    kinds = [kind_of(button) for button in buttons]
    for kind, count in Counter(kinds).items():
        if count > _BUTTON_LIMITS.get(kind, 10):
            yield problem(pointer, "button_limit", limit=_BUTTON_LIMITS.get(kind, 10))
    # Groups of quick replies and others: more than one change from one to the other means they are mixed.
    replies = [kind == "QUICK_REPLY" for kind in kinds]
    if sum(first != second for first, second in pairwise(replies)) > 1:
        yield problem(pointer, "quick_replies_interleaved")
    labels: set[str] = set()
    for index, button in enumerate(buttons):
        yield from _lint_button(definition, button, kinds[index], f"{pointer}/{index}")
        label = text_of(button.get("text"))
        if label and label in labels:
            yield problem(f"{pointer}/{index}/text", "not_unique")
        labels.add(label)


def _lint_button(
    definition: TemplateDefinition, button: JsonObject, kind: str, pointer: str
) -> Iterator[ContentProblem]:
    label = text_of(button.get("text"))
    if label or kind not in _UNLABELLED:
        yield from check_length(f"{pointer}/text", label, 25)
    if _ANY_VARIABLE.search(label):
        yield problem(f"{pointer}/text", "variable_not_allowed")
    if kind == "URL":
        url = text_of(button.get("url"))
        yield from check_length(f"{pointer}/url", url, 2000)
        if not url.startswith(("https://", "http://")):
            yield problem(f"{pointer}/url", "link_not_web")
        if has_url_variable(definition, button):
            if not url.rstrip().endswith("}}") or len(_ANY_VARIABLE.findall(url)) > 1:
                yield problem(f"{pointer}/url", "url_variable_not_last")
            if not button.get("example"):
                yield problem(f"{pointer}/example", "example_missing")
    elif kind == "PHONE_NUMBER":
        yield from check_length(f"{pointer}/phone_number", text_of(button.get("phone_number")), 20)
    elif kind == "COPY_CODE":
        example = button.get("example")
        code = example[0] if isinstance(example, list) and example else example
        if not text_of(code):
            yield problem(f"{pointer}/example", "example_missing")
        else:
            yield from check_length(f"{pointer}/example", text_of(code), 15)


def _lint_carousel(
    definition: TemplateDefinition, cards: tuple[JsonObject, ...], pointer: str
) -> Iterator[ContentProblem]:
    if not 2 <= len(cards) <= 10:
        yield problem(pointer, "count_out_of_range", least=2, most=10)
    forms = set()
    for index, card in enumerate(cards):
        components = objects_of(card.get("components"))
        buttons = [
            kind_of(button)
            for component in components
            if kind_of(component) == "BUTTONS"
            for button in objects_of(component.get("buttons"))
        ]
        shape = tuple((kind_of(part), text_of(part.get("format")).upper()) for part in components)
        forms.add((shape, tuple(buttons)))
        for number, component in enumerate(components):
            yield from _lint_component(definition, component, f"{pointer}/{index}/components/{number}")
    if len(forms) > 1:
        yield problem(pointer, "cards_differ")
