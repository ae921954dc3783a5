"""JSON-RPC as nobody should send it."""

import json

from hostile_case import HostileCase, meeting, result_of, rpc, tool_call

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
MIB = 1024 * 1024
PING = rpc("ping", {}, "still there")


def line(value):
    return json.dumps(value).encode() + b"\n"


class Protocol(HostileCase):
    def assert_answered(self, raw, code, id_=None):
        """The line gets one error, and the next line is served."""
        done = self.exchange(raw, PING, answers=2)
        self.assertEqual(done.code, 0)
        self.assert_log(done.err)
        served = {"jsonrpc": "2.0", "id": "still there", "result": {}}
        self.assertIn(served, done.answers)
        done.answers.remove(served)  # tools are answered in any order
        answer = done.answers[0]
        self.assertEqual(answer["error"]["code"], code, answer)
        self.assertTrue(answer["error"]["message"])
        self.assertEqual(answer["id"], id_)
        self.assertEqual(answer["jsonrpc"], "2.0")

    def test_what_is_not_json(self):
        for raw in (b"hello\n", b"{\n", b"}\n", b'{"a":}\n', b"{'a':1}\n", b'{"a":1,}\n', b"nul\n",
                    b'{"a":01}\n', b'{"a":NaN}\n', b'{"a":1e999}\n', b'"\x01"\n', b"\x00\n",
                    b"GET / HTTP/1.1\n", b"Content-Length: 5\n", b"{} {}\n", b"/* */{}\n"):
            with self.subTest(raw=raw):
                self.assert_answered(raw, PARSE_ERROR)

    def test_bytes_that_are_not_utf8(self):
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\x80",
                    b"\\ud800", b"\\udc00\\ud800"):
            with self.subTest(bad=bad):
                raw = tool_call("create-event", meeting(9, title="@")).replace(b"@", bad)
                self.assert_answered(raw, PARSE_ERROR)
        self.assertEqual(self.events(), [])

    def test_messages_that_are_no_request(self):
        for value in ([], [{"jsonrpc": "2.0", "id": 1, "method": "ping"}], 5, "ping", True, None,
                      {},
                      {"id": 1, "method": "ping"}, {"jsonrpc": "1.0", "id": 1, "method": "ping"},
                      {"jsonrpc": 2.0, "id": 1, "method": "ping"},
                      {"jsonrpc": None, "id": 1, "method": "ping"}):
            with self.subTest(value=value):
                self.assert_answered(line(value), INVALID_REQUEST)

    def test_ids_that_are_none(self):
        for id_ in (None, 1.5, 1e30, True, [], {}, 10**30):
            with self.subTest(id_=id_):
                self.assert_answered(line({"jsonrpc": "2.0", "id": id_, "method": "ping"}),
                                     INVALID_REQUEST)

    def test_methods_that_are_none(self):
        self.assert_answered(line({"jsonrpc": "2.0", "id": 7}), INVALID_REQUEST, 7)
        for method in (None, 5, [], {}):
            with self.subTest(method=method):
                self.assert_answered(line({"jsonrpc": "2.0", "id": 7, "method": method}),
                                     INVALID_REQUEST)
        for method in ("", "tools/call/", "TOOLS/LIST", "__proto__", "a" * 100_000, "\u0000"):
            with self.subTest(method=method[:20]):
                self.assert_answered(rpc(method, {}, 7), NO_METHOD, 7)

    def test_params_of_the_wrong_kind(self):
        for method in ("ping", "initialize", "tools/list", "tools/call"):
            for params in ([], [1], "x", 5, None, True):
                with self.subTest(method=method, params=params):
                    self.assert_answered(rpc(method, params, 7), INVALID_PARAMS, 7)
        for params in ({}, {"name": 5}, {"name": None}, {"name": "no-such"}, {"name": ""},
                       {"name": "ping"}, {"name": "get-event", "arguments": []},
                       {"name": "get-event", "arguments": "{}"}):
            with self.subTest(params=params):
                self.assert_answered(rpc("tools/call", params, 7), INVALID_PARAMS, 7)

    def test_an_envelope_of_the_wrong_kind(self):
        version = "io.modelcontextprotocol/protocolVersion"
        for meta in ({version: 5}, {version: None}, {version: "2026-07-28"},
                     {version: "2026-07-28", "io.modelcontextprotocol/clientCapabilities": 5}):
            with self.subTest(meta=meta):
                self.assert_answered(rpc("tools/list", {"_meta": meta}, 7), INVALID_PARAMS, 7)

    def test_keys_that_occur_twice(self):
        self.assert_answered(b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}\n', PARSE_ERROR)
        once = tool_call("create-event", meeting(9))
        self.assert_answered(once.replace(b'"title"', b'"title": "a", "title"'), PARSE_ERROR)
        # The same key, spelled another way.
        self.assert_answered(once.replace(b'"title"', b'"title": "a", "\\u0074itle"'), PARSE_ERROR)
        self.assertEqual(self.events(), [])

    def test_nesting(self):
        def nested(depth, start=b"[", end=b"]"):
            body = start * depth + (b"0" if start != b"[" else b"") + end * depth
            return tool_call("simulate", meeting(9, x="@")).replace(b'"@"', body)

        # The request's own objects are three levels.
        done = self.exchange(nested(29), PING, answers=2)
        self.assertTrue(all("result" in answer for answer in done.answers))
        self.assert_answered(nested(30), PARSE_ERROR)
        self.assert_answered(nested(30, b'{"a":', b"}"), PARSE_ERROR)
        for raw in (b"[" * 100_000 + b"\n", b'{"a":' * 100_000 + b"\n", b"[" * 1_000_000 + b"\n"):
            self.assert_answered(raw, PARSE_ERROR)

    def test_a_line_of_the_limit_is_served_and_one_byte_more_is_not(self):
        whole = rpc("ping", {"x": "@"}, 7)
        filled = whole.replace(b"@", b"a" * (MIB - (len(whole) - 2)))
        self.assertEqual(len(filled), MIB + 1)  # with its newline
        done = self.exchange(filled, PING, answers=2)
        self.assertEqual(done.answers[0]["result"], {})
        self.assert_answered(filled.replace(b"aa", b"aaa", 1), INVALID_REQUEST)

    def test_a_line_without_end_takes_no_memory(self):
        done = self.exchange(*[b"x" * MIB] * 300, b"\n", PING, answers=2)
        self.assertEqual(done.answers[0]["error"]["code"], INVALID_REQUEST)
        self.assertIn("1 MiB", done.answers[0]["error"]["message"])
        self.assertLess(done.peak_mib, 64)

    def test_many_large_calls_at_once_take_bounded_memory(self):
        body = b"[" + b",".join([b"{}"] * 330_000) + b"]"
        calls = [tool_call("simulate", {"x": "@"}, n).replace(b'"@"', body) for n in range(40)]
        done = self.exchange(*calls, answers=40)
        self.assertEqual(sorted(answer["id"] for answer in done.answers), list(range(40)))
        self.assertLess(done.peak_mib, 512)

    def test_an_input_with_many_faults_gets_a_short_answer(self):
        for arguments in ({f"member{n}": n for n in range(40_000)}, {"x" * 1_000_000: 1},
                          {"/~" * 100_000: 1}, {"\U0001F600" * 20_000: 1},
                          meeting(9, attendees=[{"email": 5}] * 50_000),
                          meeting(9, attendees=[{"mail": 5}] * 50_000)):
            done = self.exchange(tool_call("create-event", arguments), answers=1)
            is_error, body = result_of(done.answers[0])
            self.assertTrue(is_error)
            self.assert_refused(body, "VALIDATION_FAILED")
            self.assertLess(len(json.dumps(body)), 8_000)
            self.assertLessEqual(len(body["issues"]), 20)

    def test_cancellations_and_responses_of_any_shape_are_silent(self):
        noise = b"".join(line({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": p})
                         for p in ([], "x", 5, None, {}, {"requestId": {}}, {"requestId": "gone"}))
        noise += b"".join(line({"jsonrpc": "2.0", "id": 1, name: value})
                          for name in ("result", "error") for value in (None, 5, {}))
        noise += b"\n \r\n\t\n"
        done = self.exchange(noise, PING, answers=1)
        self.assertEqual(done.answers[0]["id"], "still there")

    def test_one_id_for_many_calls_gets_as_many_answers(self):
        done = self.exchange(*[tool_call("list-meeting-classes", {}, 1)] * 20, answers=20)
        self.assertEqual([answer["id"] for answer in done.answers], [1] * 20)
