"""What a hostile client can send to POST /mcp of the server. Usage: serve_hostile_mcp.py BINARY.

Each case sends bytes on a fresh connection and says which status has to come and, where JSON-RPC
has one for it, which code. Behind each the same server still lists its tools. Pages of other
origins and names that are not this server's are refused before anything is looked at, so that no
page of a browser can reach it by rebinding a name.
"""

import json
import sys
import tempfile

from house import House
from served import Server, exchange
from serve_hostile import HOUSE_HEADERS, LEAKS

TYPE = b"Content-Type: application/json\r\n"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
OTHERS = ("http://evil.example", "null", "https://localhost.evil.example", "http://127.0.0.1.evil",
          "http://localhost@evil.example", "file://", "x", "")
HOSTS = ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "a:80")


class Cases:
    """(name, bytes, status, JSON-RPC code or None)."""

    def __init__(self, key):
        self.key = f"Authorization: Bearer {key}\r\n".encode()
        self.good = self.post(LIST)

    def post(self, body, fields=None, host=b"localhost", method=b"POST"):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = self.key + TYPE if fields is None else fields
        return (method + b" /mcp HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n" +
                fields + b"Content-Length: %d\r\n\r\n" % len(text) + text)

    def calls(self, **arguments):
        return dict(LIST, method="tools/call", params={"name": "create-event",
                                                       "arguments": arguments})

    def all(self):
        for origin in OTHERS:
            fields = self.key + TYPE + b"Origin: " + origin.encode() + b"\r\n"
            yield f"origin {origin!r}", self.post(LIST, fields), 403, None
        for host in HOSTS:
            yield f"host {host!r}", self.post(LIST, host=host.encode()), 403, None
        for method in (b"GET", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE"):
            yield f"method {method!r}", self.post(b"", method=method), 405, None
        for name, key in (("none", b""), ("wrong", b"Authorization: Bearer ak_x\r\n"),
                          ("cut", self.key[:-3] + b"\r\n"),
                          ("basic", self.key.replace(b"Bearer", b"Basic"))):
            yield f"key: {name}", self.post(LIST, key + TYPE), 401, None
        yield "text", self.post(LIST, self.key + b"Content-Type: text/plain\r\n"), 415, None
        yield "a form", self.post(
            LIST, self.key + b"Content-Type: application/x-www-form-urlencoded\r\n"), 415, None
        for name, body in (
                ("nothing", b""), ("deep", b"[" * 60_000), ("unended", b'{"jsonrpc":'),
                ("a member twice", b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'),
                ("not UTF-8", b'{"jsonrpc":"2.0","id":"\xff","method":"ping"}'),
                ("half a surrogate", b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}'),
                ("a huge id", b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}'),
                ("NaN", b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}'),
                ("two documents", b"{}{}")):
            yield f"body: {name}", self.post(body), 400, -32700
        for name, body in (
                ("no request", {}), ("another version", dict(LIST, jsonrpc="1.0")),
                ("a number for a method", dict(LIST, method=7)), ("a string", "tools/list"),
                ("an object for an id", dict(LIST, id={"a": 1}))):
            yield f"body: {name}", self.post(body), 400, -32600
        yield "more than fits", self.post(b" " * 65_537), 413, None
        yield ("an unknown version",
               self.post(LIST, self.key + TYPE + b"MCP-Protocol-Version: 1999-01-01\r\n"), 400,
               None)

    def refused_calls(self):
        """Let in, and refused as JSON-RPC or as a tool has it."""
        yield "unknown method", self.post(dict(LIST, method="no/such"))
        yield "unknown tool", self.post(dict(LIST, method="tools/call", params={"name": "../x"}))
        yield "params of a wrong type", self.post(dict(LIST, method="tools/call", params=[1]))
        yield "arguments of a wrong type", self.post(
            dict(LIST, method="tools/call", params={"name": "create-event", "arguments": "x"}))
        yield "nothing that is needed", self.post(self.calls())
        yield "an unknown member", self.post(self.calls(__proto__={}, title="a"))
        yield "a title with ends of lines", self.post(self.calls(
            title="a\r\nATTENDEE:mailto:a@b.c", start="x", end="y", meeting_class="Regular"))
        yield "an unknown resource", self.post(
            dict(LIST, method="resources/read", params={"uri": "file:///etc/passwd"}))


def check(answer, key):
    for name, value in HOUSE_HEADERS.items():
        assert answer.headers.get(name) == value, (name, answer.headers)
    assert answer.headers["x-request-id"], answer.headers
    for name in ("server", "access-control-allow-origin", "mcp-session-id", "content-encoding"):
        assert name not in answer.headers, (name, answer.headers)
    assert key.encode() not in answer.text, "the key comes back"
    assert not [leak for leak in LEAKS if leak in answer.body.lower()], answer.body
    if answer.status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer "), answer.headers
    if answer.status == 405:
        assert answer.headers["allow"] == "POST", answer.headers
    return json.loads(answer.body)


def try_case(port, key, sent, status, code):
    answer, = exchange(port, sent)
    assert answer.status == status, f"{answer.status} instead of {status}: {answer.body}"
    error = check(answer, key)["error"]
    assert error["message"], error
    assert code is None or error["code"] == code, error


def try_call(port, key, sent):
    answer, = exchange(port, sent)
    assert answer.status in (200, 400, 404), answer.text
    body = check(answer, key)
    assert body["jsonrpc"] == "2.0" and body["id"] == 1, body
    assert "error" in body or body["result"]["isError"] is True, body


def check_allowed(house, key, cases):
    """What --allow-host, --allow-origin and --accept-legacy-version-header let in, at both doors,
    and nothing else besides."""
    modern = dict(LIST, params={"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}})
    version = b"MCP-Protocol-Version: %s\r\nMcp-Method: tools/list\r\n"
    fields = cases.key + TYPE
    tries = [(cases.post(LIST, host=host.encode()), status, said)
             for host, status, said in (("cal.example", 200, 403), ("CAL.example:8443", 200, 403),
                                        ("x.cal.example", 403, 403), ("localhost", 200, 200))]
    tries += [(cases.post(LIST, fields + b"Origin: " + origin + b"\r\n"), status, said)
              for origin, status, said in (
                  (b"https://app.example", 200, 403), (b"https://app.example:444", 403, 403),
                  (b"http://app.example", 403, 403), (b"https://cal.example", 200, 403))]
    tries += [(cases.post(modern, fields + version % sent), status, said)
              for sent, status, said in ((b"2025-11-25", 200, 400), (b"2026-07-28", 200, 200),
                                         (b"1999-01-01", 400, 400))]
    flags = ("--allow-host", "cal.example", "--allow-origin", "https://app.example",
             "--accept-legacy-version-header")
    for command in ("serve", "mcp"):
        with Server(house, "--insecure-loopback", *flags, command=command) as open_one, \
                Server(house, "--insecure-loopback", command=command) as closed:
            for sent, if_allowed, if_not in tries:
                for server, status in ((open_one, if_allowed), (closed, if_not)):
                    answer, = exchange(server.port, sent)
                    assert answer.status == status, (command, sent, answer.text)
                    check(answer, key)
            assert sum("older revision" in line or "legacy revision" in line
                       for line in open_one.said) == 1, open_one.said
            open_one.end()
            closed.end()
    return len(tries)


def main():
    with tempfile.TemporaryDirectory(prefix="openavail-serve-hostile-") as folder:
        house = House(sys.argv[1], folder, 1)
        key = house.key("agent")
        cases = Cases(key)
        tries = [(name, try_case, rest) for name, *rest in cases.all()]
        tries += [(name, try_call, rest) for name, *rest in cases.refused_calls()]
        failures = []
        with Server(house) as server:
            for name, attempt, (sent, *wanted) in tries:
                try:
                    attempt(server.port, key, sent, *wanted)
                except (AssertionError, KeyError, ValueError, OSError) as failure:
                    failures.append(f"{name}: {failure!r}")
                answer, = exchange(server.port, cases.good)
                assert answer.status == 200 and check(answer, key)["result"]["tools"], name
            server.end()
            said = "".join(server.said)
        allowed = check_allowed(house, key, cases)
        assert key not in said and "Bearer" not in said, "the key is in what the server said"
        assert not list(house.calendar(house.owners[0]).glob("*.ics")), "something was booked"
        assert key.split("_")[2] not in json.dumps(house.verify()), "the key is in the audit log"
    for failure in failures:
        print(failure)
    assert not failures, f"{len(failures)} failures, {len(tries)} cases"
    print(f"serve_hostile_mcp: {len(tries)} cases, each refused as it should be; {allowed} where "
          "names are allowed")


if __name__ == "__main__":
    main()
