"""64 connections after the same times, many rounds. Usage: serve_race.py BINARY [ROUNDS [SEED]].

Besides, at the same time: a second server, eight `openavail mcp` processes and the command line on
the same data directory. Afterwards no two events overlap, each acknowledged booking has its event
and no event stands there without one, what shows as free was displaced by an answer that says so,
and each request that was decided has exactly one signed row.

Then requests of every tier reach one server together, the lowest first, again and again: the
highest has to win each time, without displacing anyone.
"""

import collections
import concurrent.futures
import datetime
import json
import random
import sys
import tempfile
import uuid

from house import START, House, Client, overlaps, text_of
from served import UNLIMITED, Caller, Server, connect

CONNECTIONS = 64
OTHER_CONNECTIONS = 8
PROCESSES = 8
AGENTS = 16
OWNERS = 3
CLASSES = ("Critical", "Important", "Regular", "Tentative")
HOUR = datetime.timedelta(hours=1)
LOST = {(409, "ARBITRATION_REJECTED"), (410, "HOLD_EXPIRED"), (404, "HOLD_NOT_FOUND")}


class Seen:
    """What the answers said."""

    def __init__(self):
        self.booked = {}  # booking id: (owner, start)
        self.displaced = set()
        self.decided = {}  # request id: the row the answer named, or None
        self.rows = set()
        self.by_mcp = self.by_command = 0

    def note(self, owner, start, booking_id, displaced, row):
        assert booking_id not in self.booked, "one booking was given twice"
        self.booked[booking_id] = (owner, start)
        self.displaced |= displaced
        assert row and row not in self.rows, row
        self.rows.add(row)


def book_over_http(caller, owner, start, meeting_class, by_hold):
    """Answers [(request id, status, body)], the booking's last."""
    span = {"start": text_of(start), "end": text_of(start + HOUR)}
    done = []

    def call(path, body):
        request_id = str(uuid.uuid4())
        status, answer = caller.call("POST", path, body, X_Request_Id=request_id)
        done.append((request_id, status, answer))
        return status, answer

    if by_hold:
        status, hold = call("/v1/holds", {"owner_email": owner, "meeting_class": meeting_class,
                                          "hold_scope": "candidate", "candidate": span})
        if status == 200:
            call(f"/v1/bookings/{hold['hold_id']}/confirm", {"title": "race", **span})
    else:
        call("/v1/bookings", {"owner_email": owner, "meeting_class": meeting_class,
                              "title": "race", **span})
    return done


def note_http(seen, owner, start, done):
    for request_id, status, body in done:
        if status != 200:
            assert (status, body["error"]["code"]) in LOST, (status, body)
        if status == 200 or body["error"]["code"] == "ARBITRATION_REJECTED":
            seen.decided[request_id] = body.get("audit_row_id")
        if status == 200 and "booking_id" in body:
            assert body["status"] == "committed" and body["start"] == text_of(start), body
            gone = {b["booking_id"] for b in body["displaced_bookings"]}
            assert len(gone) == body["displaced_count"], body
            seen.note(owner, start, body["booking_id"], gone, body["audit_row_id"])


def book_over_mcp(client, owner, start, meeting_class):
    return client.call("create-event", owner_email=owner, title="race", start=text_of(start),
                       end=text_of(start + HOUR), meeting_class=meeting_class)


def book_by_command(house, key, owner, start, meeting_class):
    ran = house.attempt("--json", "book", "--owner", owner, "--class", meeting_class, "--title",
                        "race", "--start", text_of(start), "--end", text_of(start + HOUR),
                        env=dict(house.environment, OPENAVAIL_API_KEY=key))
    assert ran.returncode in (0, 10, 11), (ran.returncode, ran.stdout, ran.stderr)
    return ran.returncode, json.loads(ran.stdout)


def note_command(seen, owner, start, answer):
    code, body = answer
    if code:
        assert body["error"]["code"] == "ARBITRATION_REJECTED", body
        seen.rows.add(body["audit_row_id"])
    else:
        seen.note(owner, start, body["booking_id"],
                  {b["booking_id"] for b in body["displaced_bookings"]}, body["audit_row_id"])
    seen.by_command += 1


def note_mcp(seen, owner, start, answer):
    assert answer is not None, "a call over MCP was not answered"
    is_error, body = answer
    seen.by_mcp += 1
    if is_error:
        assert body["error"] == "ARBITRATION_REJECTED", body
        seen.rows.add(body["auditRowId"])
    else:
        seen.note(owner, start, body["bookingId"],
                  {b["bookingId"] for b in body["displacedBookings"]}, body["auditRowId"])


