"""kill -9 at random moments while others go on. Usage: crash.py BINARY [KILLS [SEED]].

Afterwards the database is whole, each acknowledged booking stands in the calendar exactly once, no
event stands there without a booking, and the audit log verifies.
"""

import datetime
import random
import sqlite3
import sys
import tempfile
import threading
import time

from house import START, House, Client, instant_of, text_of

WORKERS = 4
OWNERS = 4
HOUR = datetime.timedelta(hours=1)


class Worker(threading.Thread):
    """Books hour after hour for one owner; starts a new process when its own was killed."""

    def __init__(self, house, key, owner, stop):
        super().__init__()
        self.house, self.key, self.owner, self.stop = house, key, owner, stop
        self.client = Client(house, key)
        self.acknowledged = {}
        self.failure = None

    def run(self):
        try:
            slot = START
            while not self.stop.is_set():
                slot += HOUR
                span = {"start": text_of(slot), "end": text_of(slot + HOUR)}
                answer = self.client.call("create-event", owner_email=self.owner, title="crash",
                                          meeting_class="Regular", **span)
                if answer is None:
                    self.client = Client(self.house, self.key)
                elif not answer[0]:
                    self.acknowledged[answer[1]["bookingId"]] = slot
                elif answer[1]["error"] != "ARBITRATION_REJECTED":
                    raise AssertionError(answer[1])
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error


def main():
    binary = sys.argv[1]
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print(f"crash: {kills} kills, seed {seed}", flush=True)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="openavail-crash-") as folder:
        house = House(binary, folder, OWNERS)
        stop = threading.Event()
        workers = [Worker(house, house.key(f"agent{n}"), house.owners[n % OWNERS], stop)
                   for n in range(WORKERS)]
        for worker in workers:
            worker.start()
        for _ in range(kills):
            time.sleep(dice.uniform(0.02, 0.4))
            dice.choice(workers).client.process.kill()
        stop.set()
        for worker in workers:
            worker.join()
            assert worker.failure is None, worker.failure
            worker.client.kill()

        # The first use of each owner after the last crash finishes what was left.
        reader = Client(house, house.key("reader"))
        for owner in house.owners:
            is_error, body = reader.call(
                "search-availability", owner_email=owner, duration_minutes=30,
                meeting_class="Regular", earliest_start=text_of(START),
                latest_end=text_of(START + 24 * HOUR))
            assert not is_error or body["error"] == "NO_SLOTS_AVAILABLE", body
            bookings = house.bookings(reader, owner)
            booked = sorted((instant_of(b["start"]), instant_of(b["end"])) for b in bookings)
            assert booked == sorted(house.events(owner)), owner
            ids = {b["bookingId"] for b in bookings}
            for worker in workers:
                if worker.owner == owner:
                    assert worker.acknowledged.keys() <= ids, "an acknowledged booking is gone"
        reader.close()
        house.verify()
        for path in house.data.glob("*"):
            if path.is_file() and path.open("rb").read(15) == b"SQLite format 3":
                with sqlite3.connect(path) as database:
                    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                break
        else:
            raise AssertionError("no database found in the data directory")
        acknowledged = sum(len(w.acknowledged) for w in workers)
        assert acknowledged > 0, "nothing was booked at all"
        print(f"crash: {acknowledged} acknowledged bookings, each there once")


if __name__ == "__main__":
    main()
