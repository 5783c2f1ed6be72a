"""A socket to an SMSC, with TLS where the account has it; SMPP itself encrypts nothing."""

import socket
import ssl

from bots.sms.smpp.account import SmppAccount


def connect(account: SmppAccount, limit_s: float) -> socket.socket:
    """An open connection. Raises OSError, of which ssl.SSLError is one, when there is none within ``limit_s``."""
    plain = socket.create_connection((account.host, account.port), limit_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not account.tls:
            return plain
        return secured(plain, account)
    except BaseException:
        plain.close()
        raise


def secured(plain: socket.socket, account: SmppAccount) -> ssl.SSLSocket:
    """``plain`` with TLS over it, the certificate checked. Raises ssl.SSLError or OSError."""
    context = ssl.create_default_context(cafile=account.ca_file)
    return context.wrap_socket(plain, server_hostname=account.server_name or account.host)