def storm(house, seen, dice, rounds):
    keys = [house.key(f"agent{n}") for n in range(AGENTS)]
    with Server(house) as first, Server(house) as second:
        callers = [Caller(first.port, keys[n % AGENTS]) for n in range(CONNECTIONS)]
        callers += [Caller(second.port, keys[n % AGENTS]) for n in range(OTHER_CONNECTIONS)]
        clients = [Client(house, keys[n]) for n in range(PROCESSES)]
        with concurrent.futures.ThreadPoolExecutor(len(callers) + PROCESSES + 1) as pool:
            for number in range(rounds):
                owner = house.owners[number % OWNERS]
                slot = START + datetime.timedelta(days=number // OWNERS)
                tries = []
                by_command = pool.submit(book_by_command, house, dice.choice(keys), owner, slot,
                                         dice.choice(CLASSES))
                by_mcp = [pool.submit(book_over_mcp, client, owner, slot, dice.choice(CLASSES))
                          for client in clients]
                for caller in dice.sample(callers, len(callers)):
                    start = slot + dice.choice((0, 0, -0.5, 0.5)) * HOUR
                    tries.append((start, pool.submit(
                        book_over_http, caller, owner, start, dice.choice(CLASSES),
                        dice.random() < 0.3)))
                for start, tried in tries:
                    note_http(seen, owner, start, tried.result())
                for tried in by_mcp:
                    note_mcp(seen, owner, slot, tried.result())
                note_command(seen, owner, slot, by_command.result())
        for client in clients:
            client.close()
        for caller in callers:
            caller.close()
        second.end()
        first.end()


def judge(house, seen, rounds):
    for number, owner in enumerate(house.owners):
        spans = house.events(owner)
        assert not overlaps(spans), overlaps(spans)
        files = {p.stem: p.read_text(encoding="utf-8")
                 for p in house.calendar(owner).glob("*.ics")}
        booked = {b for b, (of, _) in seen.booked.items() if of == owner}
        assert files.keys() == booked, (owner, files.keys() ^ booked)
        free = {b for b, text in files.items() if "TRANSP:TRANSPARENT" in text}
        assert free == seen.displaced & booked, (free, seen.displaced & booked)
        for day in range((rounds - number + OWNERS - 1) // OWNERS):
            slot = START + datetime.timedelta(days=day)
            assert any(start < slot + HOUR and slot < end for start, end in spans), \
                f"nobody got {owner} {slot}"
    rows = [line["row"] for line in house.verify()]
    decisions = [row for row in rows if row["kind"] == "decision"]
    assert seen.rows <= {row["decision_id"] for row in decisions}, "an answer named no signed row"
    per_request = collections.defaultdict(list)
    for row in decisions:
        per_request[row["request_id"]].append(row["decision_id"])
    for request_id, named in seen.decided.items():
        written = per_request[request_id]
        assert len(written) == 1, (request_id, written)
        assert named in (None, written[0]), (request_id, named, written)
    assert len(decisions) == len({row["decision_id"] for row in decisions})


class Pipe:
    """One kept connection on which a request is sent now and its answer read later."""

    def __init__(self, port, key):
        self.key = key
        self.connection = connect(port)
        self.stream = self.connection.makefile("rb")

    def send(self, body):
        text = json.dumps(body).encode()
        self.connection.sendall(
            b"POST /v1/bookings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s"
            % (self.key.encode(), len(text), text))

    def read(self):
        status = int(self.stream.readline().split()[1])
        size = 0
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        return status, json.loads(self.stream.read(size))


def race_tiers(house, rounds, dice):
    """How often the lowest was decided before the others had come, and by a round of its own."""
    owner = house.owners[0]
    key = house.key("all-tiers")
    apart = 0
    with Server(house, settings={**UNLIMITED, "OPENAVAIL_ROUND_MS": "50"}) as server:
        pipes = [Pipe(server.port, key) for _ in range(2 * len(CLASSES))]
        for number in range(rounds):
            start = START + datetime.timedelta(days=1000 + number)
            classes = [*reversed(CLASSES)] + dice.sample(CLASSES, len(CLASSES))
            for pipe, meeting_class in zip(pipes, classes):
                pipe.send({"owner_email": owner, "meeting_class": meeting_class, "title": "tiers",
                           "start": text_of(start), "end": text_of(start + HOUR)})
            won = []
            for pipe, meeting_class in zip(pipes, classes):
                status, body = pipe.read()
                assert (status, body.get("error", {}).get("code")) in (
                    (200, None), (409, "ARBITRATION_REJECTED")), (status, body)
                if status == 200:
                    won.append((meeting_class, body["displaced_count"]))
            assert (CLASSES[0], 0) in won or len(won) > 1, won
            apart += won != [(CLASSES[0], 0)]
        server.end()
    assert apart <= rounds // 10, f"{apart} of {rounds} were not won by the highest tier alone"
    return apart


def main():
    binary = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print(f"serve_race: {rounds} rounds, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="openavail-serve-race-") as folder:
        house = House(binary, folder, OWNERS)
        seen = Seen()
        dice = random.Random(seed)
        storm(house, seen, dice, rounds)
        judge(house, seen, rounds)
        apart = race_tiers(house, 5 * rounds, dice)
    print(f"serve_race: {len(seen.decided)} requests decided over HTTP, {seen.by_mcp} by "
          f"{PROCESSES} processes, {seen.by_command} by commands; {len(seen.booked)} bookings, "
          f"{len(seen.displaced)} displaced; nothing overlaps, each has its row; "
          f"{5 * rounds} races of tiers, {apart} of them not in one round")


if __name__ == "__main__":
    main()
