"""Blazz: a self-hosted, multi-tenant WhatsApp Business messaging platform."""

__version__ = "0.1.0"
