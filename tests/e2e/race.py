"""Many processes ask for the same and partly overlapping times: exactly one winner per time, in the store
and in the files; every call answered; every decision signed."""

import datetime
import random
import sys
import threading

from installation import Installation

PROCESSES = 8
ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 150
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**31)
CLASSES = ["Critical", "Important", "Regular", "Tentative"]


def at(minutes):
    start = datetime.datetime(2031, 1, 6) + datetime.timedelta(minutes=minutes)
    return start.strftime("%Y-%m-%dT%H:%M:%SZ")


def one_call(server, chooser, base):
    """Books directly, or holds and confirms; True when something was booked."""
    start = base + chooser.choice([0, 0, 15])
    times = {"start": at(start), "end": at(start + 30)}
    meeting_class = chooser.choice(CLASSES)
    if chooser.random() < 0.5:
        accepted, body = server.call("create-event", meeting_class=meeting_class, title="race", **times)
    else:
        accepted, body = server.call("create-hold", meeting_class=meeting_class,
                                     hold_scope="candidate", candidate=times)
        if accepted:
            accepted, body = server.call("confirm-hold", hold_id=body["holdId"], title="race", **times)
    if not accepted:
        assert body["error"] in ("ARBITRATION_REJECTED",), body
    return accepted


def main():
    print(f"seed {SEED}", flush=True)
    world = Installation()
    permissions = "read_freebusy,create_holds,create_bookings"
    keys = [world.agent(f"agent-{i}", permissions + (",preempt" if i % 2 else ""))
            for i in range(PROCESSES)]
    servers = [world.server(key) for key in keys]
    barrier = threading.Barrier(PROCESSES)
    booked = [0] * PROCESSES
    failures = []

    def work(i):
        chooser = random.Random(SEED * 1000 + i)
        try:
            for round_number in range(ROUNDS):
                barrier.wait(timeout=120)
                booked[i] += one_call(servers[i], chooser, round_number * 60)
        except Exception as problem:  # the test fails below, with all of them
            failures.append(f"agent-{i}: {problem!r}")
            barrier.abort()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    for server in servers:
        assert server.end() == 0

    events = world.busy_events()
    for before, after in zip(events, events[1:]):
        assert before[1] <= after[0], f"double-booked: {before} {after}"
    # In each round someone asked for time nobody had: at least one booking stands in each.
    assert len(events) >= ROUNDS, (len(events), ROUNDS)
    rows = world.check_signatures()
    wins = sum(row["action"] in ("accept", "preempt") and row["booking_id"] is not None
               for row in rows)
    assert wins == sum(booked), (wins, booked)
    displaced = sum(len(row["displaced_booking_ids"]) for row in rows
                    if row["action"] == "preempt")
    assert len(events) == wins - displaced, (len(events), wins, displaced)
    print(f"{ROUNDS} rounds, {wins} booked, {displaced} displaced, {len(rows)} signed rows")


main()
