"""Hosts inside our own network that a source may name in `allow_hosts`, and those that none ever may."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

INSIDE = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7"),
    )
)
METADATA = frozenset({"100.100.100.200", "fd00:ec2::254", "168.63.129.16"})
"""Of Alibaba Cloud and of AWS, which lie in private ranges, and of Azure, which looks global; the others' are link-local."""
METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"})
"""What those of Google and AWS are called inside."""


def is_inside(address: Address) -> bool:
    """Whether an address may belong to a host that a source allows by name: loopback or private.

    Never those where clouds hand out credentials, nor those of many hosts.

    >>> is_inside(ipaddress.ip_address("10.0.0.8")), is_inside(ipaddress.ip_address("169.254.169.254"))
    (True, False)
    """
    return str(address) not in METADATA and any(
        address in network for network in INSIDE if network.version == address.version
    )


def may_be_allowed(host: str) -> bool:
    """Whether naming a host can have an effect, or does no harm; names are looked up only when they are asked.

    >>> [may_be_allowed(host) for host in ("archive.example", "10.0.0.8", "169.254.169.254", "metadata", "0.0.0.0")]
    [True, True, False, False, False]
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.removesuffix(".") not in METADATA_NAMES
    return is_inside(address) or (address.is_global and not address.is_multicast and host not in METADATA)
