"""TLS of the real server: 1.3 alone, and a certificate that changes while it serves.

Usage: serve_tls.py BINARY. A new certificate is waited for as long as it takes, not for a time.
"""

import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from house import House
from served import PATIENCE, Server, answers_in, connect, everything

CERTIFICATE = "tls_certificate.pem"
KEY = "tls_key.pem"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def make_certificate(house, name):
    folder = house.folder / name
    folder.mkdir()
    house.run("tls", "self-signed", "--out", str(folder))
    assert (folder / KEY).stat().st_mode & 0o077 == 0, "others can read the key"
    return folder


def certificate_in(folder):
    return ssl.PEM_cert_to_DER_cert((folder / CERTIFICATE).read_text(encoding="ascii"))


def put(folder, served):
    """As a tool for certificates does: the two files, one after the other, each whole."""
    for name in (KEY, CERTIFICATE):
        fresh = served / (name + ".fresh")
        fresh.write_bytes((folder / name).read_bytes())
        fresh.chmod((folder / name).stat().st_mode & 0o777)
        os.replace(fresh, served / name)


def trusting(folder):
    return ssl.create_default_context(cafile=str(folder / CERTIFICATE))


def any_of():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def shown(port):
    """The certificate that a newcomer is shown."""
    with any_of().wrap_socket(connect(port)) as connection:
        return connection.getpeercert(binary_form=True)


def wait_for(port, certificate):
    for _ in range(PATIENCE * 10):
        if shown(port) == certificate:
            return
        time.sleep(0.1)
    raise AssertionError("the new certificate is never shown")


def check_versions(port, folder):
    context = any_of()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        with connect(port) as plain, context.wrap_socket(plain):
            raise AssertionError("TLS 1.2 is spoken")
    except ssl.SSLError as refused:  # by the server's word, not by ours
        assert refused.reason == "TLSV1_ALERT_PROTOCOL_VERSION", refused
    with trusting(folder).wrap_socket(connect(port), server_hostname="localhost") as connection:
        assert connection.version() == "TLSv1.3", connection.version()
        assert connection.cipher()[0] in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                          "TLS_CHACHA20_POLY1305_SHA256"), connection.cipher()
        connection.sendall(HEALTH)
        answer, = answers_in(everything(connection))
        assert answer.status == 200, answer.text
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    try:
        trusting(folder).wrap_socket(connect(port), server_hostname="example.org").close()
        raise AssertionError("the certificate is for every name")
    except ssl.SSLCertVerificationError:
        pass


def check_by_sslscan(port):
    """A scanner that no one here wrote: 1.3 is the one version it finds, and what it offers."""
    ran = subprocess.run(["sslscan", "--no-colour", f"127.0.0.1:{port}"], text=True, check=True,
                         capture_output=True, timeout=PATIENCE)
    versions = dict(re.findall(r"^((?:SSL|TLS)v\S+)\s+(enabled|disabled)", ran.stdout, re.M))
    assert {name for name, is_on in versions.items() if is_on == "enabled"} == {"TLSv1.3"}, versions
    assert {"SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2"} <= versions.keys(), ran.stdout
    ciphers = re.findall(r"^(?:Preferred|Accepted)\s+(\S+)\s+\d+ bits\s+(\S+)", ran.stdout, re.M)
    assert {version for version, _ in ciphers} == {"TLSv1.3"}, ciphers
    assert {name for _, name in ciphers} == {
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}, ciphers
    groups = re.findall(r"^TLSv1\.3\s+\d+ bits\s+(\S+)", ran.stdout, re.M)
    assert sorted(groups) == ["secp256r1", "secp384r1", "x25519"], groups
    assert re.search(r"^Session renegotiation not supported", ran.stdout, re.M), ran.stdout


def check_not_tls(port):
    """Bytes that are no handshake: no word of HTTP comes back, and others are served."""
    for sent in (HEALTH, b"\x00" * 100, b"\x16\x03\x01\xff\xff" + b"a" * 100,
                 b"\x16\x03\x01", b"\x80\x2e\x01\x00\x02"):
        with connect(port) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            assert b"HTTP/" not in everything(connection), sent
    silent = [connect(port) for _ in range(20)]  # no handshake begins; nobody waits for them
    shown(port)
    for connection in silent:
        connection.close()


def check_reload(server, served, second, third):
    kept = any_of().wrap_socket(connect(server.port))
    put(second, served)
    server.process.send_signal(signal.SIGHUP)
    wait_for(server.port, certificate_in(second))
    put(third, served)  # without a word
    wait_for(server.port, certificate_in(third))
    # What can't be used changes nothing, and is told.
    (served / CERTIFICATE).write_text("not a certificate\n", encoding="ascii")
    heard = len(server.said)
    server.process.send_signal(signal.SIGHUP)
    for _ in range(PATIENCE * 10):
        if any("could not be read" in line for line in server.said[heard:]):
            break
        time.sleep(0.1)
    else:
        raise AssertionError(f"nothing was said of a certificate that is none: {server.said}")
    assert shown(server.port) == certificate_in(third)
    # A connection that stood through all this is still served.
    kept.sendall(HEALTH)
    answer, = answers_in(everything(kept))
    assert answer.status == 200, answer.text
    kept.close()


def check_open_key_file(house, folder):
    """A key that others can read is not served with."""
    (folder / KEY).chmod(0o644)
    try:
        with Server(house, "--tls-cert", str(folder / CERTIFICATE), "--tls-key",
                    str(folder / KEY)):
            pass
    except AssertionError as refused:
        assert "does not serve" in str(refused), refused
        return
    raise AssertionError("it serves with a key that everybody can read")


def main():
    with tempfile.TemporaryDirectory(prefix="openavail-serve-tls-") as folder:
        house = House(sys.argv[1], folder, 1)
        first, second, third = (make_certificate(house, n) for n in ("one", "two", "three"))
        served = pathlib.Path(folder) / "served"
        served.mkdir()
        put(first, served)
        with Server(house, "--tls-cert", str(served / CERTIFICATE), "--tls-key",
                    str(served / KEY)) as server:
            assert shown(server.port) == certificate_in(first)
            check_versions(server.port, first)
            check_by_sslscan(server.port)
            check_not_tls(server.port)
            check_reload(server, served, second, third)
            server.end()
        check_open_key_file(house, second)
    print("serve_tls: 1.3 alone; certificates change on SIGHUP and with their files")


if __name__ == "__main__":
    main()
