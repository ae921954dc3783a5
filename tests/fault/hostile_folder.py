"""A calendar folder that is not what it was: gone, swapped, emptied, unmounted between two calls.
"""

import shutil
import threading

from hostile_case import HostileCase, at, meeting


class Folder(HostileCase):
    def setUp(self):
        super().setUp()
        self.agent = self.client()
        self.away = self.house.folder / "away"

    def book(self, *hours):
        made = []
        for hour in hours:
            is_error, body = self.agent.call("create-event", **meeting(hour))
            self.assertFalse(is_error, body)
            made.append(body["bookingId"])
        return made

    def assert_unavailable(self, cause):
        """For every tool that rests on the calendar, in a process that knew it and in a new one."""
        slot = {"start": at("09:00"), "end": at("09:30")}
        for tool, arguments in (
                ("create-event", meeting(9)), ("simulate", {"meeting_class": "Regular", **slot}),
                ("create-hold",
                 {"meeting_class": "Regular", "hold_scope": "candidate", "candidate": slot})):
            with self.subTest(tool=tool, cause=cause):
                is_error, body = self.agent.call(tool, **arguments)
                self.assertTrue(is_error, body)
                self.assert_refused(body, "CALENDAR_UNAVAILABLE")
                self.assertEqual(body["cause"], cause)
                self.assertEqual(body["calendarType"], "work")
        ran = self.search()
        self.assertEqual(ran.code, 13)
        self.assert_refused(ran.body, "CALENDAR_UNAVAILABLE")
        self.assertEqual(ran.body["cause"], cause)

    def assert_check(self, code, *arguments):
        ran = self.house.attempt("calendars", "check", *arguments)
        self.assertEqual(ran.returncode, code, ran.stdout + ran.stderr)
        self.assert_log(ran.stderr)
        self.assertIn(str(self.calendar), ran.stdout + ran.stderr)

    def test_vanished_and_back(self):
        (booking,) = self.book(12)
        before = self.snapshot()
        self.calendar.rename(self.away)
        self.assert_unavailable("unreachable")
        self.assert_check(13)
        ran = self.house.attempt("calendars", "check", "--accept")
        self.assertNotEqual(ran.returncode, 0)  # there is nothing to accept
        self.assert_log(ran.stderr, "hint: ")
        # Cancelled is cancelled; the event goes when the folder is back.
        self.assertFalse(self.agent.call("delete-event", id=booking)[0])
        self.away.rename(self.calendar)
        self.assertEqual(self.snapshot(), before)
        self.assert_check(0)
        self.assertEqual(self.search().code, 0)
        self.assertEqual(self.events(), [])

    def test_a_file_in_its_place(self):
        self.calendar.rename(self.away)
        self.calendar.write_text("x")
        self.assert_unavailable("unreachable")
        self.calendar.unlink()
        self.calendar.symlink_to(self.calendar.name)
        self.assert_unavailable("unreachable")
        self.calendar.unlink()
        self.away.rename(self.calendar)
        self.assertEqual(self.search().code, 0)

    def test_swapped_for_an_empty_one_is_not_an_empty_calendar(self):
        self.book(12)
        self.calendar.rename(self.away)
        self.calendar.mkdir()  # as an unmounted disk leaves it
        self.assert_unavailable("changed_identity")
        self.assert_check(13)
        self.assertEqual(list(self.calendar.iterdir()), [])
        self.calendar.rmdir()
        self.away.rename(self.calendar)
        self.assert_check(0)
        self.assertEqual(self.agent.call("create-event", **meeting(12))[1]["error"],
                         "ARBITRATION_REJECTED")

    def test_swapped_for_another_calendar(self):
        other = self.house.folder / "other"
        other.mkdir()
        self.house.run("calendars", "add", "--owner", self.owner, "--type", "personal", "--path",
                       str(other))
        self.calendar.rename(self.away)
        shutil.copytree(other, self.calendar)
        self.assert_unavailable("changed_identity")
        shutil.rmtree(self.calendar)
        self.calendar.symlink_to(other)
        self.assert_unavailable("changed_identity")
        self.calendar.unlink()
        self.away.rename(self.calendar)
        self.assertEqual(self.search().code, 0)
        ran = self.house.attempt("calendars", "add", "--owner", self.owner, "--type", "other",
                                 "--path",
                                 str(self.calendar))
        self.assertEqual(ran.returncode, 5, ran.stderr)
        self.assert_log(ran.stderr)

    def test_swapped_and_accepted(self):
        self.book(12)
        self.calendar.rename(self.away)
        self.calendar.mkdir()
        self.assert_unavailable("changed_identity")
        self.assert_check(0, "--accept")
        self.assertEqual(self.search().code, 0)
        self.assertEqual(len(self.book(12)), 1)  # the event is not there, so its time is free

    def test_three_bookings_gone_at_once(self):
        booked = self.book(9, 10, 11)
        for name in self.events():
            (self.calendar / name).unlink()
        self.assert_unavailable("changed_identity")
        # It stays so, also when a file comes back, until a person has looked.
        self.assert_unavailable("changed_identity")
        self.assert_check(13)
        self.assert_unavailable("changed_identity")
        self.assert_check(0, "--accept")
        self.assertEqual(self.search().code, 0)
        is_error, body = self.agent.call("create-event", **meeting(9))
        self.assertFalse(is_error, body)
        listed = self.agent.call("get-event", id=booked[1])[1]
        self.assertEqual(listed["status"], "cancelled")
        notices = self.agent.call("get-pending-notifications")[1]["notifications"]
        self.assertEqual(sorted(n["payload"]["booking_id"] for n in notices), sorted(booked))

    def test_three_bookings_gone_and_back(self):
        self.book(9, 10, 11)
        before = self.snapshot()
        for name in self.events():
            (self.calendar / name).rename(self.house.folder / name)
        self.assert_unavailable("changed_identity")
        for name in before:
            if name.endswith(".ics"):
                (self.house.folder / name).rename(self.calendar / name)
        self.assert_check(13)
        self.assert_check(0, "--accept")
        for hour in (9, 10, 11):
            is_error, body = self.agent.call("create-event", **meeting(hour))
            self.assertEqual((is_error, body["error"]), (True, "ARBITRATION_REJECTED"))
        self.assertEqual(self.snapshot(), before)

    def test_one_after_the_other_is_what_people_do(self):
        self.book(9, 10, 11)
        for left in (2, 1, 0):
            (self.calendar / self.events()[0]).unlink()
            self.assertEqual(self.search().code, 0)
            self.assertEqual(len(self.events()), left)
            # A decision records the change, so that it counts no more.
            is_error, body = self.agent.call("create-hold", meeting_class="Regular",
                                             hold_scope="candidate",
                                             candidate={"start": at(f"15:{left}0"),
                                                        "end": at(f"15:{left}5")})
            self.assertFalse(is_error, body)

    def test_it_comes_and_goes_while_agents_work(self):
        """Every answer is a decision on the whole calendar or says that it can't be had."""
        self.book(9)
        taken = self.snapshot()
        stop = threading.Event()

        def flap():
            while not stop.is_set():
                self.calendar.rename(self.away)
                self.away.rename(self.calendar)

        flapping = threading.Thread(target=flap)
        flapping.start()
        seen = set()
        try:
            for _ in range(300):
                is_error, body = self.agent.call("create-event", **meeting(9))
                self.assertTrue(is_error, body)
                seen.add(body["error"])
        finally:
            stop.set()
            flapping.join()
        self.assertIn("CALENDAR_UNAVAILABLE", seen)
        self.assertLessEqual(seen, {"CALENDAR_UNAVAILABLE", "ARBITRATION_REJECTED"})
        self.assertEqual(self.snapshot(), taken)
