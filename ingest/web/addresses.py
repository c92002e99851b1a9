"""Which addresses may be fetched from: public ones, whatever way a name or number leads to them.

No library is used: those that connect to the address they checked (ssrfguard, httpx-secure) were new and little used
when this was written, safehttpx asks a resolver of its own, advocate is no longer kept up.
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from ingest.errors import FetchRefused

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """An URL's scheme, host (without brackets) and port, checked as far as its text goes."""

    scheme: str
    host: str
    port: int


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def target(url: str, allowed: frozenset[str] = frozenset()) -> Target:
    """What an URL points at. Raises FetchRefused for other schemes, ports, credentials, and URLs that are none.

    `allowed` are host:port pairs that may be reached on their port though it is no usual one.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchRefused(url, "ليس رابطاً صالحاً", "not a valid URL") from error
    if parts.scheme not in _PORTS:
        raise FetchRefused(url, "لا تُقرأ إلا روابط http وhttps", "only http and https are read")
    if not host or any(c.isspace() or ord(c) < 32 for c in url):
        raise FetchRefused(url, "ليس رابطاً صالحاً", "not a valid URL")
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(url, "رابط يحمل اسم مستخدم أو كلمة سر", "holds a user name or a password")
    port = port if port is not None else _PORTS[parts.scheme]
    if port != _PORTS[parts.scheme] and f"{host}:{port}" not in allowed:
        raise FetchRefused(url, f"المنفذ {port} غير مسموح", f"port {port} is not allowed")
    return Target(parts.scheme, host, port)


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, seen through every way of writing an IPv4 one as IPv6."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return "%" not in text and all(_is_global(inner) for inner in _unwrapped(address))


def public(url: str, addresses: Iterable[str]) -> list[str]:
    """The addresses, if all are public. Raises FetchRefused: a name with one internal address is refused whole."""
    found = list(addresses)
    for address in found:
        if not is_public(address):
            raise FetchRefused(url, f"يشير إلى عنوان داخلي ({address})", f"leads to an internal address ({address})")
    if not found:
        raise FetchRefused(url, "لا عنوان لهذا الاسم", "the name has no address")
    return found


def _is_global(address: Address) -> bool:
    shut = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    shut = shut or address.is_reserved or address.is_unspecified or (address.version == 6 and address.is_site_local)
    return address.is_global and not shut


def _unwrapped(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 one carries, or itself. 64:ff9b::/96 counts as what it translates to."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if any(address in network for network in _NAT64) or address in _COMPATIBLE:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address.sixtofour is not None:
        return [address.sixtofour, address]
    if address.teredo is not None:
        return [*address.teredo, address]
    return [address]
