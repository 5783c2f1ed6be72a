"""Whom we trust when we call somebody: this machine's certificate authorities, and Mozilla's where it may have none."""

import ssl

import certifi


def client_context(ca_file: str | None = None) -> ssl.SSLContext:
    """How we begin TLS with a server. With ``ca_file``, only the authorities in it are trusted."""
    context = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        context.load_verify_locations(certifi.where())
    return context
