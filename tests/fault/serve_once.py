"""One idempotency key, many calls at once. Usage: serve_once.py BINARY [ROUNDS].

Fifty connections to two servers and an `openavail mcp` process send the same call with the same key
together: it is carried out once, and everybody hears of the same outcome or that it is still
running. The same for holds, confirmations and cancellations; other parameters conflict, and another
agent's key of that name is another key.
"""

import concurrent.futures
import datetime
import sys
import tempfile
import time

from house import START, House, Client, text_of
from served import Caller, Server

CONNECTIONS = 50
HOUR = datetime.timedelta(hours=1)
REPEATS_MAX = 100
RUNNING = (409, "IDEMPOTENCY_IN_FLIGHT")


class Crowd:
    def __init__(self, house, pool, callers, client):
        self.house, self.pool, self.callers, self.client = house, pool, callers, client

    def send(self, method, path, body, key):
        """The outcome that all were told, who were not told that it is still running."""
        tries = [self.pool.submit(c.call, method, path, body, Idempotency_Key=key)
                 for c in self.callers]
        answers = [tried.result() for tried in tries]
        # Another door may have come first and still be at it: asked until it is done.
        for _ in range(REPEATS_MAX):
            status, said = self.callers[0].call(method, path, body, Idempotency_Key=key)
            if status == 200 or (status, said["error"]["code"]) != RUNNING:
                break
            time.sleep(0.1)
        return self.agree([*answers, (status, said)])

    @staticmethod
    def agree(answers):
        told = {}
        for status, body in answers:
            code = body["error"]["code"] if status != 200 else None
            if (status, code) == RUNNING:
                continue
            named = tuple(body.get(n) for n in ("booking_id", "hold_id", "audit_row_id"))
            told.setdefault((status, code) + named, []).append(body)
        assert len(told) == 1, sorted(told, key=str)
        (status, *_), bodies = next(iter(told.items()))
        return status, bodies[-1]


def one_round(crowd, number, other):
    owner = crowd.house.owners[0]
    slot = START + datetime.timedelta(days=number)
    span = {"start": text_of(slot), "end": text_of(slot + HOUR)}
    what = {"owner_email": owner, "meeting_class": "Regular", "title": "once", **span}
    by_mcp = crowd.pool.submit(crowd.client.call, "create-event", idempotency_key=f"book {number}",
                               **what)
    status, booked = crowd.send("POST", "/v1/bookings", what, f"book {number}")
    assert status == 200, booked
    is_error, body = by_mcp.result()
    if is_error:
        assert body["error"] == RUNNING[1], body
    else:
        assert body["bookingId"] == booked["booking_id"], (body, booked)
        assert body["auditRowId"] == booked["audit_row_id"], (body, booked)
    # Quoted or bare is one key; the other door gives the first outcome too.
    quoted = crowd.callers[1].call("POST", "/v1/bookings", what,
                                   Idempotency_Key=f'"book {number}"')
    assert quoted[1]["booking_id"] == booked["booking_id"], quoted

    status, refused = crowd.callers[0].call("POST", "/v1/bookings", dict(what, title="other"),
                                            Idempotency_Key=f"book {number}")
    assert (status, refused["error"]["code"]) == (422, "IDEMPOTENCY_CONFLICT"), refused
    # Taken by now: arbitration's refusal is an outcome as well.
    status, rejected = crowd.send("POST", "/v1/bookings", what, f"rejected {number}")
    assert (status, rejected["error"]["code"]) == (409, "ARBITRATION_REJECTED"), rejected
    # The other agent's key of this name has nothing to do with it.
    status, theirs = other.call("POST", "/v1/bookings", what, Idempotency_Key=f"book {number}")
    assert status == 409 and theirs["error"]["code"] == "ARBITRATION_REJECTED", theirs
    assert theirs["audit_row_id"] != rejected["audit_row_id"]

    later = {"start": text_of(slot + 2 * HOUR), "end": text_of(slot + 3 * HOUR)}
    status, hold = crowd.send("POST", "/v1/holds",
                              {"owner_email": owner, "meeting_class": "Regular",
                               "hold_scope": "candidate", "candidate": later}, f"hold {number}")
    assert status == 200, hold
    status, confirmed = crowd.send("POST", f"/v1/bookings/{hold['hold_id']}/confirm",
                                   {"title": "held", **later}, f"confirm {number}")
    assert status == 200, confirmed
    status, cancelled = crowd.send("DELETE", f"/v1/bookings/{confirmed['booking_id']}", None,
                                   f"cancel {number}")
    assert status == 200 and cancelled["booking_id"] == confirmed["booking_id"], cancelled
    return booked["booking_id"], confirmed["booking_id"]


def main():
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory(prefix="openavail-serve-once-") as folder:
        house = House(sys.argv[1], folder, 1)
        key, other_key = house.key("one"), house.key("two")
        with Server(house) as first, Server(house) as second:
            callers = [Caller((first, second)[n % 2].port, key) for n in range(CONNECTIONS)]
            other = Caller(first.port, other_key)
            client = Client(house, key)
            with concurrent.futures.ThreadPoolExecutor(CONNECTIONS + 1) as pool:
                crowd = Crowd(house, pool, callers, client)
                made = [one_round(crowd, number, other) for number in range(rounds)]
            client.close()
            second.end()
            first.end()
        files = {path.stem for path in house.calendar(house.owners[0]).glob("*.ics")}
        assert files == {booked for booked, _ in made}, files
        decided = [line["row"] for line in house.verify() if line["row"]["kind"] == "decision"]
        per_booking = [row["booking_id"] for row in decided if row["action"] == "accept"]
        for booked, confirmed in made:
            assert per_booking.count(booked) == 1, "one booking was decided more than once"
            assert per_booking.count(confirmed) == 1, "one confirmation was decided twice"
    print(f"serve_once: {rounds} rounds of {CONNECTIONS}, each call carried out once")


if __name__ == "__main__":
    main()
