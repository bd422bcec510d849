"""Checks the values given for a template and turns them into the components of a message."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias, assert_never

from .definition import (
    TemplateDefinition,
    TemplateVariable,
    component_of,
    has_url_variable,
    is_one_time_code,
    kind_of,
    objects_of,
    template_variables,
)
from .messages import MediaKind
from .problems import ContentProblem, problem
from .template_rules import sanitise_parameter
from .templates import (
    BodyComponent,
    BodyParameter,
    ButtonComponent,
    ButtonKind,
    ButtonParameter,
    CarouselComponent,
    CatalogParameter,
    CouponParameter,
    CurrencyParameter,
    DateTimeParameter,
    FlowParameter,
    HeaderComponent,
    HeaderParameter,
    LimitedTimeOfferComponent,
    LocationParameter,
    MediaParameter,
    PayloadParameter,
    ProductParameter,
    ProductsParameter,
    TemplateCard,
    TemplateComponent,
    TextParameter,
)

TemplateValue: TypeAlias = str | HeaderParameter | BodyParameter | ButtonParameter

_PARTS: dict[str, tuple[type, ...]] = {
    "text": (str, TextParameter, CurrencyParameter, DateTimeParameter),
    "image": (str, MediaParameter),
    "video": (str, MediaParameter),
    "document": (str, MediaParameter),
    "gif": (str, MediaParameter),
    "location": (LocationParameter,),
    "product": (ProductParameter,),
    "url_suffix": (str, TextParameter),
    "payload": (str, PayloadParameter),
    "coupon_code": (str, CouponParameter),
    "flow": (str, FlowParameter),
    "catalog": (str, CatalogParameter),
    "products": (ProductsParameter,),
    "expiration": (str,),
}


class TemplateValuesRefused(ValueError):
    """The values given do not fit the template; ``problems`` names each one."""

    def __init__(self, problems: Sequence[ContentProblem]) -> None:
        """Keep the problems."""
        super().__init__("; ".join(f"{item.pointer}: {item.en}" for item in problems))
        self.problems = tuple(problems)


def check_values(definition: TemplateDefinition, values: Mapping[str, TemplateValue]) -> None:
    """Raise TemplateValuesRefused unless every required variable has a fit value and no value is left over."""
    variables = {variable.key: variable for variable in template_variables(definition)}
    problems: list[ContentProblem] = []
    for key, variable in variables.items():
        value = values.get(key)
        if value is None or (isinstance(value, str) and not value.strip()):
            if variable.required:
                problems.append(problem(f"/values/{key}", "variable_missing", name=key))
        elif not isinstance(value, _PARTS[variable.kind]) or not _fits(variable, value):
            problems.append(problem(f"/values/{key}", "parameter_kind"))
    problems.extend(problem(f"/values/{key}", "variable_unknown", name=key) for key in values if key not in variables)
    if problems:
        raise TemplateValuesRefused(problems)


def shown(value: TemplateValue | None) -> str:
    """Give the words a value puts on the screen; a value without words gives nothing."""
    match value:
        case str():
            return sanitise_parameter(value)
        case TextParameter():
            return sanitise_parameter(value.text)
        case CurrencyParameter() | DateTimeParameter():
            return value.fallback_value
        case CouponParameter():
            return value.coupon_code
        case PayloadParameter():
            return value.payload
        case MediaParameter():
            return value.link or value.id or ""
        case LocationParameter():
            return value.location.name or f"{value.location.latitude},{value.location.longitude}"
        case ProductParameter():
            return value.product_retailer_id
        case FlowParameter():
            return value.flow_token
        case CatalogParameter() | ProductsParameter():
            return value.thumbnail_product_retailer_id
        case None:
            return ""
        case _:
            assert_never(value)


def fill_components(
    definition: TemplateDefinition, values: Mapping[str, TemplateValue]
) -> tuple[TemplateComponent, ...]:
    """Make the components to send from values that were checked; parts without variables are left out."""
    variables = template_variables(definition)
    components: list[TemplateComponent] = list(_parts(definition, variables, values, None))
    components.extend(
        LimitedTimeOfferComponent(expiration_time_ms=int(shown(values[variable.key])))
        for variable in variables
        if variable.component == "offer"
    )
    cards = sorted({variable.card_index for variable in variables if variable.card_index is not None})
    if cards:
        carousel = component_of(definition.components, "CAROUSEL")
        total = len(objects_of(carousel.get("cards"))) if carousel is not None else 0
        components.append(
            CarouselComponent(
                cards=tuple(
                    TemplateCard(card_index=number, components=tuple(_parts(definition, variables, values, number)))
                    for number in range(total)
                )
            )
        )
    return tuple(components)


def _parts(
    definition: TemplateDefinition,
    variables: tuple[TemplateVariable, ...],
    values: Mapping[str, TemplateValue],
    card: int | None,
) -> list[HeaderComponent | BodyComponent | ButtonComponent]:
    parts: list[HeaderComponent | BodyComponent | ButtonComponent] = []
    named = definition.parameter_format == "NAMED"
    body: list[BodyParameter] = []
    buttons: list[ButtonComponent] = []
    for variable in variables:
        value = values.get(variable.key)
        if variable.card_index != card or value is None or not shown(value):
            continue
        if variable.component == "header":
            parts.append(HeaderComponent(parameter=_header_parameter(variable, value, named=named)))
        elif variable.component == "body":
            body.append(_body_parameter(variable, value, named=named and not is_one_time_code(definition)))
        elif variable.component == "button":
            buttons.append(_button_component(variable, value))
    if body:
        parts.append(BodyComponent(parameters=tuple(body)))
    if card is None and is_one_time_code(definition):
        buttons.extend(_code_buttons(definition, shown(values.get("body.1"))))
    parts.extend(buttons)
    return parts


def _fits(variable: TemplateVariable, value: TemplateValue) -> bool:
    if isinstance(value, MediaParameter):
        return value.kind.value == variable.kind
    if variable.component == "header" and variable.kind == "text":
        return isinstance(value, str | TextParameter)
    if variable.kind == "expiration":
        return isinstance(value, str) and value.isascii() and value.isdigit()
    return True


def _code_buttons(definition: TemplateDefinition, code: str) -> list[ButtonComponent]:
    holder = component_of(definition.components, "BUTTONS")
    stored = objects_of(holder.get("buttons")) if holder is not None else ()
    return [
        ButtonComponent(kind=ButtonKind.URL, index=index, parameter=TextParameter(text=code))
        for index, button in enumerate(stored)
        if kind_of(button) == "OTP" or has_url_variable(definition, button)
    ]


def _header_parameter(variable: TemplateVariable, value: TemplateValue, *, named: bool) -> HeaderParameter:
    if isinstance(value, MediaParameter | LocationParameter | ProductParameter):
        return value
    if variable.kind == "text":
        return TextParameter(text=shown(value), name=variable.name if named else None)
    # A bare string for a media header is a link when it looks like one, otherwise an uploaded id.
    bare = shown(value)
    link = bare if bare.startswith(("https://", "http://")) else None
    return MediaParameter(kind=MediaKind(variable.kind), link=link, id=None if link else bare)


def _body_parameter(variable: TemplateVariable, value: TemplateValue, *, named: bool) -> BodyParameter:
    name = variable.name if named else None
    if isinstance(value, CurrencyParameter):
        return CurrencyParameter(
            fallback_value=value.fallback_value, code=value.code, amount_1000=value.amount_1000, name=name
        )
    if isinstance(value, DateTimeParameter):
        return DateTimeParameter(fallback_value=value.fallback_value, name=name)
    return TextParameter(text=shown(value), name=name)


def _button_component(variable: TemplateVariable, value: TemplateValue) -> ButtonComponent:
    index = variable.button_index or 0
    bare = shown(value)
    match variable.kind:
        case "payload":
            parameter: ButtonParameter = PayloadParameter(payload=bare)
            kind = ButtonKind.QUICK_REPLY
        case "coupon_code":
            parameter, kind = CouponParameter(coupon_code=bare), ButtonKind.COPY_CODE
        case "flow":
            parameter = value if isinstance(value, FlowParameter) else FlowParameter(flow_token=bare)
            kind = ButtonKind.FLOW
        case "catalog":
            parameter, kind = CatalogParameter(thumbnail_product_retailer_id=bare), ButtonKind.CATALOG
        case "products" if isinstance(value, ProductsParameter):
            parameter, kind = value, ButtonKind.MPM
        case _:
            parameter, kind = TextParameter(text=bare), ButtonKind.URL
    return ButtonComponent(kind=kind, index=index, parameter=parameter)
