"""kill -9 of the server amid many bookings. Usage: serve_crash.py BINARY [KILLS [SEED]].

Every call has an idempotency key. Every third end is SIGTERM instead, which has to end in order.
Afterwards each call is repeated with its key: one that was answered gets the same decision and
booking again, one that was not gets an answer that then stays. Nothing that was acknowledged is
gone, no event stands there twice or without a booking, and the audit log verifies.
"""

import datetime
import random
import sqlite3
import sys
import tempfile
import threading
import time
import uuid

from house import START, House, overlaps, text_of
from served import Caller, Server

OWNERS = 4
WORKERS = 2 * OWNERS  # two after the same times of each owner
HOUR = datetime.timedelta(hours=1)


class Call:
    """One booking asked for, and what was answered to it: nothing, or (status, body)."""

    def __init__(self, worker, slot):
        self.key, self.owner, self.slot = worker.key, worker.owner, slot
        self.idempotency_key = str(uuid.uuid4())
        self.answer = None

    def send(self, caller):
        status, body = caller.call(
            "POST", "/v1/bookings",
            {"owner_email": self.owner, "meeting_class": "Regular", "title": "crash",
             "start": text_of(self.slot), "end": text_of(self.slot + HOUR)},
            Idempotency_Key=self.idempotency_key)
        assert status == 200 or (status, body["error"]["code"]) == (409, "ARBITRATION_REJECTED"), \
            (status, body)
        return status, body


def outcome(answer):
    """What a repeat has to say again."""
    status, body = answer
    return status, body["audit_row_id"], body.get("booking_id")


class Worker(threading.Thread):
    """Books hour after hour for one owner, at whatever port there is a server."""

    def __init__(self, key, owner, port, stop):
        super().__init__()
        self.key, self.owner, self.port, self.stop = key, owner, port, stop
        self.calls = []
        self.failure = None

    def run(self):
        try:
            slot = START
            while not self.stop.is_set():
                caller = Caller(self.port[0], self.key)
                try:
                    while not self.stop.is_set():
                        self.calls.append(Call(self, slot))
                        slot += HOUR
                        self.calls[-1].answer = self.calls[-1].send(caller)
                except ConnectionError:
                    time.sleep(0.05)  # a new server is on its way
                caller.close()
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error


def storm(house, dice, kills):
    stop = threading.Event()
    server = Server(house)
    port = [server.port]
    workers = [Worker(house.key(f"agent{n}"), house.owners[n % OWNERS], port, stop)
               for n in range(WORKERS)]
    try:
        for worker in workers:
            worker.start()
        for number in range(kills):
            answered = sum(len(w.calls) for w in workers)
            while sum(len(w.calls) for w in workers) < answered + dice.randrange(20, 80) \
                    and all(w.failure is None for w in workers):
                time.sleep(0.002)
            if number % 3 == 2:
                server.end()
            else:
                server.kill()
            server = Server(house)
            port[0] = server.port
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    server.kill()
    for worker in workers:
        assert worker.failure is None, repr(worker.failure)
    return [call for worker in workers for call in worker.calls]


def judge(house, calls):
    unanswered = [call for call in calls if call.answer is None]
    with Server(house) as server:
        callers = {key: Caller(server.port, key) for key in {call.key for call in calls}}
        for call in unanswered:
            call.answer = call.send(callers[call.key])
        for call in calls:
            again = call.send(callers[call.key])
            assert outcome(again) == outcome(call.answer), (call.answer, again)
        server.end()
    booked = {}
    for call in calls:
        status, body = call.answer
        if status == 200:
            assert body["booking_id"] not in booked, "two calls were given one booking"
            booked[body["booking_id"]] = call
    for owner in house.owners:
        spans = house.events(owner)
        assert not overlaps(spans), overlaps(spans)
        files = {path.stem for path in house.calendar(owner).glob("*.ics")}
        there = {b for b, call in booked.items() if call.owner == owner}
        assert files == there, (owner, "lost or too many", files ^ there)
        starts = sorted(call.slot for call in booked.values() if call.owner == owner)
        assert starts == sorted(start for start, _ in spans), owner
    rows = {line["row"]["decision_id"] for line in house.verify()}
    assert {outcome(call.answer)[1] for call in calls} <= rows, "an answer named no signed row"
    return len(unanswered), len(booked)


def check_database(house):
    for path in house.data.glob("*"):
        if path.is_file() and path.open("rb").read(15) == b"SQLite format 3":
            with sqlite3.connect(path) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return
    raise AssertionError("no database found in the data directory")


def main():
    binary = sys.argv[1]
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print(f"serve_crash: {kills} ends, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="openavail-serve-crash-") as folder:
        house = House(binary, folder, OWNERS)
        calls = storm(house, random.Random(seed), kills)
        unanswered, booked = judge(house, calls)
        check_database(house)
    assert booked, "nothing was booked at all"
    print(f"serve_crash: {len(calls)} calls, {unanswered} of them cut off, {booked} bookings, "
          "each there once")


if __name__ == "__main__":
    main()
