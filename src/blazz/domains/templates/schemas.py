"""HTTP shapes of templates."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from blazz.domains.channels.content import RenderedTemplate, TemplateVariable, template_variables
from blazz.domains.templates.types import SyncReport, Template
from blazz.kernel.ids import encode_id

_Text = Annotated[str, Field(max_length=1024, pattern=r"^[^\x00]*$")]


class TemplateIn(BaseModel):
    """A template to submit for review; ``components`` as the provider's documentation describes them."""

    model_config = ConfigDict(extra="forbid")

    account_id: str | None = None
    name: Annotated[str, Field(max_length=512)]
    language: Annotated[str, Field(max_length=20)]
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
    parameter_format: Literal["POSITIONAL", "NAMED"] = "POSITIONAL"
    components: Annotated[list[dict[str, JsonValue]], Field(min_length=1, max_length=20)]
    message_send_ttl_seconds: int | None = None


class SyncIn(BaseModel):
    """Which account to read; all when none is named."""

    model_config = ConfigDict(extra="forbid")

    account_id: str | None = None


class SourceIn(BaseModel):
    """Where a variable takes its value: a contact field, or a text."""

    model_config = ConfigDict(extra="forbid")

    field: Annotated[str, Field(max_length=100)] | None = None
    text: _Text | None = None
    fallback: _Text | None = None


class PreviewIn(BaseModel):
    """A mapping with a contact's fields, or plain ``values`` that win over it."""

    model_config = ConfigDict(extra="forbid")

    variables: Annotated[dict[str, SourceIn], Field(max_length=200)] = Field(default_factory=dict)
    contact: Annotated[dict[str, _Text], Field(max_length=200)] = Field(default_factory=dict)
    values: Annotated[dict[str, _Text], Field(max_length=200)] = Field(default_factory=dict)


class VariableOut(BaseModel):
    """One value the template asks for; ``key`` names it in mappings and values."""

    key: str
    component: str
    name: str
    kind: str
    required: bool
    example: str | None


class TemplateOut(BaseModel):
    """A template with the variables it needs."""

    id: str
    account_id: str
    provider_template_id: str | None
    name: str
    language: str
    category: str
    status: str
    quality: str
    rejection_reason: str | None
    parameter_format: str
    components: list[JsonValue]
    variables: list[VariableOut]
    synced_at: datetime | None
    created_at: datetime
    updated_at: datetime


class SyncOut(BaseModel):
    """What a reading changed."""

    seen: int
    changed: int
    removed: int


class ButtonOut(BaseModel):
    """A button as it will be shown."""

    type: str
    text: str
    url: str | None
    phone_number: str | None


class CardOut(BaseModel):
    """A carousel card as it will be shown."""

    body: str | None
    buttons: list[ButtonOut]


class PreviewOut(BaseModel):
    """A filled template; ``missing`` names variables that show their example because they had no value."""

    header_format: str | None
    header: str | None
    body: str
    footer: str | None
    buttons: list[ButtonOut]
    cards: list[CardOut]
    missing: list[str]


def template_out(template: Template) -> TemplateOut:
    """Shape a template."""
    return TemplateOut(
        id=encode_id("tpl", template.id),
        account_id=encode_id("acc", template.account_id),
        provider_template_id=template.provider_template_id,
        name=template.name,
        language=template.language,
        category=template.category,
        status=template.status,
        quality=template.quality,
        rejection_reason=template.rejection_reason,
        parameter_format=template.parameter_format,
        components=[dict(component) for component in template.components],
        variables=[_variable(variable) for variable in template_variables(template.definition)],
        synced_at=template.synced_at,
        created_at=template.created_at,
        updated_at=template.updated_at,
    )


def sync_out(report: SyncReport) -> SyncOut:
    """Shape a report."""
    return SyncOut(seen=report.seen, changed=report.changed, removed=report.removed)


def preview_out(rendered: RenderedTemplate, missing: tuple[str, ...]) -> PreviewOut:
    """Shape a filled template."""
    header = rendered.header
    media = None if header is None or header.media is None else header.media.link
    return PreviewOut(
        header_format=None if header is None else header.format,
        header=None if header is None else header.text or media,
        body=rendered.body,
        footer=rendered.footer,
        buttons=[
            ButtonOut(type=item.type, text=item.text, url=item.url, phone_number=item.phone_number)
            for item in rendered.buttons
        ],
        cards=[
            CardOut(
                body=card.body,
                buttons=[
                    ButtonOut(type=item.type, text=item.text, url=item.url, phone_number=item.phone_number)
                    for item in card.buttons
                ],
            )
            for card in rendered.cards
        ],
        missing=list(missing),
    )


def _variable(variable: TemplateVariable) -> VariableOut:
    return VariableOut(
        key=variable.key,
        component=variable.component,
        name=variable.name,
        kind=variable.kind,
        required=variable.required,
        example=variable.example,
    )
