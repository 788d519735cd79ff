"""Which hosts may be asked: those outside our own network, and those inside that a source allows by name.

A name is looked up once, all of its addresses are judged, and the connection goes to one of those judged: a name
server that changes its answer gains nothing. What is not clearly global is refused; the ranges are those of the
IANA special-purpose address registries.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection

from newslake.acquire.addresses import Target
from newslake.acquire.answers import FetchFailed
from newslake.sources.inside import Address, is_inside

Resolve = Callable[[str, int, float], list[str]]
"""(host, port, seconds) → addresses."""

GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # the metadata service of Azure, on an address that looks global
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
"""Within the global ranges, or the whole of IPv4: what leads inside, nowhere, or to many. Tunnels (Teredo, 6to4)
are among them, since they hold an address of IPv4 that nobody judged."""
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""NAT64: how a network without IPv4 reaches it; the address within is judged."""


def is_global(address: Address) -> bool:
    """Whether an address lies outside our network and is one host.

    >>> is_global(ipaddress.ip_address("64:ff9b::10.0.0.1")), is_global(ipaddress.ip_address("9.9.9.9"))
    (False, True)
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address in TRANSLATED:
            return is_global(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in GLOBAL_IPV6:
            return False
    return address.is_global and not any(
        address in network for network in SPECIAL if network.version == address.version
    )


def judged(target: Target, resolve: Resolve, allow_hosts: Collection[str], seconds: float) -> list[str]:
    """The addresses of a host, all of them judged.

    Args:
        target: whose host is meant.
        resolve: looks a name up; called once, and not for numbers.
        allow_hosts: names, as in `Target.host`, of hosts inside our network that may be asked.
        seconds: how long looking up may take.

    Raises:
        FetchFailed: `forbidden_address` when one of them is not allowed, `dns_failed`.
    """
    try:
        found = [str(ipaddress.ip_address(target.host))]
    except ValueError:
        found = resolve(target.host, target.port, seconds)
    for text in found:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            address = ipaddress.ip_address("::")
        if not (is_global(address) or (target.host in allow_hosts and is_inside(address))):
            detail = f"{target.origin} leads to {text[:60]}, which is not in the public network; if that is meant, "
            raise FetchFailed("forbidden_address", f"{detail}name the host in allow_hosts of the source", False)
    if not found:
        raise FetchFailed("dns_failed", f"{target.host} has no address", is_passing=True)
    return found


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a name, as the system looks it up.

    Raises:
        FetchFailed: `dns_failed`: there is none, or the look-up took too long.
    """
    results: list[str] = []
    problems: list[str] = []

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            problems.append(str(error))
        else:
            results.extend(str(sockaddr[0]) for *_, sockaddr in found)

    # The system's look-up knows no time limit: it is left behind when it takes too long.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(seconds, 0))
    if thread.is_alive():
        problems.append(f"no answer within {seconds:.0f} s")
    if problems:
        raise FetchFailed("dns_failed", f"{host} could not be looked up: {problems[0]}", is_passing=True)
    return list(dict.fromkeys(results))
