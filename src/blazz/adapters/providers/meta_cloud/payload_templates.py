"""Writes template messages: components and their parameters."""

from typing import TypeAlias, assert_never

from blazz.domains.channels.content import (
    BodyComponent,
    BodyParameter,
    ButtonComponent,
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
    TemplateComponent,
    TemplateMessage,
    TextParameter,
)

from .payload_interactive import media_object, product_sections

Json: TypeAlias = dict[str, object]


def template_object(content: TemplateMessage) -> Json:
    """Write the ``template`` object; a template without values has no components at all."""
    found: Json = {"name": content.name, "language": {"code": content.language}}
    if content.components:
        found["components"] = [_component(component) for component in content.components]
    return found


def _component(component: TemplateComponent) -> Json:
    match component:
        case HeaderComponent():
            return {"type": "header", "parameters": [_parameter(component.parameter)]}
        case BodyComponent():
            return {"type": "body", "parameters": [_parameter(item) for item in component.parameters]}
        case ButtonComponent():
            return {
                "type": "button",
                "sub_type": component.kind.value,
                "index": str(component.index),
                "parameters": [_parameter(component.parameter)],
            }
        case LimitedTimeOfferComponent():
            ends: Json = {"expiration_time_ms": component.expiration_time_ms}
            return {
                "type": "limited_time_offer",
                "parameters": [{"type": "limited_time_offer", "limited_time_offer": ends}],
            }
        case CarouselComponent():
            return {
                "type": "carousel",
                "cards": [
                    {"card_index": card.card_index, "components": [_component(part) for part in card.components]}
                    for card in component.cards
                ],
            }
        case _:
            assert_never(component)


def _named(parameter: TextParameter | CurrencyParameter | DateTimeParameter, written: Json) -> Json:
    if parameter.name is not None:
        written["parameter_name"] = parameter.name
    return written


def _parameter(parameter: HeaderParameter | BodyParameter | ButtonParameter) -> Json:
    match parameter:
        case TextParameter():
            return _named(parameter, {"type": "text", "text": parameter.text})
        case CurrencyParameter():
            amount: Json = {
                "fallback_value": parameter.fallback_value,
                "code": parameter.code,
                "amount_1000": parameter.amount_1000,
            }
            return _named(parameter, {"type": "currency", "currency": amount})
        case DateTimeParameter():
            moment: Json = {"fallback_value": parameter.fallback_value}
            return _named(parameter, {"type": "date_time", "date_time": moment})
        case MediaParameter():
            kind = parameter.kind.value
            file = media_object(media_id=parameter.id, link=parameter.link, filename=parameter.filename)
            return {"type": kind, kind: file}
        case LocationParameter():
            place = parameter.location
            written: Json = {"latitude": place.latitude, "longitude": place.longitude}
            if place.name is not None:
                written["name"] = place.name
            if place.address is not None:
                written["address"] = place.address
            return {"type": "location", "location": written}
        case ProductParameter():
            product: Json = {
                "product_retailer_id": parameter.product_retailer_id,
                "catalog_id": parameter.catalog_id,
            }
            return {"type": "product", "product": product}
        case _:
            return _button_parameter(parameter)


def _button_parameter(
    parameter: PayloadParameter | CouponParameter | FlowParameter | CatalogParameter | ProductsParameter,
) -> Json:
    match parameter:
        case PayloadParameter():
            return {"type": "payload", "payload": parameter.payload}
        case CouponParameter():
            return {"type": "coupon_code", "coupon_code": parameter.coupon_code}
        case FlowParameter():
            action: Json = {"flow_token": parameter.flow_token}
            if parameter.flow_action_data:
                action["flow_action_data"] = dict(parameter.flow_action_data)
        case CatalogParameter():
            action = {"thumbnail_product_retailer_id": parameter.thumbnail_product_retailer_id}
        case ProductsParameter():
            action = {
                "thumbnail_product_retailer_id": parameter.thumbnail_product_retailer_id,
                "sections": product_sections(parameter.sections),
            }
        case _:
            assert_never(parameter)
    return {"type": "action", "action": action}
