"""How outgoing content reads in the inbox: its kind, its words, and a line for the list of conversations."""

from blazz.domains.channels.content import (
    ContactCards,
    Content,
    HeaderText,
    Interactive,
    ListMenu,
    Location,
    Media,
    Reaction,
    RenderedTemplate,
    ReplyButtons,
    TemplateMessage,
    Text,
)

_PREVIEW_LENGTH = 120


def kind_of_content(content: Content) -> str:
    """Return the kind of an outgoing message: ``text``, ``image``, ``interactive``, ``template`` and so on."""
    if isinstance(content, Media):
        return content.kind.value
    return content.type


def words_of(content: Content) -> str:
    """Return what people read of a message that is no template; empty for content without words."""
    match content:
        case Text():
            return content.body
        case Media():
            return content.caption or content.filename or ""
        case Location():
            return "\n".join(part for part in (content.name, content.address) if part)
        case ContactCards():
            return ", ".join(card.name.formatted_name for card in content.cards)
        case Reaction():
            return content.emoji
        case Interactive():
            return _interactive(content)
        case TemplateMessage():
            return ""


def words_of_template(rendered: RenderedTemplate) -> str:
    """Return a filled template as its reader sees it: header, body, footer, then the cards of a carousel."""
    header = rendered.header.text if rendered.header is not None and rendered.header.format == "TEXT" else None
    cards = [card.body for card in rendered.cards if card.body]
    return "\n\n".join(text for text in (header, rendered.body, rendered.footer, *cards) if text)


def preview_of(kind: str, words: str) -> str:
    """Return the line that the list of conversations shows."""
    return (" ".join(words.split()) or f"[{kind}]")[:_PREVIEW_LENGTH]


def _interactive(content: Interactive) -> str:
    header = content.header.text if isinstance(content.header, HeaderText) else None
    labels: list[str] = []
    if isinstance(content.action, ReplyButtons):
        labels = [f"[{button.title}]" for button in content.action.buttons]
    elif isinstance(content.action, ListMenu):
        labels = [f"[{content.action.button}]"]
    parts = (header, content.body, content.footer, " ".join(labels))
    return "\n\n".join(text for text in parts if text)
