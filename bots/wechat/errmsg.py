"""What an operator needs of the sentence that comes with an error code: an address or a field, and never more of it.

The sentences are written for people, end in the id of a request, and may quote what we sent.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_ADDRESSES = re.compile(r"[0-9A-Fa-f:.]{3,45}", re.ASCII)
_FIELD = re.compile(r"\bdata\.([A-Za-z0-9_]{1,40})", re.ASCII)


def address_in(errmsg: str) -> str | None:
    """From where we called, as ``invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist`` says it."""
    found = [address for token in _ADDRESSES.findall(errmsg) if (address := _address(token))]
    return str(min(found, key=lambda address: address.version)) if found else None


def field_in(errmsg: str) -> str | None:
    """The field of a template, as ``argument invalid! data.thing4.value invalid`` says it."""
    found = _FIELD.search(errmsg)
    return found[1] if found else None


def _address(token: str) -> IPv4Address | IPv6Address | None:
    for spelled in (token, token.strip(":.")):
        try:
            address = ip_address(spelled)
        except ValueError:
            continue
        return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return None
