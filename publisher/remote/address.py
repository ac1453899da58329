"""Where a service is, and whether a token may go there."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from publisher.errors import UsageError


def check_address(base_url: str) -> str:
    """The host of a service's address.

    Raises:
        UsageError: not an http or https address, with credentials in it, or http across an open network.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise UsageError(
            f"{_shown(base_url)} is not the address of a service.", "Example: http://127.0.0.1:8000"
        )
    if parts.scheme == "http" and not _is_near(host):
        raise UsageError(
            f"{_shown(base_url)} would carry the token unencrypted over the network.", "Use https."
        )
    return host


_UPLOADS = "Check --base-url: is it the service? With --no-uploads its pages are published without files."


def check_storage(url: str, service: str) -> str:
    """The host of an address for uploads, as the service at the address `service` gave it.

    Raises:
        UsageError: neither https, nor http between two addresses that are both near.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise UsageError("The service gave an address for uploads that is none.", _UPLOADS) from None
    near = urlsplit(service).scheme == "http" and _is_near(host)
    if not host or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and near)):
        raise UsageError(
            f"The service gave an address for uploads without https, which is not used: {parts.scheme}://{host}.",
            _UPLOADS,
        )
    return host


def _shown(base_url: str) -> str:
    """The address without what may be a password in it."""
    return repr(base_url.rpartition("@")[2])


def is_local(host: str) -> bool:
    """Whether the host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_near(host: str) -> bool:
    """This machine, a private address, or a name without a domain (a container beside this one)."""
    if is_local(host) or host.endswith(".local") or not set(host) & {".", ":"}:
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
