"""Turns what a person or a client asked for into content that may be sent, or into problems that name every place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from blazz.domains.channels.content import (
    BodyComponent,
    ButtonComponent,
    CarouselComponent,
    Content,
    ContentFormatError,
    ContentProblem,
    HeaderComponent,
    LimitedTimeOfferComponent,
    LocationParameter,
    MediaParameter,
    ProductParameter,
    TemplateComponent,
    TemplateDefinition,
    TemplateMessage,
    TemplateValue,
    TemplateValuesRefused,
    build_template_message,
    from_json,
    parameter_from_json,
    render_template,
    template_variables,
    validate,
)
from blazz.domains.inbox.errors import ContentRefused, ValuesMissing, ValuesRefused
from blazz.domains.inbox.outgoing_text import kind_of_content, words_of, words_of_template
from blazz.domains.templates import (
    Template,
    TemplateNotFound,
    get_template,
    get_template_by_name,
    require_sendable,
)
from blazz.kernel.actor import Actor, Permission
from blazz.kernel.db import WorkspaceTx
from blazz.kernel.errors import FieldProblem, Message

TEXT_FIELD = "/text"
_MARKETING = "MARKETING"
_AUTHENTICATION = "AUTHENTICATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateWish:
    """A template to fill: by id, or by name and language; ``values`` are plain JSON as they were submitted."""

    values: Mapping[str, object]
    template_id: UUID | None = None
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """Content that keeps every limit, with the words people read of it."""

    content: Content
    kind: str
    body: str
    category: str | None = None

    @property
    def is_marketing(self) -> bool:
        """Tell whether a person who opted out must not get it."""
        return self.category == _MARKETING

    @property
    def needs_phone(self) -> bool:
        """Tell whether a user id is not enough to send it to."""
        return self.category == _AUTHENTICATION

    @property
    def is_template(self) -> bool:
        """Tell whether it may be sent outside the service window."""
        return isinstance(self.content, TemplateMessage)


async def compose(
    tx: WorkspaceTx, account_id: UUID, wish: TemplateWish | object, *, pointer: str = "/content"
) -> Composed:
    """Read and check content in its JSON form, or fill a template of the account.

    Raises:
        ContentRefused: the form or a limit is broken; each place is named.
        TemplateNotFound, TemplateNotApproved: the account has no such template, or it may not be sent.
        ValuesMissing, ValuesRefused: the values do not fit the template.

    """
    if isinstance(wish, TemplateWish):
        template = await _template(tx, account_id, wish)
        values = _read_values(wish.values, "/template/values")
        return _filled(template, values, "/template")
    try:
        content = from_json(wish)
    except ContentFormatError as error:
        raise ContentRefused(as_fields([error.problem], pointer)) from None
    problems = validate(content)
    if problems:
        raise ContentRefused(as_fields(problems, pointer))
    if not isinstance(content, TemplateMessage):
        return Composed(content=content, kind=kind_of_content(content), body=words_of(content))
    named = TemplateWish(name=content.name, language=content.language, values={})
    template = await _template(tx, account_id, named)
    filled = _filled(template, _values_of(template.definition, content.components), pointer)
    # What was submitted is what goes out: it may name the marketing door, which filling knows nothing about.
    return Composed(content=content, kind=filled.kind, body=filled.body, category=filled.category)


def as_fields(problems: Sequence[ContentProblem], prefix: str) -> tuple[FieldProblem, ...]:
    """Put the problems of content into the form of answers, below the field that held it."""
    # A text of its own is one field; there is nothing below it.
    return tuple(
        FieldProblem(
            pointer=prefix if prefix == TEXT_FIELD else prefix + item.pointer,
            code=item.code,
            message=Message(en=item.en, id=item.id),
            data=item.data,
        )
        for item in problems
    )


async def _template(tx: WorkspaceTx, account_id: UUID, wish: TemplateWish) -> Template:
    actor = Actor.system(tx.workspace_id, "sending a template", Permission.TEMPLATES_READ)
    if wish.template_id is None:
        template = await get_template_by_name(tx, actor, account_id, wish.name, wish.language)
    else:
        template = await get_template(tx, actor, wish.template_id)
        if template.account_id != account_id:
            # A template belongs to one account; to the numbers of another it does not exist.
            raise TemplateNotFound
    require_sendable(template)
    return template


def _filled(template: Template, values: Mapping[str, TemplateValue], pointer: str) -> Composed:
    definition = template.definition
    try:
        content = build_template_message(definition, values)
        words = words_of_template(render_template(definition, values))
    except TemplateValuesRefused as error:
        problems = as_fields(error.problems, pointer)
        missing = any(item.code == "variable_missing" for item in problems)
        raise (ValuesMissing if missing else ValuesRefused)(problems) from None
    return Composed(content=content, kind="template", body=words, category=template.category.upper())


def _read_values(values: Mapping[str, object], pointer: str) -> dict[str, TemplateValue]:
    found: dict[str, TemplateValue] = {}
    problems: list[ContentProblem] = []
    for key, value in values.items():
        try:
            found[key] = parameter_from_json(value, f"/{key}")
        except ContentFormatError as error:
            problems.append(error.problem)
    if problems:
        raise ValuesRefused(as_fields(problems, pointer))
    return found


def _values_of(definition: TemplateDefinition, components: Sequence[TemplateComponent]) -> dict[str, TemplateValue]:
    """Read the values back out of submitted components, so that they are held against the template's variables."""
    known = {variable.key for variable in template_variables(definition)}
    values = dict(_pairs(components, ""))
    if definition.category.upper() == _AUTHENTICATION:
        # The code is one value; the button only repeats it.
        values = {key: value for key, value in values.items() if key in known}
    return values


def _pairs(components: Sequence[TemplateComponent], prefix: str) -> list[tuple[str, TemplateValue]]:
    pairs: list[tuple[str, TemplateValue]] = []
    for component in components:
        match component:
            case HeaderComponent():
                pairs.append((prefix + _header_key(component), component.parameter))
            case BodyComponent():
                pairs += [
                    (f"{prefix}body.{parameter.name or number}", parameter)
                    for number, parameter in enumerate(component.parameters, 1)
                ]
            case ButtonComponent():
                pairs.append((f"{prefix}button.{component.index}", component.parameter))
            case LimitedTimeOfferComponent():
                pairs.append(("offer.expires_at", str(component.expiration_time_ms)))
            case CarouselComponent():
                for card in component.cards:
                    pairs += _pairs(card.components, f"card.{card.card_index}.")
    return pairs


def _header_key(component: HeaderComponent) -> str:
    match component.parameter:
        case MediaParameter():
            return "header.media"
        case LocationParameter():
            return "header.location"
        case ProductParameter():
            return "header.product"
        case parameter:
            return f"header.{parameter.name or 1}"
