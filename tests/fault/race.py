"""Eight processes after the same times, many rounds. Usage: race.py BINARY [ROUNDS [SEED]].

In each round all want the same hour or one that overlaps it, in random order and classes, as holds
or as direct bookings. Afterwards every call was answered, somebody got a time in every round, no
two bookings or events overlap, bookings and events are the same, and every decision is signed.
"""

import concurrent.futures
import datetime
import random
import sys
import tempfile

from house import START, House, Client, instant_of, overlaps, text_of

PROCESSES = 8
OWNERS = 10
CLASSES = ("Critical", "Important", "Regular", "Tentative")
MINUTE = datetime.timedelta(minutes=1)


def attempt(client, owner, start, end, meeting_class, by_hold):
    """One agent's try. The ids of the decision rows that its answers named."""
    where = {"owner_email": owner, "meeting_class": meeting_class}
    span = {"start": text_of(start), "end": text_of(end)}
    if by_hold:
        answer = client.call("create-hold", hold_scope="candidate", candidate=span, **where)
        assert answer is not None, "no answer to create-hold"
        if not answer[0]:
            answer = client.call("confirm-hold", hold_id=answer[1]["holdId"], title="race", **span)
    else:
        answer = client.call("create-event", title="race", **span, **where)
    assert answer is not None, "a call was not answered"
    is_error, body = answer
    if is_error:
        known = ("ARBITRATION_REJECTED", "HOLD_EXPIRED", "HOLD_NOT_FOUND")
        assert body["error"] in known, (body, owner, span, meeting_class, by_hold)
    return body.get("auditRowId")


def main():
    binary = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print(f"race: {rounds} rounds, seed {seed}", flush=True)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="openavail-race-") as folder:
        house = House(binary, folder, OWNERS)
        clients = [Client(house, house.key(f"agent{n}")) for n in range(PROCESSES)]
        named = set()
        slots = []
        with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
            for number in range(rounds):
                owner = house.owners[number % OWNERS]
                slot = START + datetime.timedelta(days=number // OWNERS)
                slots.append((owner, slot))
                order = clients[:]
                dice.shuffle(order)
                tries = []
                for client in order:
                    start = slot + dice.choice((0, 0, 0, -30, 30)) * MINUTE
                    tries.append(pool.submit(attempt, client, owner, start, start + 60 * MINUTE,
                                             dice.choice(CLASSES), dice.random() < 0.5))
                named.update(t.result() for t in tries)
        named.discard(None)

        for owner in house.owners:
            booked = [(instant_of(b["start"]), instant_of(b["end"]))
                      for b in house.bookings(clients[0], owner) if b["status"] == "committed"]
            written = house.events(owner)
            assert not overlaps(booked), overlaps(booked)
            assert not overlaps(written), overlaps(written)
            assert sorted(booked) == sorted(written), (owner, len(booked), len(written))
            for _, slot in (s for s in slots if s[0] == owner):
                near = [b for b in booked if b[0] < slot + 60 * MINUTE and slot < b[1]]
                assert near, f"nobody got {owner} {slot}"
        for client in clients:
            client.close()
        rows = {line["row"]["decision_id"] for line in house.verify()}
        assert named and named <= rows, f"{len(named - rows)} decisions have no signed row"
        print(f"race: {len(named)} named decisions, all signed; nothing overlaps")


if __name__ == "__main__":
    main()
