"""The product, one package per domain; each is imported only through its root."""
