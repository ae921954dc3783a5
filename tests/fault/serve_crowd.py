"""Others are served while many connections do nothing or drip, and who asks too much is told so.

Usage: serve_crowd.py BINARY. Nothing is timed: what counts is that requests are answered while the
crowd is still there.
"""

import json
import sys
import tempfile

from house import START, House, text_of
from served import Caller, Server, answers_in, connect, everything

IDLE = 300
DRIPPING = 50
CALLS = 100
FEW = {"OPENAVAIL_SEARCH_PER_MINUTE": "4", "OPENAVAIL_WRITE_PER_MINUTE": "5",
       "OPENAVAIL_OTHER_PER_MINUTE": "20", "OPENAVAIL_ADDRESS_PER_MINUTE": "10"}
HEAD = b"GET /v1/owner-context HTTP/1.1\r\nHost: a\r\n"
BODY = b"POST /v1/bookings HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"


def is_open(connection):
    """Nothing came from the server, not even an end."""
    connection.setblocking(False)
    try:
        return not (connection.recv(1) or True)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.setblocking(True)


class Dripping:
    """Sends one byte now and then, half of a head or of a body; begins anew when it is cut."""

    def __init__(self, port, number):
        self.port, self.source = port, f"127.0.2.{1 + number % 5}"
        self.text = BODY if number % 2 else HEAD + b"X: " + b"a" * 1000
        self.begun = BODY if number % 2 else HEAD
        self.cut = 0
        self.begin()

    def begin(self):
        self.connection = connect(self.port, self.source)
        self.connection.sendall(self.begun)

    def drip(self):
        if is_open(self.connection):
            try:
                self.connection.sendall(b"a")
                return
            except OSError:
                pass
        self.cut += 1
        self.connection.close()
        self.begin()


def crowd(house, key, other_key):
    with Server(house) as server:
        idle = [connect(server.port, f"127.0.1.{1 + n % 3}") for n in range(IDLE)]
        dripping = [Dripping(server.port, n) for n in range(DRIPPING)]
        kept = Caller(server.port, key)
        for number in range(CALLS):
            for slow in dripping:
                slow.drip()
            status, body = kept.call("GET", "/v1/owner-context")
            assert status == 200, body
            if number % 10 == 0:
                fresh = Caller(server.port, other_key)
                assert fresh.call("GET", "/v1/schedule-rules")[0] == 200
                fresh.close()
        gone = [n for n, connection in enumerate(idle) if not is_open(connection)]
        assert not gone, f"{len(gone)} idle connections were closed meanwhile"
        assert all(is_open(s.connection) for s in dripping) or any(s.cut for s in dripping)
        for connection in idle:
            connection.sendall(HEAD + b"Authorization: Bearer " + key.encode() +
                               b"\r\nConnection: close\r\n\r\n")
        for connection in idle:
            connection.settimeout(60)
            answers = answers_in(everything(connection))
            assert [a.status for a in answers] == [200], answers
            connection.close()
        server.end()  # in order, though some drip still
        for slow in dripping:
            slow.connection.close()
        kept.close()
    print(f"serve_crowd: {CALLS} calls answered beside {IDLE} idle and {DRIPPING} dripping",
          flush=True)


def until_refused(call):
    """The headers of the first 429, and those of what was let in before."""
    let_in = []
    for _ in range(200):
        status, headers, body = call()
        if status == 429:
            assert body["error"]["code"] == "RATE_LIMITED", body
            assert body["pending_notifications"] == [] and body["status"] == 429, body
            assert headers["Retry-After"].isdigit() and int(headers["Retry-After"]) >= 1
            return headers, let_in
        let_in.append((status, headers, body))
    raise AssertionError("two hundred calls and never a 429")


def limits_of_keys(port, owner, key, other_key):
    caller = Caller(port, key)
    other = Caller(port, other_key)
    span = {"start": text_of(START), "end": text_of(START.replace(hour=9))}
    booking = {"owner_email": owner, "meeting_class": "Regular", "title": "crowd", **span}
    search = {"owner_email": owner, "meeting_class": "Regular", "duration_minutes": 30,
              "earliest_start": span["start"], "latest_end": span["end"]}
    for name, most, path, body in (("create", 5, "/v1/bookings", booking),
                                   ("search", 4, "/v1/availability/search", search)):
        headers, let_in = until_refused(lambda p=path, b=body: caller.whole("POST", p, b))
        assert len(let_in) >= most, (name, len(let_in))
        for _, seen, _ in let_in:
            assert seen["RateLimit-Policy"] == f'"{name}";q={most};w=60', seen.items()
            assert seen["RateLimit"].startswith(f'"{name}";r='), seen.items()
            assert "Retry-After" not in seen, seen.items()
        left = [int(seen["RateLimit"].split("r=")[1].split(";")[0]) for _, seen, _ in let_in]
        assert left[0] == most - 1 and left[-1] == 0, left
        assert headers["RateLimit"].startswith(f'"{name}";r=0;t='), headers.items()
        assert headers["RateLimit-Policy"] == f'"{name}";q={most};w=60', headers.items()
        # Nobody else's limit, and no other of this key.
        assert other.call("POST", path, body)[0] != 429
        assert caller.call("GET", "/v1/owner-context")[0] == 200
    # A refused call did nothing: it is decided when it is let in, not before.
    status, listed = other.call("GET", f"/v1/bookings?owner_email={owner}&start={span['start']}"
                                       f"&end={span['end']}")
    assert status == 200 and len(listed["bookings"]) == 1, listed
    caller.close()
    other.close()


def limits_of_addresses(port, key):
    """Keys that nobody has, from one address; the checksum of none is right, nor need it be."""
    known = Caller(port, key, "127.0.0.2")
    assert known.call("GET", "/v1/owner-context")[0] == 200
    guess = [0]

    def call():
        guess[0] += 1
        caller = Caller(port, f"ak_{guess[0]:012}_{'a' * 49}", "127.0.0.2")
        # Where it says it comes from changes nothing.
        told = caller.whole("GET", "/v1/owner-context", REMOTE_ADDR=f"6.6.6.{guess[0]}",
                            X_Forwarded_For=f"6.6.6.{guess[0]}", Forwarded=f"for=6.6.{guess[0]}.6")
        caller.close()
        return told

    _, let_in = until_refused(call)
    assert len(let_in) >= 9, len(let_in)
    bodies = set()
    for status, headers, body in let_in:
        assert status == 401 and body["error"]["code"] == "unknown_api_key", body
        assert headers["WWW-Authenticate"].startswith("Bearer "), headers.items()
        bodies.add(json.dumps(dict(body, instance="")))
    assert len(bodies) == 1, bodies
    assert known.call("GET", "/v1/owner-context")[0] == 200, "who is known pays for a stranger"
    known.close()
    elsewhere = Caller(port, "ak_nobody", "127.0.0.3")
    assert elsewhere.call("GET", "/v1/owner-context")[0] == 401
    elsewhere.close()


def main():
    with tempfile.TemporaryDirectory(prefix="openavail-serve-crowd-") as folder:
        house = House(sys.argv[1], folder, 1)
        keys = [house.key("one"), house.key("two")]
        crowd(house, *keys)
        with Server(house, settings=FEW) as server:
            limits_of_keys(server.port, house.owners[0], *keys)
            limits_of_addresses(server.port, keys[0])
            server.end()
    print("serve_crowd: keys and addresses are held to their limits, each to its own")


if __name__ == "__main__":
    main()
