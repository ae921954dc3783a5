"""Every input of every tool, as nobody should fill it in. The schemas that the binary lists say
what.
"""

import datetime
import json

from hostile_case import DAY, HostileCase, at, meeting

UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
VALUES = {"string": "text", "integer": 7, "number": 7.5, "boolean": True, "object": {}, "array": [],
          "null": None}
SEARCH = {"duration_minutes": 30, "earliest_start": at("09:00"), "latest_end": at("17:00"),
          "meeting_class": "Regular"}
SLOT = {"start": at("09:00"), "end": at("09:30")}
HOLD = {"meeting_class": "Regular", "hold_scope": "candidate", "candidate": SLOT}
# What each tool accepts, so that only the fault under test is at fault.
GOOD = {"search-availability": SEARCH, "create-hold": HOLD, "release-hold": {"hold_id": UUID},
        "confirm-hold": {"hold_id": UUID, "title": "hostile", **SLOT},
        "simulate": {"meeting_class": "Regular", **SLOT}, "ack-notifications": {"ids": [UUID]},
        "search-events": {"q": "x"}, "get-event": {"id": UUID}, "create-event": meeting(9),
        "update-event": {"id": UUID, "title": "hostile"}, "delete-event": {"id": UUID},
        "create-booking-proposal": {"title": "hostile", "meeting_class": "Regular",
                                    "duration_minutes": 30,
                                    "requested_window": {"start": at("09:00"), "end": at("17:00")}},
        "get-booking-proposal": {"proposal_id": UUID}}
TIMES = [("search-availability", "earliest_start"), ("search-availability", "latest_end"),
         ("create-hold", "candidate/start"), ("create-hold", "candidate/end"),
         ("confirm-hold", "start"), ("confirm-hold", "end"), ("simulate", "start"),
         ("simulate", "end"), ("create-event", "start"), ("create-event", "end"),
         ("list-events", "timeMin"), ("list-events", "timeMax"), ("search-events", "timeMin"),
         ("search-events", "timeMax")]


def later(days):
    start = datetime.date.fromisoformat(DAY)
    return (start + datetime.timedelta(days=days)).isoformat()


def copy_of(value):
    return json.loads(json.dumps(value))


def schemas_below(schema, path=""):
    """(pointer, schema) of every member, inside objects and the first entry of arrays too."""
    for name, member in schema.get("properties", {}).items():
        yield f"{path}/{name}", member
        yield from schemas_below(member, f"{path}/{name}")
    if "items" in schema:
        yield f"{path}/0", schema["items"]
        yield from schemas_below(schema["items"], f"{path}/0")


def put(tree, pointer, value):
    """Sets what a pointer names; makes the objects and arrays on the way."""
    *way, last = pointer.strip("/").split("/")
    node = tree
    for name, following in zip(way, [*way[1:], last]):
        fresh = [] if following == "0" else {}
        if name == "0":
            if not node:
                node.append(fresh)
            node = node[0]
        else:
            node = node.setdefault(name, fresh)
    if last == "0":
        node[:] = [value]
    else:
        node[last] = value


