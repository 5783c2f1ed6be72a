"""The header of a short message's user data: which part it is, and whom it is for (3GPP TS 23.040, 9.2.3.24).

https://www.3gpp.org/dynareport/23040.htm
"""

from collections.abc import Mapping

CONCAT_8, CONCAT_16 = 0x00, 0x08
PORTS = frozenset({0x04, 0x05})
"""For a program on the phone."""


def information_elements(header: bytes) -> dict[int, bytes]:
    """The information elements of ``header``, without its length; one that is cut ends them."""
    found: dict[int, bytes] = {}
    while len(header) >= 2:  # noqa: PLR2004  # an element's name and its length
        found[header[0]] = header[2 : 2 + header[1]]
        header = header[2 + header[1] :]
    return found


def concatenation(found: Mapping[int, bytes]) -> tuple[int, int, int] | None:
    """(reference, of how many, which one) of a part, None for a message that stands alone."""
    if len(value := found.get(CONCAT_16, b"")) == 4:  # noqa: PLR2004  # a reference of two octets
        return value[0] << 8 | value[1], value[2], value[3]
    if len(value := found.get(CONCAT_8, b"")) == 3:  # noqa: PLR2004  # one of one octet
        return value[0], value[1], value[2]
    return None
