"""What a hostile client can send, against the real server. Usage: serve_hostile.py BINARY.

Each case sends bytes on a fresh connection and says which statuses have to come; then the server
closes the connection. Behind each a normal request on another connection is answered. Every answer
has the house's headers; every refusal is JSON with error.code; nothing echoes a key.
"""

import concurrent.futures
import gzip
import json
import sys
import tempfile

from house import House
from served import Server, answers_in, connect, everything, exchange

HOUSE_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
}
LEAKS = (b"exception", b"httplib", b"sqlite", b"nlohmann", b"what()", b".cc:", b"std::")


def request(method=b"GET", target=b"/v1/owner-context", fields=b"", body=None, last=True):
    length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
    close = b"Connection: close\r\n" if last else b""
    return (method + b" " + target + b" HTTP/1.1\r\nHost: a\r\n" + fields + length + close +
            b"\r\n" + (body or b""))


class Cases:
    """(name, bytes, the statuses that have to come, in order)."""

    def __init__(self, key):
        self.key = f"Authorization: Bearer {key}\r\n".encode()
        self.hidden = request(target=b"/v1/schedule-rules", fields=self.key)

    def post(self, body, fields=b"Content-Type: application/json\r\n"):
        return request(b"POST", b"/v1/bookings", self.key + fields, body)

    def framing(self):
        """Rows 2, 3, 7: no second reader may see another request than we do."""
        length = b"Content-Length: %d\r\n" % len(self.hidden)
        chunked = b"Transfer-Encoding: chunked\r\n"
        head = b"POST /v1/bookings HTTP/1.1\r\nHost: a\r\n" + self.key
        doubtful = {
            "length and chunks": (length + chunked, 400),
            "chunks and length": (chunked + length, 400),
            "two lengths alike": (length + length, 400),
            "two lengths": (length + b"Content-Length: 0\r\n", 400),
            "a list of lengths": (b"Content-Length: 5, 5\r\n", 400),
            "length with a sign": (b"Content-Length: +5\r\n", 400),
            "length below zero": (b"Content-Length: -1\r\n", 400),
            "length in hex": (b"Content-Length: 0x10\r\n", 400),
            "length with a fraction": (b"Content-Length: 5.0\r\n", 400),
            "length of many digits": (b"Content-Length: " + b"9" * 30 + b"\r\n", 413),
            "length without a number": (b"Content-Length:\r\n", 400),
            "space before the colon": (b"Content-Length : 5\r\n", 400),
            "coding, space before the colon": (b"Transfer-Encoding : chunked\r\n", 400),
            "coding behind a folded line": (b"X: a\r\n Transfer-Encoding: chunked\r\n", 400),
            "a folded line with a tab": (b"X: a\r\n\tb\r\n", 400),
            "folded from the start": (b" Content-Length: 5\r\n", 400),
            "bare LF": (b"X: a\nContent-Length: 5\r\n", 400),
            "bare CR": (b"X: a\rContent-Length: 5\r\n", 400),
            "NUL in a header": (b"X: a\0b\r\n", 400),
            "vertical tab in a coding": (b"Transfer-Encoding: \x0bchunked\r\n", 400),
            "no length at all": (b"", 411),
            "chunks": (chunked, 411),
            "an unknown coding": (b"Transfer-Encoding: xchunked\r\n", 411),
            "identity as a coding": (b"Transfer-Encoding: identity\r\n", 411),
            "codings in two fields": (b"Transfer-Encoding: identity\r\n" + chunked, 411),
            "gzip": (length + b"Content-Encoding: gzip\r\n", 415),
            "gzip after identity": (length + b"Content-Encoding: identity, gzip\r\n", 415),
            "an unknown expectation": (length + b"Expect: 200-ok\r\n", 417),
        }
        for name, (fields, status) in doubtful.items():
            yield name, head + fields + b"\r\n" + self.hidden, [status]
        for size in (b"5", b"-5", b"0x5", b"fffffffffffffffff", b"5;ext=\n", b"", b"5\n"):
            yield (f"chunk size {size!r}",
                   head + chunked + b"\r\n" + size + b"\r\nhello\r\n0\r\n\r\n" + self.hidden, [411])
        small = gzip.compress(b" " * 900_000)
        yield "gzip bomb", self.post(small, b"Content-Encoding: gzip\r\n"), [415]
        yield "GET with a body", request(fields=self.key, body=self.hidden), [200]

    def heads(self):
        """Rows 1, 6 and what RFC 9112 asks of a head."""
        good = b"Host: a\r\n" + self.key + b"Connection: close\r\n\r\n"
        for status, line in (
                (400, b"GET /v1/owner-context"), (400, b"GET"), (400, b"rubbish"),
                (400, b"get /v1/owner-context HTTP/1.1"), (400, b"GET  /v1/owner-context HTTP/1.1"),
                (400, b"GET /v1/owner context HTTP/1.1"), (400, b"GET /\tHTTP/1.1"),
                (400, b"G\xc3\x89T /v1/owner-context HTTP/1.1"), (400, b"GET / http/1.1"),
                (400, b"GET /v1/owner-context HTTP/1.10"), (505, b"GET / HTTP/2.0"),
                (505, b"GET / HTTP/0.9"), (505, b"PRI * HTTP/2.0"),
                (400, b"GET v1/owner-context HTTP/1.1"), (400, b"GET * HTTP/1.1"),
                (400, b"GET /v1/owner-context#x HTTP/1.1"), (400, b"GET /\xc3\xa9 HTTP/1.1"),
                (400, b"GET http://b/v1/owner-context HTTP/1.1"), (400, b"CONNECT a:1 HTTP/1.1"),
                (400, b"GET ftp://a/v1/owner-context HTTP/1.1"),
                (200, b"GET http://a/v1/owner-context HTTP/1.1"),
                (414, b"GET /" + b"a" * 8192 + b" HTTP/1.1")):
            yield f"request line {line[:40]!r}", line + b"\r\n" + good, [status]
        yield "HTTP/0.9", b"GET /v1/owner-context\r\n\r\n", [400]
        yield "TLS where none is spoken", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]
        line = b"GET /v1/owner-context HTTP/1.1\r\n"
        for status, fields in (
                (400, b""), (400, b"Host: a\r\nHost: a\r\n"), (400, b"Host: a\r\nhost: b\r\n"),
                (400, b"Host: a, b\r\n"), (400, b"Host:\r\n"), (400, b"Host: u@a\r\n"),
                (400, b"Host: a/b\r\n"), (400, b"Host: a\r\nno colon\r\n"),
                (400, b"Host: a\r\n: no name\r\n"), (400, b"Host: a\r\nNa me: a\r\n"),
                (400, b"Host: a\r\nX\0Y: a\r\n"), (400, b"Host: a\r\nX: \x7f\r\n"),
                (200, b"Host: a\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(97))),
                (431, b"Host: a\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(98))),
                (431, b"Host: a\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(5_000))),
                (431, b"Host: a\r\nX: " + b"a" * 33_000 + b"\r\n")):
            yield (f"fields {fields[:40]!r} ({len(fields)})",
                   line + fields + self.key + b"Connection: close\r\n\r\n", [status])

    def pipelines(self):
        one = request(fields=self.key, last=False)
        yield "three at once", one + one + self.hidden, [200, 200, 200]
        yield "the second is refused", one + b"rubbish\r\n\r\n" + self.hidden, [200, 400]
        yield "rubbish, line after line", b"rubbish\r\n" * 1000 + b"\r\n" + self.hidden, [400]
        body = b"{}" + self.hidden
        yield ("a request in the body of a refused one",
               request(b"POST", b"/v1/bookings", self.key + b"Content-Type: text/plain\r\n",
                       body, last=False) + self.hidden, [415, 200])

    def targets(self):
        for status, target in (
                (404, b"/"), (404, b"//v1/owner-context"), (404, b"/v1/owner-context/"),
                (404, b"/v1/./owner-context"), (404, b"/v1/bookings/../owner-context"),
                (404, b"/v1/%6fwner-context"), (404, b"/v1%2fowner-context"),
                (404, b"/%2e%2e/%2e%2e/etc/passwd"), (404, b"/../../etc/passwd"),
                (404, b"/V1/owner-context"), (404, b"/v1/bookings/"), (404, b"/v1/bookings/%zz"),
                (404, b"/v1/bookings/%4"), (404, b"/v1/bookings/%"),
                (400, b"/v1/owner-context?x=%zz"), (400, b"/v1/owner-context?x=1"),
                (400, b"/v1/owner-context?owner_email=a&owner_email=b"),
                (400, b"/v1/bookings?limit=99999999999999999999"),
                (400, b"/v1/bookings?limit=1e1"), (400, b"/v1/bookings?limit=-1")):
            yield f"target {target!r}", request(target=target, fields=self.key), [status]
        for encoded in (b"%00", b"a%00b", b"%ff%fe", b"%2e%2e%2fa", b"a%0d%0aX-Evil:%20yes",
                        b"';--", b"%27%20OR%201=1", b"a" * 8000, b"%25%30%30"):
            yield (f"booking {encoded[:30]!r}",
                   request(target=b"/v1/bookings/" + encoded, fields=self.key), [(400, 404)])

    def methods(self):
        for method in (b"PUT", b"PROPFIND", b"TRACE", b"A" * 32, b"PATCH", b"OPTIONS"):
            body = b"" if method in (b"PUT", b"PATCH") else None
            yield (f"method {method!r}",
                   request(method, b"/v1/bookings", self.key, body), [405])
        yield "a long method", request(b"A" * 33, fields=self.key), [400]
        yield "OPTIONS of all", request(b"OPTIONS", b"*", self.key), [(404, 405)]

    def bodies(self):
        """JSON that two readers could understand differently, or that would cost too much."""
        deep = b'{"title":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
        for name, body in (
                ("nested 60,000 deep", deep), ("nested 60,000 deep, unended", b"[" * 60_000),
                ("nested 33 deep", b'{"a":' + b"[" * 32 + b"]" * 32 + b"}"),
                ("a member twice", b'{"title":"a","title":"b"}'),
                ("a member twice, once escaped", b'{"title":"a","t\\u0069tle":"b"}'),
                ("a member twice, deeper", b'{"attendees":[{"email":"a@b.c","email":"d@e.f"}]}'),
                ("not UTF-8", b'{"title":"\xff"}'), ("overlong UTF-8", b'{"title":"\xc0\xaf"}'),
                ("a surrogate in UTF-8", b'{"title":"\xed\xa0\x80"}'),
                ("half a surrogate", b'{"title":"\\ud800"}'),
                ("UTF-16", '{"a":1}'.encode("utf-16")),
                ("a raw control character", b'{"title":"a\nb"}'), ("NUL", b'{"title":"a\0b"}'),
                ("NaN", b'{"start":NaN}'), ("a huge number", b'{"start":1e999999}'),
                ("a number of 60,000 digits", b'{"start":' + b"9" * 60_000 + b"}"),
                ("a comment", b'{/**/}'), ("a comma too many", b'{"title":"a",}'),
                ("text behind it", b'{} {}'), ("single quotes", b"{'title':'a'}"),
                ("an array", b"[]"), ("a string", b'"a"'), ("null", b"null"), ("nothing", b""),
                ("blanks", b"   "), ("unended", b'{"title":"a'),
                ("7,000 unknown members",
                 b"{" + b",".join(b'"%d":1' % n for n in range(7_000)) + b"}"),
                ("__proto__", b'{"__proto__":{"a":1}}'),
                ("wrong types", b'{"start":{},"end":[],"title":1,"meeting_class":null}')):
            yield f"JSON: {name}", self.post(body), [400]
        yield "a body of 64 KiB and one", self.post(b" " * 65_537), [413]
        for kind in (b"text/plain", b"application/x-www-form-urlencoded", b"application/jsonx",
                     b"application/json; charset=latin1", b"multipart/form-data", b""):
            yield (f"content type {kind!r}",
                   self.post(b"{}", b"Content-Type: " + kind + b"\r\n"), [415])
        yield "no content type", self.post(b"{}", b""), [415]
        for size in (256, 8000):
            fields = b"Content-Type: application/json\r\nIdempotency-Key: " + b"k" * size + b"\r\n"
            whole = (b'{"start":"2031-03-03T08:00:00Z","end":"2031-03-03T09:00:00Z","title":"a",'
                     b'"meeting_class":"Regular"}')
            yield f"an idempotency key of {size}", self.post(whole, fields), [400]

    def doubled(self):
        """A header that decides something may stand once: a proxy may have taken the other one."""
        json_type = b"Content-Type: application/json\r\n"
        for name, fields in (
                ("two keys", self.key + b"Authorization: Bearer ak_x\r\n"),
                ("two keys, turned round", b"Authorization: Bearer ak_x\r\n" + self.key),
                ("one key twice", self.key + self.key)):
            yield name, request(fields=fields), [400]
        for name, fields in (
                ("two content types", json_type + b"content-type: text/plain\r\n"),
                ("two idempotency keys",
                 json_type + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n")):
            yield name, self.post(b"{}", fields), [400]

    def keys(self):
        key = self.key.split()[2]
        for name, fields in (
                ("none", b""), ("empty", b"Authorization:\r\n"),
                ("no secret", b"Authorization: Bearer\r\n"),
                ("basic", b"Authorization: Basic " + key + b"\r\n"),
                ("cut", b"Authorization: Bearer " + key[:-1] + b"\r\n"),
                ("longer", b"Authorization: Bearer " + key + b"a\r\n"),
                ("two words", b"Authorization: Bearer " + key + b" " + key + b"\r\n"),
                ("other case", b"Authorization: Bearer " + key.swapcase() + b"\r\n"),
                ("another header", b"X-API-Key: " + key + b"\r\nCookie: key=" + key + b"\r\n"),
                ("very long", b"Authorization: Bearer " + b"a" * 20_000 + b"\r\n"),
                ("a requester's", b"Authorization: Bearer rc_abc_def\r\n")):
            yield f"key: {name}", request(fields=fields), [401]
        yield "key in the query", request(target=b"/v1/owner-context?api_key=" + key), [401]
        yield ("key in the query, besides",
               request(target=b"/v1/owner-context?api_key=" + key, fields=self.key), [400])
        yield ("key for an id",
               request(target=b"/v1/bookings/" + key, fields=self.key), [(400, 404)])

    def all(self):
        for part in (self.framing, self.heads, self.pipelines, self.targets, self.methods,
                     self.bodies, self.doubled, self.keys):
            yield from part()


def check_form(answer, key):
    """What every answer of the house has, and what none may have."""
    for name, value in HOUSE_HEADERS.items():
        assert answer.headers.get(name) == value, (name, answer.headers)
    request_id = answer.headers["x-request-id"]
    assert 1 <= len(request_id) <= 128 and all("!" <= c <= "~" for c in request_id), request_id
    for name in ("server", "x-powered-by", "content-encoding", "access-control-allow-origin",
                 "exception_what", "x-evil", "transfer-encoding"):
        assert name not in answer.headers, (name, answer.headers)
    assert key.encode() not in answer.text, "the key comes back"
    if answer.status == 200:
        json.loads(answer.body)
        return
    assert answer.headers["content-type"] in ("application/problem+json", "application/json")
    body = json.loads(answer.body)
    assert isinstance(body["error"]["code"], str) and body["error"]["message"], body
    assert body["pending_notifications"] == [] and body["status"] == answer.status, body
    assert body["type"] and body["title"] and body["instance"] == request_id, body
    assert not [leak for leak in LEAKS if leak in answer.body.lower()], answer.body
    if answer.status == 401:
        assert body["error"]["code"] == "unknown_api_key", body
        assert answer.headers["www-authenticate"].startswith("Bearer "), answer.headers
    if answer.status == 405:
        assert "GET" in answer.headers["allow"], answer.headers


def fits(statuses, wanted):
    return len(statuses) == len(wanted) and all(
        s in w if isinstance(w, tuple) else s == w for s, w in zip(statuses, wanted))


def run_cases(server, key):
    cases = Cases(key)
    failures, count = [], 0
    for name, sent, wanted in cases.all():
        count += 1
        try:
            answers = exchange(server.port, sent)
            statuses = [answer.status for answer in answers]
            assert fits(statuses, wanted), f"{statuses} instead of {wanted}"
            for answer in answers:
                check_form(answer, key)
            assert "close" in answers[-1].headers.get("connection", ""), answers[-1].headers
        except (AssertionError, KeyError, ValueError, OSError) as failure:
            failures.append(f"{name}: {failure!r}")
        after = exchange(server.port, cases.hidden)
        assert [a.status for a in after] == [200], f"after {name}: {after}"
    return count, failures


def check_request_ids(server, key):
    """One of 1 to 128 visible ASCII characters is echoed, whatever else happens; no other."""
    auth = f"Authorization: Bearer {key}\r\n".encode()
    for refused in (b"", b"Transfer-Encoding: chunked\r\n"):
        for sent, is_echoed in ((b"a", True), (b"!~" * 64, True), (b"a" * 129, False),
                                (b"a" * 9000, False), (b"a b", False), (b"\xc3\xa9", False)):
            answer, = exchange(server.port,
                               request(fields=auth + refused + b"X-Request-Id: " + sent + b"\r\n"))
            check_form(answer, key)
            assert (answer.headers["x-request-id"].encode() == sent) == is_echoed, (refused, sent)


def check_head_requests(server, key):
    """HEAD brings no body, of a refusal neither: it would be read as the next answer."""
    for target in (b"/health", b"/no/such", b"/v1/owner-context"):
        answer, = exchange(server.port, request(b"HEAD", target), head_only=True)
        assert answer.headers["strict-transport-security"], answer.headers
        assert "x-request-id" in answer.headers


def check_unfinished(server, key):
    """Heads and bodies that do not come are given up, in form; nothing is waited for in vain."""
    sent = (b"GET /v1/owner-context HTTP/1.1\r\nHo", b"G", b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
            b"POST /v1/bookings HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{",
            b"POST /v1/bookings HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n"
            b"Expect: 100-continue\r\n\r\n")
    with concurrent.futures.ThreadPoolExecutor(len(sent)) as pool:
        for text, tried in [(t, pool.submit(exchange, server.port, t)) for t in sent]:
            answers = [a for a in tried.result() if a.status != 100]
            assert [a.status for a in answers] == [408], (text, answers)
            check_form(answers[0], key)


def check_floods(server, key):
    """Lines and bodies without end are cut at the limit and keep no memory (rows 1, 2)."""
    before = server.resident_kib()
    piece = b"a" * 1_000_000
    for begun in (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"GET /", b"",
                  b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"):
        with connect(server.port) as connection:
            try:
                connection.sendall(begun)
                for _ in range(40):
                    connection.sendall(piece)
                raise AssertionError(f"forty megabytes were taken behind {begun!r}")
            except (BrokenPipeError, ConnectionResetError):
                pass
    grown = server.resident_kib() - before
    assert grown < 16 * 1024, f"{grown} KiB stayed"
    assert exchange(server.port, Cases(key).hidden)[0].status == 200


def check_broken_off(server, key):
    for sent in (b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na",
                 Cases(key).hidden):
        for _ in range(20):
            with connect(server.port) as connection:
                connection.sendall(sent)
    with connect(server.port) as connection:  # ended from our side, still answered
        connection.sendall(Cases(key).hidden)
        connection.shutdown(1)
        answers = answers_in(everything(connection))
    assert [a.status for a in answers] in ([200], []), answers


def main():
    with tempfile.TemporaryDirectory(prefix="openavail-serve-hostile-") as folder:
        house = House(sys.argv[1], folder, 1)
        key = house.key("agent", "read_freebusy,read_events,create_holds,create_bookings")
        with Server(house) as server:
            count, failures = run_cases(server, key)
            for check in (check_request_ids, check_head_requests, check_unfinished, check_floods,
                          check_broken_off):
                try:
                    check(server, key)
                except (AssertionError, KeyError, ValueError, OSError) as failure:
                    failures.append(f"{check.__name__}: {failure!r}")
            server.end()
            said = "".join(server.said)
        for secret in (key, key.split("_")[2], "Bearer"):
            assert secret not in said, "something of the key is in what the server said"
        rows = json.dumps(house.verify())
        assert key not in rows and key.split("_")[2] not in rows, "the key is in the audit log"
    for failure in failures:
        print(failure)
    assert not failures, f"{len(failures)} failures, {count} cases"
    print(f"serve_hostile: {count} cases, each refused as it should be")


if __name__ == "__main__":
    main()
