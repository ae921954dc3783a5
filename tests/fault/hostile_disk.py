"""A disk that is full and folders that may not be written. RLIMIT_FSIZE stands for the full disk:
every file of the process may grow to so many bytes.
"""

import json
import os
import re
import resource
import sqlite3
import subprocess

from hostile_case import DAY, HostileCase, at, meeting


def full_at(size):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return limit


class FullDisk(HostileCase):
    def test_init(self):
        """At every size: an error that says what to do, and init goes on where it stopped."""
        finished = 0
        for size in [0, 1, 64, 100, 119, 120, 121, 500, 4095, 4096, *range(8192, 420_000, 25_000)]:
            with self.subTest(size=size):
                data = self.house.folder / f"data{size}"
                settings = {"env": {**self.house.environment, "OPENAVAIL_DATA_DIR": str(data)}}
                ran = self.house.attempt("init", preexec_fn=full_at(size), **settings)
                self.assert_log(ran.stderr if ran.returncode else "")
                if ran.returncode == 0:
                    finished += 1
                else:
                    self.assertEqual(ran.returncode, 1, ran.stderr)
                    self.assertRegex(ran.stderr, "(?m)^hint: ")
                    for command in (("owners", "list"), ("doctor",)):
                        again = self.house.attempt(*command, **settings)
                        self.assertIn(again.returncode, (0, 1, 3), again.stderr)
                    again = self.house.attempt("init", **settings)
                    self.assertEqual(again.returncode, 0, again.stderr)
                self.assertEqual(self.house.attempt("doctor", **settings).returncode, 0)
                self.assertEqual(self.house.attempt("init", **settings).returncode, 5)
                left = [path.name for path in data.iterdir()
                        if path.name.startswith(".") or ".new-" in path.name]
                self.assertEqual(left, [])
        self.assertGreater(finished, 0)

    def test_booking(self):
        """Wherever the disk fills up: refused with nothing done, or done and told so; a repeat with
        the same key makes it one booking.
        """
        seen = set()
        for number, size in enumerate([0, 1, 100, 4096, *range(8192, 170_000, 4_096)]):
            with self.subTest(size=size):
                arguments = meeting(9, day=f"2031-{4 + number // 28:02}-{1 + number % 28:02}",
                                    idempotency_key=f"key {number}")
                before = self.snapshot()
                ran = self.call("create-event", arguments, preexec_fn=full_at(size))
                made = len(self.snapshot()) - len(before)
                self.assert_log(ran.err)
                if ran.code == 0:
                    self.assertEqual(made, 1)
                elif ran.code == 13:
                    self.assert_refused(ran.body, "CALENDAR_UNAVAILABLE")
                    self.assertEqual(made, 0)
                else:
                    self.assertEqual(ran.code, 1, ran)
                    self.assert_refused(ran.body, "INTERNAL")
                    is_undone = "nothing was changed" in ran.body["error"]["message"]
                    self.assertEqual(is_undone, made == 0, ran.body)
                    self.assertRegex(ran.err, "sqlite|write.lock|openavail.db|writers")
                seen.add((ran.code, made))
                self.assertEqual({k: v for k, v in self.snapshot().items() if k in before}, before)
                again = self.call("create-event", arguments)
                self.assertEqual(again.code, 0, again)
                self.assertEqual(len(self.snapshot()), len(before) + 1)
                self.assertEqual(self.call("create-event", arguments).body["booking_id"],
                                 again.body["booking_id"])
            with sqlite3.connect(self.house.data / "openavail.db") as database:
                self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            database.close()
        self.assertLessEqual({(0, 1), (1, 0), (1, 1)}, seen)

    def test_a_server_survives_and_goes_on(self):
        agent = self.client()
        self.assertFalse(agent.call("create-event", **meeting(9))[0])
        resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        before = self.snapshot()
        for tool, arguments in (("create-event", meeting(10)), ("list-meeting-classes", {}),
                                ("search-availability",
                                 {"duration_minutes": 30, "meeting_class": "Regular",
                                                         "earliest_start": at("09:00"),
                                                         "latest_end": at("17:00")})):
            is_error, body = agent.call(tool, **arguments)
            self.assertTrue(is_error, body)  # what can't be audited is not done
            self.assert_refused(body, "INTERNAL", "nothing was changed")
        self.assertEqual(self.snapshot(), before)
        resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertFalse(agent.call("create-event", **meeting(10))[0])
        agent.close()

    def test_only_the_calendar_is_full(self):
        """The event does not fit, the database does: the booking fails and its time is free again.
        """
        hold = {"meeting_class": "Regular", "hold_scope": "candidate",
                "candidate": {"start": at("11:00"), "end": at("11:30")}}
        made = self.call("create-hold", hold).body
        long = {"title": "x" * 1024, "description": "x" * 16_384,
                "attendees": [{"email": "a" * 200 + f"{n}@example.org", "displayName": "n" * 190}
                              for n in range(100)]}
        # The event has 60 KB, more than what these few transactions add to the log of the database.
        codes = set()
        for size in range(100_000, 50_000, -2_500):
            before = self.snapshot()
            ran = self.call("create-event", meeting(9, **long), preexec_fn=full_at(size))
            codes.add(ran.code)
            if ran.code == 0:
                self.assertEqual(self.call("delete-event", {"id": ran.body["booking_id"]}).code, 0)
            elif len(self.snapshot()) == len(before):
                self.assertEqual(self.call("create-event", meeting(9)).code, 0)
                self.assertEqual(self.call("delete-event", {"id": self.booking_at(9)}).code, 0)
            else:
                self.search()  # settles what could not be recorded
                self.assertEqual(self.call("delete-event", {"id": self.booking_at(9)}).code, 0)
            self.assertEqual(self.snapshot(), before)
        self.assertIn(1, codes)
        ran = self.call("confirm-hold", {"hold_id": made["hold_id"], "title": "x",
                                         "start": at("11:00"), "end": at("11:30")})
        self.assertEqual(ran.code, 0, ran)

    def booking_at(self, hour):
        listed = self.call("list-events", {"start": at(f"{hour:02}:00"),
                                           "end": at(f"{hour:02}:01")}).body["bookings"]
        self.assertEqual(len(listed), 1)
        return listed[0]["booking_id"]

    def test_export(self):
        """A file that can't take the export whole: an error, never a short export that looks right.
        """
        for _ in range(200):
            self.house.run("audit", "export")
        size = len(self.house.run("audit", "export"))
        out = self.house.folder / "export"
        for extra in ((), ("--gzip",), ("--format", "csv")):
            whole = subprocess.run([self.house.binary, "audit", "export", *extra], check=True,
                                   env=self.house.environment, capture_output=True).stdout
            self.assertGreater(len(whole), 20_000)
            with self.subTest(extra=extra):
                # /dev/full takes nothing; the limit is above what the database's own log needs.
                for target, limits in (("/dev/full", {}),
                                       (out, {"preexec_fn": full_at(size // 2)})):
                    with open(target, "wb") as file:
                        if target == out and extra:
                            continue
                        ran = self.house.attempt("audit", "export", *extra, stdout=file, **limits)
                    self.assertEqual(ran.returncode, 1, (target, ran.stderr))
                    self.assertRegex(ran.stderr, "(?m)^openavail: ")
                    self.assertRegex(ran.stderr, "(?m)^hint: ")
        with self.house.data.joinpath("openavail.db").open("rb") as file:
            self.assertEqual(file.read(15), b"SQLite format 3")

    def test_answers_that_can_not_be_written(self):
        with open("/dev/full", "wb") as full:
            for command in (("owners", "list"), ("--json", "owners", "list"), ("keys", "list"),
                            ("doctor",),
                            ("--help",), ("version",), ("audit", "list"), ("audit", "tail"),
                            ("audit", "public-key"), ("completion", "bash")):
                with self.subTest(command=command):
                    ran = self.house.attempt(*command, stdout=full)
                    self.assertEqual(ran.returncode, 1, ran.stderr)
                    self.assertRegex(ran.stderr, "(?m)^openavail: ")

    def test_a_key_that_nobody_saw_is_no_key(self):
        keys = json.loads(self.house.run("--json", "keys", "list"))
        for form in ("table", "json"):
            with open("/dev/full", "wb") as full:
                ran = self.house.attempt("--output", form, "keys", "mint", "--agent", "agent",
                                         stdout=full)
            self.assertEqual(ran.returncode, 1)
        ran = self.house.attempt("keys", "mint", "--agent", "agent", stdout=None,
                                 preexec_fn=lambda: os.close(1))
        self.assertEqual(ran.returncode, 1)
        self.assert_log(ran.stderr, "revoked", "hint: ")
        added = [key for key in json.loads(self.house.run("--json", "keys", "list"))
                 if key["key_ref"] not in [known["key_ref"] for known in keys]]
        self.assertEqual(len(added), 3)
        self.assertTrue(all(key["revoked_at"] for key in added))


class ReadOnly(HostileCase):
    as_nobody = True

    def assert_read_only(self, code, *words):
        before = self.snapshot()
        for tool, arguments in (("create-event", meeting(9)),
                                ("create-hold",
                                 {"meeting_class": "Regular", "hold_scope": "candidate",
                                                 "candidate": {"start": at("09:00"),
                                                               "end": at("09:30")}})):
            ran = self.call(tool, arguments)
            if tool == "create-event" or code == 1:
                self.assertEqual(ran.code, code, ran)
                self.assert_refused(ran.body, "INTERNAL" if code == 1 else "CALENDAR_UNAVAILABLE")
                self.assert_log(ran.err, *words)
            else:
                self.call("release-hold", {"hold_id": ran.body["hold_id"]})
        self.assertEqual(self.snapshot(), before)

    def test_data_directory(self):
        data = self.house.data
        files = [path for path in data.rglob("*") if path.is_file()]
        for modes in ({data: 0o500}, {data / "openavail.db": 0o400}, {data / "write.lock": 0o400},
                      {data: 0o500, **dict.fromkeys(files, 0o400)}):
            with self.subTest(modes={path.name: oct(mode) for path, mode in modes.items()}):
                before = {path: path.stat().st_mode for path in modes}
                for path, mode in modes.items():
                    path.chmod(mode)
                self.assert_read_only(1, "openavail: ")
                for command in (("owners", "add", "new@example.org"),
                                ("keys", "mint", "--agent", "agent"),
                                ("audit", "export")):
                    ran = self.house.attempt(*command)
                    self.assertEqual((ran.returncode, ran.stdout), (1, ""), ran.stderr)
                    self.assert_log(ran.stderr, "can't be written", "hint: ")
                for path, mode in before.items():
                    path.chmod(mode)
                self.assertEqual(self.call("list-meeting-classes", {}).code, 0)
        data.chmod(0)
        ran = self.house.attempt("owners", "list")
        data.chmod(0o700)
        self.assertEqual(ran.returncode, 1)
        self.assert_log(ran.stderr, "hint: check its mode and owner")

    def test_init_where_nothing_may_be_written(self):
        locked = self.house.folder / "locked"
        locked.mkdir(0o755)
        if os.geteuid() != 0:
            locked.chmod(0o555)
        for where in (locked / "data", locked):
            ran = self.house.attempt("--data-dir", str(where), "init")
            self.assertEqual(ran.returncode, 1)
            self.assert_log(ran.stderr, "hint: ")
            self.assertEqual(list(locked.iterdir()), [])

    def test_init_in_a_folder_of_other_things(self):
        home = self.house.folder / "home"
        home.mkdir()
        home.chmod(0o777)
        (home / "letter.txt").write_text("x")
        ran = self.house.attempt("--data-dir", str(home), "init")
        self.assertEqual(ran.returncode, 2)
        self.assert_log(ran.stderr, "files that are not openavail's", "hint: ")
        self.assertEqual([path.name for path in home.iterdir()], ["letter.txt"])
        self.assertEqual(home.stat().st_mode & 0o777, 0o777)

    def test_calendar_folder(self):
        self.assertEqual(self.call("create-event", meeting(12)).code, 0)
        self.calendar.chmod(0o555)
        self.assert_read_only(13, "Permission denied")
        self.assertEqual(self.search().code, 0)
        # Cancelled is cancelled; the event goes when it can.
        booking = self.events()[0].removesuffix(".ics")
        self.assertEqual(self.call("delete-event", {"id": booking}).code, 0)
        self.assertEqual(self.events(), [booking + ".ics"])
        self.calendar.chmod(0o777)
        self.assertEqual(self.search().code, 0)
        self.assertEqual(self.events(), [])
        self.assertEqual(self.call("create-event", meeting(9)).code, 0)

    def test_calendar_folder_that_may_not_be_entered(self):
        marker = self.calendar / ".openavail-calendar"
        for path, words in ((marker, "Permission denied"), (self.calendar, "Permission denied")):
            mode = path.stat().st_mode
            os.chown(path, 0, 0) if os.geteuid() == 0 else None
            path.chmod(0o600 if os.geteuid() == 0 else 0)
            ran = self.search()
            self.assertEqual(ran.code, 13)
            self.assert_refused(ran.body, "CALENDAR_UNAVAILABLE")
            self.assert_log(ran.err, words)
            ran = self.house.attempt("calendars", "check")
            self.assertEqual(ran.returncode, 13)
            self.assertIn(words, ran.stdout)
            path.chmod(mode)
        os.chown(marker, 65534, 65534) if os.geteuid() == 0 else None
        self.assertEqual(self.search().code, 0)
