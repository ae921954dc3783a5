"""Calendar files that are broken or made to hurt. Unknown is never free: the request fails, the
agent learns no name, the operator learns which file.
"""

import os
import socket

from hostile_case import HostileCase, at, meeting


def event(*lines, times="DTSTART:20310304T100000Z\r\nDTEND:20310304T110000Z"):
    return whole("BEGIN:VEVENT", "UID:foreign", "DTSTAMP:20260101T000000Z", times, *lines,
                 "END:VEVENT")


def whole(*lines):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *lines,
                        "END:VCALENDAR", ""])


def rule(text, start="20200101T100000Z"):
    return event("RRULE:" + text, times=f"DTSTART:{start}\r\nDURATION:PT30M")


def zone(*parts):
    return whole("BEGIN:VTIMEZONE", "TZID:Z", *parts, "END:VTIMEZONE", "BEGIN:VEVENT", "UID:a",
                 "DTSTART;TZID=Z:20310304T100000", "DTEND;TZID=Z:20310304T110000", "END:VEVENT")


def numbers(first, last):
    return ",".join(map(str, range(first, last + 1)))


BROKEN = {
    "empty": "", "blank": "\r\n \r\n", "HTML": "<html>404</html>", "JSON": "{}",
    "binary": bytes(range(256)) * 50, "zeros": b"\0" * 5000, "NUL": event("SUMMARY:a\0b"),
    "truncated in a line": event()[:100], "truncated after a line": event()[:event().index("END:")],
    "without its end": event().replace("END:VCALENDAR\r\n", ""),
    "without the event's end": event().replace("END:VEVENT\r\n", ""),
    "too large": event("SUMMARY:" + "x" * 4_500_000), "two calendars": event() + event(),
    "lower case": event().lower(), "a begin in the text": event("DESCRIPTION:x\r\nBEGIN:VEVENT"),
    "nested without end": whole(*["BEGIN:VEVENT"] * 150_000, *["END:VEVENT"] * 150_000),
    "nested and folded": whole(*["BEG\r\n IN:X-A"] * 100_000, *["E\r\n ND:X-A"] * 100_000),
    "no DTSTART": event(times="DTEND:20310304T110000Z"),
    "two of DTSTART": event("DTSTART:20310304T120000Z"),
    "DTEND and DURATION": event("DURATION:PT5H"),
    "two masters": whole(*["BEGIN:VEVENT", "UID:a", "DTSTART:20310304T100000Z", "END:VEVENT"] * 2),
    "words for a time": event(times="DTSTART:tomorrow"),
    "an hour that does not exist": event(times="DTSTART:20310304T250000Z"),
    "a day that does not exist": event(times="DTSTART:20310230T100000Z"),
    "a month that does not exist": event(times="DTSTART:20311304T100000Z"),
    "end before start": event(times="DTSTART:20310304T100000Z\r\nDTEND:20310304T090000Z"),
    "a day and a time": event(times="DTSTART;VALUE=DATE:20310304\r\nDTEND:20310305T100000Z"),
    "a duration backwards": event(times="DTSTART:20310304T100000Z\r\nDURATION:-PT5M"),
    "a duration without end": event(times="DTSTART:20310304T100000Z\r\nDURATION:P99999999999D"),
    "a duration of nothing": event(times="DTSTART:20310304T100000Z\r\nDURATION:PT"),
    "unknown TZID": event(times="DTSTART;TZID=Mars/Phobos:20310304T100000"),
    "TZID as a path": event(times="DTSTART;TZID=../../../etc/passwd:20310304T100000"),
    "an empty zone": zone(),
    "a zone without offset": zone("BEGIN:STANDARD", "DTSTART:19700101T000000", "END:STANDARD"),
    "a zone beyond the world": zone("BEGIN:STANDARD", "DTSTART:19700101T000000",
                                    "TZOFFSETFROM:+9900",
                                    "TZOFFSETTO:+9900", "END:STANDARD"),
    "a zone that spins": zone("BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100",
                              "TZOFFSETTO:+0100", "RRULE:FREQ=SECONDLY", "END:STANDARD"),
    "SECONDLY that spins": rule("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
    "MINUTELY": rule("FREQ=MINUTELY"),
    "HOURLY for sixty years": rule("FREQ=HOURLY", "19700101T000000Z"),
    "HOURLY that spins": rule("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"),
    "a day that never comes": rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    "a week that never comes": rule("FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6"),
    "a sixth Monday": rule("FREQ=MONTHLY;BYDAY=6MO"),
    "a rule for every minute": rule(f"FREQ=YEARLY;BYMONTH={numbers(1, 12)};"
                                    f"BYMONTHDAY={numbers(1, 31)};"
                                    f"BYHOUR={numbers(0, 23)};BYMINUTE={numbers(0, 59)}"),
    "a rule of 200,000 days": rule("FREQ=YEARLY;BYYEARDAY=" + ",".join(["1"] * 200_000)),
    "a second rule that spins": event("RRULE:FREQ=DAILY", "RRULE:FREQ=SECONDLY"),
    "COUNT without end": rule("FREQ=DAILY;COUNT=99999999999999"),
    "COUNT of nothing": rule("FREQ=DAILY;COUNT=0"),
    "INTERVAL without end": rule("FREQ=DAILY;INTERVAL=65537"),
    "UNTIL that does not exist": rule("FREQ=DAILY;UNTIL=20310304T250000Z"),
    "no frequency": rule("COUNT=5"), "another frequency": rule("FREQ=SOMETIMES"),
    "EXRULE": event("EXRULE:FREQ=DAILY"), "RECURRENCE-ID of words": event("RECURRENCE-ID:today"),
    "a period backwards": event("RDATE;VALUE=PERIOD:20310305T100000Z/20310305T090000Z"),
    "20,000 instances in a month": rule("FREQ=HOURLY;BYMINUTE=" + numbers(0, 59),
                                        "20310301T000000Z"),
}

# Ugly, but with one meaning: 10:00 to 11:00 is taken, the rest is free.
UGLY = {
    "DAILY since the year one": event("RRULE:FREQ=DAILY",
                                      times="DTSTART:00010101T100000Z\r\nDURATION:PT1H"),
    "a byte-order mark": "\ufeff" + event(), "bare line feeds": event().replace("\r\n", "\n"),
    "not UTF-8": event("SUMMARY:caf@").encode().replace(b"@", b"\xe9\xff\xfe"),
    "empty properties": event("LOCATION:", "DESCRIPTION:", "PRIORITY:high"),
    "a status nobody knows": event("STATUS:MAYBE", "TRANSP:PERHAPS"),
    "a line of 4 MB": event("SUMMARY:" + "x" * 4_000_000),
    "a million folds": event("SUMMARY:x" + "\r\n y" * 800_000),
    "300,000 faults": event(*["PRIORITY:x"] * 300_000),
    "half a million parameters": event("SUMMARY" + ";X-A=b" * 500_000 + ":x"),
    "60,000 guests": event(*[f"ATTENDEE;PARTSTAT=DECLINED:mailto:g{n}@example.org" for n
                             in range(60_000)]),
    "100,000 exceptions": event("RRULE:FREQ=DAILY", "EXDATE:"
                                + ",".join(["20310305T100000Z"] * 100_000)),
    "other components": event().replace("BEGIN:VEVENT",
                                        "BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\nBEGIN:VEVENT"),
}


class Calendars(HostileCase):
    def setUp(self):
        super().setUp()
        self.bad = self.calendar / "secret-name.ics"
        self.agent = self.client()
        self.assertEqual(self.call("create-event", meeting(15)).code, 0)
        self.before = self.snapshot()

    def tearDown(self):
        self.assertEqual(self.snapshot(), self.before)
        super().tearDown()

    def assert_unavailable(self, is_in_check=True, name="secret-name.ics"):
        """Nobody is told free or taken, nothing is written, the operator learns which file."""
        for tool, arguments in (("create-event", meeting(9)), ("simulate", {
                k: v for k, v in meeting(9).items() if k != "title"})):
            is_error, body = self.agent.call(tool, **arguments)
            self.assertTrue(is_error, body)
            self.assert_refused(body, "CALENDAR_UNAVAILABLE")
            self.assertEqual(body["calendarType"], "work")
            self.assertEqual(body["cause"], "unreadable")
            self.assertNotIn("secret", str(body))
        ran = self.search()
        self.assertEqual(ran.code, 13)
        self.assert_refused(ran.body, "CALENDAR_UNAVAILABLE")
        self.assert_log(ran.err, name)
        self.assertEqual(len(ran.err.splitlines()), 1, ran.err)
        ran = self.house.attempt("calendars", "check")
        self.assertEqual(ran.returncode, 13 if is_in_check else 0, ran.stdout)
        self.assert_log(ran.stderr, name if is_in_check else "")

    def test_broken_files(self):
        for name, content in BROKEN.items():
            with self.subTest(name=name):
                self.bad.write_bytes(content if isinstance(content, bytes) else content.encode())
                # What overflows only in the month asked for, years from now, no check sees today.
                self.assert_unavailable(is_in_check=name != "20,000 instances in a month")
            self.bad.unlink()
        self.assertEqual(self.search().code, 0)

    def test_ugly_files(self):
        for name, content in UGLY.items():
            with self.subTest(name=name):
                self.bad.write_bytes(content if isinstance(content, bytes) else content.encode())
                is_error, body = self.agent.call("search-availability", duration_minutes=60,
                                                 meeting_class="Regular",
                                                 earliest_start=at("09:00"),
                                                 latest_end=at("12:00"))
                self.assertFalse(is_error, body)
                self.assertEqual(sorted(c["start"] for c in body["candidates"]),
                                 [at("09:00"), at("11:00")])
                self.assertEqual(self.house.attempt("calendars", "check").returncode, 0)
            self.bad.unlink()

    def test_what_is_no_file(self):
        kinds = {
            "FIFO": lambda: os.mkfifo(self.bad), "a folder": self.bad.mkdir,
            "a link to itself": lambda: self.bad.symlink_to(self.bad.name),
            "a link to nowhere": lambda: self.bad.symlink_to("nowhere"),
            "a link to a device": lambda: self.bad.symlink_to("/dev/zero"),
            "a link to a file that is no calendar": lambda: self.bad.symlink_to("/etc/passwd"),
            "a socket": self.make_socket, "5 GB of nothing": self.make_hole,
        }
        for name, make in kinds.items():
            with self.subTest(name=name):
                make()
                self.assert_unavailable()
            if self.bad.is_dir() and not self.bad.is_symlink():
                self.bad.rmdir()
            else:
                self.bad.unlink()
        self.assertEqual(self.search().code, 0)

    def make_socket(self):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(self.bad))

    def make_hole(self):
        with open(self.bad, "wb") as file:
            file.truncate(5 * 2**30)

    def test_more_files_than_are_read(self):
        many = [self.calendar / f"{number}.ics" for number in range(50_001)]
        for path in many:
            path.touch()
        self.assert_unavailable(is_in_check=True, name="")
        for path in many:
            path.unlink()

    def test_a_broken_event_of_ours(self):
        (ours,) = self.events()
        path = self.calendar / ours
        booking = ours.removesuffix(".ics")
        for content in (b"", b"nonsense", self.before[ours][:150], b"\xff" * 1000):
            path.write_bytes(content)
            self.assert_unavailable(name=ours)
            for tool, arguments in (("get-event", {"id": booking}),
                                    ("update-event", {"id": booking, "title": "x"})):
                is_error, body = self.agent.call(tool, **arguments)
                self.assertTrue(is_error, body)
                self.assertEqual(body["error"], "CALENDAR_UNAVAILABLE")
                self.assertNotIn(".ics", str(body))
            self.assertEqual(path.read_bytes(), content)
            path.write_bytes(self.before[ours])
        self.assertFalse(self.agent.call("get-event", id=booking)[0])


class Unreadable(HostileCase):
    as_nobody = True

    def test_a_file_that_may_not_be_read(self):
        path = self.calendar / "secret-name.ics"
        path.write_text(event())
        path.chmod(0)
        ran = self.search()
        self.assertEqual(ran.code, 13)
        self.assert_refused(ran.body, "CALENDAR_UNAVAILABLE")
        self.assert_log(ran.err, "secret-name.ics: Permission denied")
        ran = self.house.attempt("calendars", "check")
        self.assertEqual(ran.returncode, 13)
        self.assert_log(ran.stderr, "secret-name.ics")
        path.unlink()
        self.assertEqual(self.search().code, 0)
