"""Files of messages: uploaded by people, received from customers, handed to the provider and out by short links."""

from .jobs_types import FetchMedia, MarkRead, UploadMedia
from .service import attach, expect_files, get_media, require_files, upload
from .types import Attached, Media, MediaNotFound, MediaRefused, UploadTooLarge

__all__ = [
    "Attached",
    "FetchMedia",
    "MarkRead",
    "Media",
    "MediaNotFound",
    "MediaRefused",
    "UploadMedia",
    "UploadTooLarge",
    "attach",
    "expect_files",
    "get_media",
    "require_files",
    "upload",
]
