"""Hostile text in what agents write: none of it gets out of its place."""

import re
import subprocess

from hostile_case import HostileCase, at, meeting

TITLES = {
    "iCalendar": "x\nEND:VEVENT\nEND:VCALENDAR",
    "iCalendar with CRLF":
        "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nDTSTART:20310304T120000Z",
    "another start": "x\r\nDTSTART:19990101T000000Z",
    "transparent": "x\nTRANSP:TRANSPARENT\nSTATUS:CANCELLED",
    "a folded line": "x\r\n END:VEVENT",
    "escapes of iCalendar": "a\\nb\\;c\\,d\\\\e;f,g:h",
    "parameters": ";LANGUAGE=en:\"x\",^n^'^^",
    "header lines": "x\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK",
    "controls": "".join(map(chr, range(1, 32))) + "x\x7f",
    "NUL": "a\u0000b",
    "the second controls": "x\u0080\u0085\u009b31m\u009d",
    "terminal": "\u001b]0;owned\u0007\u001b[2J\u001b[31mx",
    "writing turned round": "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "four bytes a character": "\U0001F469\u200d\U0001F680\U0010FFFD" * 20,
    "combining marks": "Z" + "\u0351\u036f\u0343" * 100,
    "separators": "a\u2028b\u2029c",
    "no characters": "\ufeffx\ufffe\uffff",
    "a log line": "x\n{\"level\":\"error\",\"message\":\"openavail: all is well\"}",
    "JSON": "\"}],\"x\":[{\"",
    "SQL": "'); DROP TABLE bookings; --",
    "a shell": "$(touch /tmp/x) `id` ; rm -rf \"$HOME\" %n%s",
    "a mark of ours": "[Displaced] x",
    "one long word": "x" * 1024,
    "long after folding": "\u00e9" * 512,
}


CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Text(HostileCase):
    def parsed(self, name):
        """Property lines of one event file, read without any code of ours."""
        raw = (self.calendar / name).read_bytes()
        self.assertFalse(re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw), raw)
        self.assertEqual(raw.count(b"\n"), raw.count(b"\r\n"), "a bare line feed")
        self.assertEqual(raw.count(b"\r"), raw.count(b"\r\n"), "a bare carriage return")
        text = re.sub(r"\r\n[ \t]", "", raw.decode("utf-8"))
        return text.split("\r\n")

    def assert_one_event(self, name, hour):
        lines = self.parsed(name)
        heads = [re.split("[;:]", line)[0] for line in lines if line]
        for once in ("UID", "DTSTART", "DTEND", "SUMMARY", "TRANSP", "STATUS"):
            self.assertEqual(heads.count(once), 1, lines)
        self.assertEqual([line for line in lines if line.startswith(("BEGIN:", "END:"))],
                         ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR"])
        self.assertIn(f"DTSTART:20310304T{hour:02}0000Z", lines)
        self.assertIn(f"DTEND:20310304T{hour:02}3000Z", lines)
        self.assertIn("TRANSP:OPAQUE", lines)
        self.assertIn("STATUS:CONFIRMED", lines)

    def book(self, agent, **changes):
        before = self.events()
        is_error, body = agent.call("create-event", **meeting(9, **changes))
        self.assertFalse(is_error, body)
        (made,) = set(self.events()) - set(before)
        return made, body

    def cancel(self, agent, body):
        is_error, answer = agent.call("delete-event", id=body["bookingId"])
        self.assertFalse(is_error, answer)
        self.assertEqual(self.events(), [])

    def test_titles_and_descriptions(self):
        agent = self.client()
        for name, title in TITLES.items():
            made, body = self.book(agent, title=title, description=title)
            with self.subTest(name=name):
                self.assert_one_event(made, 9)
                is_error, read = agent.call("get-event", id=body["bookingId"])
                self.assertFalse(is_error, read)
                # What was answered is what stands there, also for programs of others.
                self.assertEqual(read["title"], body["title"])
                self.assertEqual(read["description"], body["description"])
                self.assertEqual(read["title"], CONTROLS.sub("", title).strip())
            self.cancel(agent, body)
        agent.close()
        self.assert_log((self.house.folder / "stderr.log").read_text())

    def test_updates(self):
        agent = self.client()
        made, body = self.book(agent)
        for name, title in TITLES.items():
            with self.subTest(name=name):
                is_error, read = agent.call("update-event", id=body["bookingId"], title=title,
                                            description=title, attendees=[
                                                {"email": "a@example.org",
                                                 "displayName": title[:50]}])
                self.assertFalse(is_error, read)
                self.assert_one_event(made, 9)
                self.assertEqual(read["title"], CONTROLS.sub("", title).strip())

    def test_titles_with_nothing_to_read(self):
        agent = self.client()
        for title in (" ", "\t\n", "\u0000", "\u0001\u007f", "\r\n\r\n"):
            with self.subTest(title=title):
                for tool, arguments in (("create-event", meeting(9, title=title)),
                                        ("update-event", {"id": "x" * 36, "title": title})):
                    is_error, body = agent.call(tool, **arguments)
                    self.assertTrue(is_error, body)
                    self.assert_refused(body, "VALIDATION_FAILED")
        self.assertEqual(self.events(), [])

    def test_limits_count_bytes(self):
        agent = self.client()
        for character in ("x", "\u00e9", "\u20ac", "\U0001F600"):
            fits = 1024 // len(character.encode())
            made, body = self.book(agent, title=character * fits)
            self.assertEqual(body["title"], character * fits)
            self.cancel(agent, body)
            for changes, path in (({"title": character * (fits + 1)}, "/title"),
                                  ({"description":
                                     character * (16 * 1024 // len(character.encode()) + 1)},
                                   "/description")):
                is_error, refused = agent.call("create-event", **meeting(10, **changes))
                self.assertTrue(is_error, refused)
                self.assert_refused(refused, "VALIDATION_FAILED", path, "bytes")
        self.assertEqual(self.events(), [])

    def test_addresses(self):
        agent = self.client()
        for email in ("", "x", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nEND:VEVENT", "a@b\u0000",
                      "a@b,c@d", "<a@b>", "\"a\"@b", "a\t@b", "a@" + "b" * 260):
            with self.subTest(email=email):
                is_error, body = agent.call(
                    "create-event", **meeting(9, attendees=[{"email": "a@b"}, {"email": email}]))
                self.assertTrue(is_error, body)
                self.assert_refused(body, "VALIDATION_FAILED", "/attendees/1/email")
        self.assertEqual(self.events(), [])

    def test_names_of_attendees(self):
        agent = self.client()
        for name, text in TITLES.items():
            attendee = {"email": "guest@example.org", "displayName": text[:50]}
            made, body = self.book(agent, attendees=[attendee])
            with self.subTest(name=name):
                self.assert_one_event(made, 9)
                line = [x for x in self.parsed(made) if x.startswith("ATTENDEE")]
                self.assertEqual(len(line), 1)
                self.assertTrue(line[0].endswith(":mailto:guest@example.org"), line)
                read = agent.call("get-event", id=body["bookingId"])[1]
                self.assertEqual([a["email"] for a in read["attendees"]], ["guest@example.org"])
                self.assertEqual(read["attendees"], body["attendees"])
            self.cancel(agent, body)

    def test_what_others_wrote_steers_no_terminal(self):
        _, body = self.book(self.client(), title="@")
        path = self.calendar / self.events()[0]
        whole = path.read_bytes()
        for evil in (b"\x1b[2J\x1b[31m", b"\xc2\x9b31m", b"\xe2\x80\xae", b"\xe2\x81\xa6",
                     b"\x9b31m",
                     b"\xff\xfe", b"\x7f", b"\\n\\nopenavail: all is well"):
            with self.subTest(evil=evil):
                path.write_bytes(whole.replace(b"SUMMARY:@", b"SUMMARY:" + evil))
                for form in ("table", "json", "jsonl"):
                    ran = subprocess.run(
                        [self.house.binary, "--output", form, "bookings", "--from", at("00:00"),
                         "--to", at("23:00")], env=self.environment(), capture_output=True,
                                         check=True)
                    text = ran.stdout.decode("utf-8")  # valid, whatever stood there
                    self.assertFalse(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text))
                    self.assertNotRegex(text, "(?m)^openavail:")
                    if form == "table":
                        self.assertFalse(re.search("[\u2028-\u202e\u2066-\u2069]", text))
                is_error, read = self.client().call("get-event", id=body["bookingId"])
                self.assertFalse(is_error, read)
        path.write_bytes(whole)

    def test_text_that_others_made_long_is_cut(self):
        agent = self.client()
        _, body = self.book(agent, title="@", description="@")
        path = self.calendar / self.events()[0]
        long = "\u20ac" * 500_000
        text = path.read_bytes().decode("utf-8")
        guests = "".join(f"ATTENDEE:mailto:guest{n}@example.org\r\n" for n in range(10_000))
        text = text.replace("SUMMARY:@", "SUMMARY:" + long).replace("DESCRIPTION:@", "DESCRIPTION:"
                                                                    + long)
        path.write_bytes(text.replace("STATUS:", guests + "STATUS:").encode("utf-8"))
        is_error, read = agent.call("get-event", id=body["bookingId"])
        self.assertFalse(is_error, read)
        self.assertEqual(read["title"], "\u20ac" * (1024 // 3))
        self.assertEqual(read["description"], "\u20ac" * (16 * 1024 // 3))
        self.assertEqual(len(read["attendees"]), 100)

    def test_a_title_that_looks_like_our_mark_survives_a_displacement(self):
        agent = self.client()
        title = "[Displaced] by its author"
        lost, first = self.book(agent, title=title)
        _, second = self.book(agent, meeting_class="Critical")
        self.assertEqual([b["title"] for b in second["displacedBookings"]], [title])
        self.assertIn("SUMMARY:[Displaced] " + title, self.parsed(lost))
        self.house.run("undo", second["bookingId"])
        self.assertIn("SUMMARY:" + title, self.parsed(lost))
        self.assertEqual(agent.call("get-event", id=first["bookingId"])[1]["title"], title)

    def test_names_of_files_put_no_line_into_the_log(self):
        for evil in (b"a\n\x1b[31mopenavail: all is well", b"a\xc2\x9b31m", b"a\xe2\x80\xae",
                     b"a\xff",
                     b"a\r\nhint: nothing to do", b"\x7f", b"%s%n"):
            with self.subTest(evil=evil):
                path = bytes(self.calendar) + b"/" + evil + b".ics"
                with open(path, "wb") as file:
                    file.write(b"nonsense")
                ran = self.search()
                self.assertEqual(ran.code, 13)
                self.assert_refused(ran.body, "CALENDAR_UNAVAILABLE")
                self.assert_log(ran.err)
                self.assertEqual(len(ran.err.splitlines()), 1, ran.err)
                ran = self.house.attempt("calendars", "check")
                self.assertEqual(ran.returncode, 13)
                self.assert_log(ran.stderr)
                (self.calendar / path.decode("utf-8", "surrogateescape")).unlink()
