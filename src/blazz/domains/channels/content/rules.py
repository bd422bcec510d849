"""Checks outbound content against the provider's published limits before anything is stored or sent."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .interactive import Interactive
from .interactive_rules import check_interactive
from .messages import ContactCard, ContactCards, Location, Media, MediaKind, Reaction, Text
from .problems import ContentProblem, check_length, check_source, problem
from .template_rules import check_template
from .templates import Content, TemplateMessage

_BIRTHDAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_CAPTION_KINDS = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimit:
    """What an uploaded file of one kind may be; an empty ``mime_types`` admits any type."""

    mime_types: frozenset[str]
    max_bytes: int


MEDIA_LIMITS: dict[MediaKind, MediaLimit] = {
    MediaKind.IMAGE: MediaLimit(mime_types=frozenset({"image/jpeg", "image/png"}), max_bytes=5 * 1024 * 1024),
    MediaKind.VIDEO: MediaLimit(mime_types=frozenset({"video/mp4", "video/3gpp"}), max_bytes=16 * 1024 * 1024),
    MediaKind.AUDIO: MediaLimit(
        mime_types=frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
        max_bytes=16 * 1024 * 1024,
    ),
    MediaKind.DOCUMENT: MediaLimit(mime_types=frozenset(), max_bytes=100 * 1024 * 1024),
    MediaKind.STICKER: MediaLimit(mime_types=frozenset({"image/webp"}), max_bytes=500 * 1024),
    MediaKind.GIF: MediaLimit(mime_types=frozenset({"video/mp4"}), max_bytes=3_670_016),
}


def validate(content: Content) -> list[ContentProblem]:
    """List every limit the content breaks, each with a pointer into its JSON form; empty means it may be sent."""
    match content:
        case Text():
            return list(check_length("/body", content.body, 4096))
        case Media():
            return list(_check_media(content))
        case Location():
            return list(check_location("", content))
        case ContactCards():
            return list(_check_cards(content))
        case Reaction():
            return list(_check_reaction(content))
        case Interactive():
            return list(check_interactive(content))
        case TemplateMessage():
            return list(check_template(content))


def check_upload(kind: MediaKind, mime_type: str, size_bytes: int) -> list[ContentProblem]:
    """List what is wrong with a file before it is uploaded."""
    limit = MEDIA_LIMITS[kind]
    found: list[ContentProblem] = []
    bare = mime_type.partition(";")[0].strip().lower()
    if limit.mime_types and bare not in limit.mime_types:
        found.append(
            problem("/mime_type", "media_type_refused", kind=kind.value, allowed=", ".join(sorted(limit.mime_types)))
        )
    if size_bytes > limit.max_bytes:
        found.append(problem("/size_bytes", "media_too_large", kind=kind.value, limit=f"{limit.max_bytes:,}"))
    if size_bytes <= 0:
        found.append(problem("/size_bytes", "media_empty"))
    return found


def check_location(pointer: str, location: Location) -> Iterator[ContentProblem]:
    """Check that coordinates are on the globe."""
    for name, value, limit in (("latitude", location.latitude, 90), ("longitude", location.longitude, 180)):
        if not math.isfinite(value) or abs(value) > limit:
            yield problem(f"{pointer}/{name}", "coordinate_out_of_range", limit=limit)


def _check_media(media: Media) -> Iterator[ContentProblem]:
    if media.kind is MediaKind.GIF:
        yield problem("/kind", "gif_only_in_templates")
    yield from check_source("", media.id, media.link)
    if media.caption is not None:
        if media.kind not in _CAPTION_KINDS:
            yield problem("/caption", "caption_not_allowed", kind=media.kind.value)
        yield from check_length("/caption", media.caption, 1024, at_least=0)
    if media.filename is not None and media.kind is not MediaKind.DOCUMENT:
        yield problem("/filename", "filename_only_for_documents")
    if media.voice and media.kind is not MediaKind.AUDIO:
        yield problem("/voice", "voice_only_for_audio")


def _check_cards(content: ContactCards) -> Iterator[ContentProblem]:
    if not 1 <= len(content.cards) <= 257:
        yield problem("/cards", "count_out_of_range", least=1, most=257)
    for index, card in enumerate(content.cards):
        yield from _check_card(f"/cards/{index}", card)


def _check_card(pointer: str, card: ContactCard) -> Iterator[ContentProblem]:
    name = card.name
    if not name.formatted_name.strip():
        yield problem(f"{pointer}/name/formatted_name", "empty")
    if not any((name.first_name, name.last_name, name.middle_name, name.prefix, name.suffix)):
        yield problem(f"{pointer}/name", "name_part_missing")
    if card.birthday is not None and not _BIRTHDAY.fullmatch(card.birthday):
        yield problem(f"{pointer}/birthday", "birthday_format")
    for index, phone in enumerate(card.phones):
        if not (phone.phone or phone.wa_id):
            yield problem(f"{pointer}/phones/{index}", "empty")


def _check_reaction(content: Reaction) -> Iterator[ContentProblem]:
    if not content.message_id:
        yield problem("/message_id", "empty")
    # The longest emoji sequences in use (families, flags of regions) stay below this many code points.
    if content.emoji and (len(content.emoji) > 20 or content.emoji.isascii()):
        yield problem("/emoji", "not_one_emoji")
