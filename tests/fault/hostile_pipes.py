"""Pipes that break: input that ends in the middle, output that nobody reads, streams that are
closed.
"""

import json
import os
import signal
import subprocess

from hostile_case import HostileCase, at, meeting, result_of, rpc, tool_call


class Pipes(HostileCase):
    def serve(self, **options):
        settings = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                    "env": self.environment(), "bufsize": 0, **options}
        process = subprocess.Popen([self.house.binary, "mcp"], **settings)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
            self.addCleanup(pipe.close)
        return process

    def assert_consistent(self, known=()):
        """Bookings and events are the same, and every booking that was acknowledged is among them.
        """
        self.assertIn(self.search().code, (0, 12))  # settles what was under way
        agent = self.client()
        listed = {booking["bookingId"] for booking in self.house.bookings(agent, self.owner)}
        self.assertEqual({name.removesuffix(".ics") for name in self.events()}, listed)
        self.assertLessEqual(set(known), listed)
        return listed

    def test_input_that_ends_in_the_middle(self):
        whole = tool_call("create-event", meeting(9))
        for cut in (1, 20, len(whole) // 2, len(whole) - 3):
            with self.subTest(cut=cut):
                process = self.serve()
                out, err = process.communicate(whole[:cut], timeout=60)
                self.assertEqual(process.returncode, 0)
                self.assertEqual(json.loads(out)["error"]["code"], -32700)
                self.assert_log(err.decode())
        self.assertEqual(self.events(), [])

    def test_a_last_line_without_its_end_is_served(self):
        process = self.serve()
        out, _ = process.communicate(tool_call("create-event", meeting(9)).rstrip(), timeout=60)
        self.assertEqual(process.returncode, 0)
        is_error, body = result_of(json.loads(out))
        self.assertFalse(is_error, body)
        self.assert_consistent([body["bookingId"]])

    def test_input_that_ends_behind_many_calls_answers_them_all(self):
        process = self.serve()
        calls = b"".join(tool_call("create-event", meeting(hour), hour) for hour in range(8, 20))
        out, err = process.communicate(calls, timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assert_log(err.decode())
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(sorted(answer["id"] for answer in answers), list(range(8, 20)))
        known = [result_of(answer)[1]["bookingId"] for answer in answers]
        self.assertEqual(len(self.assert_consistent(known)), 12)

    def test_output_that_nobody_reads_any_more(self):
        """The process ends by itself, with its own code, also while its input stays open."""
        process = self.serve()
        process.stdin.write(rpc("ping", {}))
        process.stdout.readline()
        process.stdout.close()
        try:
            for hour in range(8, 20):
                process.stdin.write(tool_call("create-event", meeting(hour), hour))
            while True:
                process.stdin.write(rpc("ping", {}))
        except BrokenPipeError:
            pass
        self.assertEqual(process.wait(timeout=60), 1)
        self.assert_consistent()

    def test_output_that_is_full(self):
        with open("/dev/full", "wb") as full:
            process = self.serve(stdout=full)
            process.communicate(rpc("ping", {}) + tool_call("create-event", meeting(9)) * 5,
                                timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assert_consistent()

    def test_output_that_is_never_read(self):
        """A client that only writes is not served without end: what is in flight stays bounded."""
        process = self.serve()
        os.set_blocking(process.stdin.fileno(), False)
        call = tool_call("simulate",
                         {"meeting_class": "Regular", "start": at("09:00"), "end": at("09:30"),
                                      "x": "x" * 50_000})
        written = 0
        for _ in range(2_000):
            try:
                written += process.stdin.write(call) or 0
            except BlockingIOError:
                break
        self.assertLess(written, 20_000_000)
        process.kill()
        self.assertEqual(process.wait(timeout=60), -signal.SIGKILL)

    def test_streams_that_are_closed_from_the_start(self):
        """What is printed lands in no file of ours."""
        whole = {path.name: path.read_bytes() for path in self.house.data.iterdir()
                 if path.name in ("pepper", "signing_key.pem", "idempotency_secret", "write.lock")}
        for closed in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)):
            with self.subTest(closed=closed):
                options = {name: subprocess.PIPE if number not in closed else None
                           for number, name in enumerate(("stdin", "stdout", "stderr"))}

                def close(streams=closed):
                    for number in streams:
                        os.close(number)

                process = self.serve(preexec_fn=close, **options)
                process.communicate(tool_call("create-event", meeting(9)) if 0 not in closed
                                    else None,
                                    timeout=60)
                is_lost = 1 in closed and 0 not in closed
                self.assertEqual(process.returncode, 1 if is_lost else 0)
                for command in (("calendars", "check"), ("owners", "list"), ("audit", "export")):
                    ran = subprocess.run([self.house.binary, *command], env=self.house.environment,
                                         preexec_fn=close, check=False,
                                         **{name: subprocess.PIPE if number not in closed else None
                                            for number, name
                                            in enumerate(("stdin", "stdout", "stderr"))})
                    self.assertEqual(ran.returncode, 1 if 1 in closed else 0)
                for name, content in whole.items():
                    self.assertEqual((self.house.data / name).read_bytes(), content, name)
        self.assertEqual(self.search().code, 0)
        self.assertEqual(len(self.assert_consistent()), 1)

    def test_a_flood_of_calls_and_a_sudden_end(self):
        """kill -9 in the middle of a full queue: afterwards bookings and events are the same."""
        for number in range(5):
            process = self.serve()
            day = f"2031-04-{1 + number:02}"
            process.stdin.write(b"".join(tool_call("create-event", meeting(hour, day=day), hour)
                                         for hour in range(24)))
            known = [result_of(json.loads(process.stdout.readline())) for _ in range(number + 1)]
            process.kill()
            process.wait(timeout=60)
            self.assert_consistent([body["bookingId"] for is_error, body in known if not is_error])
        # What a killed writer left goes with a later write, once no live one can be at it.
        for path in self.calendar.glob(".openavail-*.tmp"):
            os.utime(path, (0, 0))
        self.assertEqual(self.call("create-event", meeting(9)).code, 0)