class Input(HostileCase):
    def setUp(self):
        super().setUp()
        self.agent = self.client()
        listed = self.agent.request("tools/list", {})["result"]["tools"]
        self.schemas = {tool["name"]: tool["inputSchema"] for tool in listed}
        self.assertEqual(len(self.schemas), 19)

    def tearDown(self):
        self.assertEqual(self.events(), [])
        super().tearDown()

    def refuse(self, tool, arguments, path=None, code="VALIDATION_FAILED"):
        with self.subTest(tool=tool, arguments=str(arguments)[:200]):
            is_error, body = self.agent.call(tool, **arguments)
            self.assertTrue(is_error, body)
            self.assert_refused(body, code)
            if path is not None:
                self.assertIn(path, [issue["path"] for issue in body["issues"]])
            return body

    def members(self):
        for tool, schema in self.schemas.items():
            for path, member in schemas_below(schema):
                if "type" in member:  # not where one of several will do
                    yield tool, path, member

    def test_wrong_types(self):
        tried = 0
        for tool, path, member in self.members():
            for kind, value in VALUES.items():
                if kind == member["type"] or (kind == "object" and path.endswith("attendees/0")):
                    continue
                arguments = copy_of(GOOD.get(tool, {}))
                put(arguments, path, value)
                self.refuse(tool, arguments, path)
                tried += 1
        self.assertGreater(tried, 300)

    def test_values_out_of_range(self):
        tried = 0
        for tool, path, member in self.members():
            values = []
            if "minimum" in member:
                values += [member["minimum"] - 1, -1, -2**63]
            if "maximum" in member:
                values += [member["maximum"] + 1, 2**31, 2**32 + member["minimum"], 2**63,
                           2**64 - 1]
            if "enum" in member:
                values += ["", member["enum"][0].upper(), member["enum"][0] + " ", "\0"]
            if member.get("minLength"):
                values += [""]
            if "maxLength" in member:
                values += ["x" * (member["maxLength"] + 1), "x" * 200_000,
                           "\u00e9" * (member["maxLength"] // 2 + 1)]
            if "maxItems" in member:
                entry = {"email": "a@example.org"} if path == "/attendees" else UUID
                values += [[entry] * (member["maxItems"] + 1)]
            if "minItems" in member:
                values += [[]]
            for value in values:
                arguments = copy_of(GOOD.get(tool, {}))
                put(arguments, path, value)
                self.refuse(tool, arguments, path)
                tried += 1
        self.assertGreater(tried, 150)

    def test_missing_members(self):
        for tool, schema in self.schemas.items():
            for name in schema.get("required", []):
                arguments = {k: v for k, v in GOOD[tool].items() if k != name}
                self.refuse(tool, arguments, "/" + name)
        for tool, name in (("create-hold", "candidate"), ("search-events", "q")):
            arguments = {k: v for k, v in GOOD[tool].items() if k != name}
            self.refuse(tool, arguments, "/" + name)
        self.refuse("create-hold", {**HOLD, "hold_scope": "window", "window": SLOT},
                    "/duration_minutes")
        is_error, body = self.agent.call("update-event", id=UUID)
        self.assertTrue(is_error)
        self.assert_refused(body, "BOOKING_NOT_FOUND")

    def test_unknown_members_name_the_nearest(self):
        for tool in self.schemas:
            if tool == "simulate":
                continue  # takes more, by contract
            for name in ("zzz", "", "__proto__", "$ref", "a/b~c", "\u0000", "\U0001F600",
                         "agentId"):
                path = "/" + name.replace("~", "~0").replace("/", "~1")
                self.refuse(tool, {**GOOD.get(tool, {}), name: 1}, path)
        for wrong, right in (("tittle", "title"), ("meetingClass", "meeting_class"),
                             ("attendee", "attendees"), ("ownerEmail", "owner_email")):
            body = self.refuse("create-event", meeting(9, **{wrong: 1}), "/" + wrong)
            self.assertIn(f"did you mean {right}?", body["message"])
        body = self.refuse("create-event",
                           meeting(9, attendees=[{"email": "a@example.org", "name": ""}]),
                           "/attendees/0/name")
        self.assertIn("displayName", body["message"])
        body = self.refuse("create-hold", {**HOLD, "candidate": {**SLOT, "ends": 1}},
                           "/candidate/ends")
        self.assertIn("did you mean end?", body["message"])

    def test_members_of_former_generations_are_ignored(self):
        for tool in ("list-meeting-classes", "get-agent-context"):
            is_error, body = self.agent.call(tool, agent_id=["anything"])
            self.assertFalse(is_error, body)

    def test_times_without_a_zone_or_with_a_fraction(self):
        bad = ["", "x", "2031-03-04", "09:00", "2031-03-04T09:00:00", "2031-03-04 09:00:00Z",
               "2031-03-04T09:00Z", "2031-03-04T09:00:00.5Z", "2031-03-04T09:00:00.0001Z",
               "2031-03-04T09:00:00.Z", "2031-03-04T09:00:00,0Z", "2031-03-04T24:00:00Z",
               "2031-03-04T09:60:00Z", "2031-03-04T09:00:60Z", "2031-02-29T09:00:00Z",
               "2031-13-04T09:00:00Z", "2031-03-04T09:00:00+0100", "2031-03-04T09:00:00+24:00",
               "2031-03-04T09:00:00Zulu", "2031-03-04T09:00:00Z\n", " 2031-03-04T09:00:00Z",
               "+2031-03-04T09:00:00Z", "20310304T090000Z", "1969-12-31T23:59:59Z",
               "10000-01-01T00:00:00Z", "2031-03-04T09:00:00\u00a0Z", "2031-03-04T09:00:00Z\u0000",
               "\uff12\uff10\uff13\uff11-03-04T09:00:00Z", "9" * 1000]
        for tool, path in TIMES:
            for text in bad:
                arguments = copy_of(GOOD.get(tool, {}))
                put(arguments, path, text)
                self.refuse(tool, arguments, "/" + path)
        for same in ("2031-03-04T10:00:00.000+01:00", "2031-03-04t09:00:00z"):
            is_error, body = self.agent.call("search-availability",
                                             **{**SEARCH, "earliest_start": same})
            self.assertFalse(is_error, body)
            self.assertEqual(body["requestedWindow"]["start"], at("09:00"))

    def test_windows_of_four_hundred_days(self):
        long = {"start": at("09:00"), "end": at("09:00", later(400))}
        self.refuse("search-availability", {**SEARCH, "latest_end": long["end"]})
        self.refuse("create-event", meeting(9, end=long["end"]))
        self.refuse("create-hold", {**HOLD, "candidate": long})
        self.refuse("create-hold", {**HOLD, "hold_scope": "window", "window": long,
                                    "duration_minutes": 30})
        self.refuse("create-hold", {**HOLD, "hold_scope": "window", "duration_minutes": 30,
                                    "window": {"start": at("09:00"), "end": at("17:01")}})
        self.refuse("simulate", {"meeting_class": "Regular", **long})
        self.refuse("simulate", {"meeting_class": "Regular", "start": at("09:00"),
                                 "end": "9990-01-01T00:00:00Z"})
        is_error, body = self.agent.call("list-events", timeMin="1970-01-01T00:00:00Z",
                                         timeMax="9999-12-31T23:59:59Z")
        self.assertFalse(is_error, body)

    def test_ends_before_starts(self):
        swapped = {"start": at("10:00"), "end": at("09:00")}
        for interval in (swapped, {"start": at("09:00"), "end": at("09:00")}):
            self.refuse("create-event", meeting(9, **interval))
            self.refuse("simulate", {"meeting_class": "Regular", **interval})
            self.refuse("create-hold", {**HOLD, "candidate": interval})
        self.refuse("search-availability", {**SEARCH, "latest_end": at("08:00")})
        self.refuse("search-availability", {**SEARCH, "latest_end": at("09:10")},
                    code="WINDOW_TOO_NARROW")

    def test_times_that_are_over_or_out_of_reach(self):
        over = {"start": "1999-03-04T09:00:00Z", "end": "1999-03-04T10:00:00Z"}
        self.refuse("create-event", meeting(9, **over), code="PAST_TIME")
        self.refuse("simulate", {"meeting_class": "Regular", **over}, code="PAST_TIME")
        self.refuse("create-hold", {**HOLD, "candidate": over}, code="PAST_TIME")
        self.refuse("search-availability", {**SEARCH, "earliest_start": over["start"],
                                            "latest_end": over["end"]}, code="PAST_TIME")
        for year in (2501, 2600, 3001, 9998, 9999):
            far = {"start": f"{year}-12-31T22:00:00Z", "end": f"{year}-12-31T23:00:00Z"}
            self.refuse("create-event", meeting(9, **far))
            self.refuse("simulate", {"meeting_class": "Regular", **far})
            self.refuse("create-hold", {**HOLD, "candidate": far})
            self.refuse("search-availability", {**SEARCH, "earliest_start": far["start"],
                                                "latest_end": far["end"]})

    def test_absurd_lookaheads(self):
        for hours in (73, 2**31, 2**32 + 1, 2**63 - 1):
            self.refuse("search-availability", {**SEARCH, "next_available_lookahead_hours": hours},
                        code="LOOKAHEAD_EXCEEDS_MAXIMUM")

    def test_ids_that_are_none(self):
        for id_ in ("x" * 36, UUID.replace("-", "_"), UUID[:-1] + "\u0000", UUID[:-1] + "'",
                    "%" * 36, "../" * 12):
            for tool, name in (("get-event", "id"), ("update-event", "id"), ("delete-event", "id"),
                               ("release-hold", "hold_id"), ("confirm-hold", "hold_id")):
                self.refuse(tool, {**GOOD[tool], name: id_}, "/" + name)
        is_error, body = self.agent.call("ack-notifications", ids=[UUID, "x" * 36, "%" * 36])
        self.assertEqual((is_error, body), (False, {"ackedCount": 0}))
        for tool, code in (("get-event", "BOOKING_NOT_FOUND"),
                           ("update-event", "BOOKING_NOT_FOUND"),
                           ("delete-event", "BOOKING_NOT_FOUND"),
                           ("release-hold", "HOLD_NOT_FOUND"),
                           ("confirm-hold", "HOLD_NOT_FOUND")):
            self.refuse(tool, GOOD[tool], code=code)

    def test_names_and_cursors_that_nobody_gave(self):
        for text in ("Reg\u0000ular", "Regular ", "'; DROP TABLE classes; --", "\u001b[31mRegular",
                     "\U0001F600", "x" * 200):
            self.refuse("create-event", meeting(9, meeting_class=text),
                        code="INVALID_MEETING_CLASS")
        for text in ("", "nobody@example.org", self.owner + "\u0000", "%", "*", "' OR 1=1 --"):
            self.refuse("create-event", meeting(9, owner_email=text), code="owner_scope_denied")
        for text in ("", "x", "\u0000", "x" * 1024, "AAAA" * 200, "../../etc/passwd", "{}"):
            self.refuse("list-events", {"cursor": text})

    def test_input_of_commands(self):
        for text, code in (("", 2), ("{", 2), ("[]", 2), ("5", 2), ('{"a":1,"a":2}', 2),
                           ("[" * 100_000, 2), ("\ufeff{}", 0), ("{} x", 2)):
            with self.subTest(text=text[:20]):
                ran = self.house.attempt("call", "list-meeting-classes", "--input", "-", input=text,
                                         stdin=None, env=self.environment())
                self.assertEqual(ran.returncode, code if text else 2, ran.stdout)
        ran = self.house.attempt("call", "list-meeting-classes", "--input", "-",
                                 stdin=open("/dev/zero", "rb"), env=self.environment())
        self.assertEqual(ran.returncode, 2)
        self.assert_refused(json.loads(ran.stdout), "PAYLOAD_TOO_LARGE")
        ran = self.house.attempt("call", "no-such-tool", env=self.environment())
        self.assertEqual(ran.returncode, 3)
