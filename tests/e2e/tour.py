"""A full tour of all tools and of what administrators do, with canary words in every text: they may
be found in the calendar's files and nowhere in the data directory or the export."""

import datetime
import json
import sys

from installation import OWNER, Installation

CANARIES = ["Quetzalcoatlus", "Zyzzyvafen", "Brobdingnagora", "Xylophonist77"]


def at(day, hour, minute=0):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=day)
    return start.strftime("%Y-%m-%d") + f"T{hour:02}:{minute:02}:00Z"


def foreign_event(world, name, lines):
    (world.calendar / name).write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Other//Other//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{name}\r\nDTSTAMP:20260101T000000Z\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n")


def compact(instant):
    return instant.replace("-", "").replace(":", "")


def check_search_for(words, world):
    for path in world.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for word in words:
                assert word.encode() not in content, f"{word} in {path}"


def main():
    world = Installation()
    foreign_event(world, "theirs.ics",
                  f"DTSTART:{compact(at(3, 9))}\r\nDTEND:{compact(at(3, 10))}\r\n"
                  f"SUMMARY:{CANARIES[0]}\r\nLOCATION:{CANARIES[1]}\r\n")
    key = world.agent("scheduler", "read_freebusy,read_events,create_holds,create_bookings,preempt")
    reader = world.agent("reader", "read_freebusy")
    server = world.server(key)
    ok, context = server.call("get-agent-context")
    assert ok and context["agent"]["name"] == "scheduler" and len(context["meetingClasses"]) == 4
    for tool in ("list-calendars", "get-schedule-rules", "list-meeting-classes"):
        assert server.call(tool)[0], tool

    # Their event blocks; the answer helps; an alternative, asked at once, is accepted.
    ok, body = server.call("create-event", start=at(3, 9, 30), end=at(3, 10),
                           meeting_class="Regular", title=CANARIES[2])
    assert not ok and body["reason"] == "COUNTER_PROPOSED"
    assert body["blockingReason"] == "NO_CAPACITY"
    first = body["alternatives"][0]
    ok, made = server.call("create-event", start=first["start"], end=first["end"],
                           meeting_class="Tentative", title=CANARIES[2], description=CANARIES[3],
                           attendees=[{"email": f"{CANARIES[3]}@example.org"}],
                           idempotency_key="k1")
    assert ok, made
    ok, again = server.call("create-event", start=first["start"], end=first["end"],
                            meeting_class="Tentative", title=CANARIES[2], description=CANARIES[3],
                            attendees=[{"email": f"{CANARIES[3]}@example.org"}],
                            idempotency_key="k1")
    assert ok and again["bookingId"] == made["bookingId"]
    ok, conflict = server.call("create-event", start=first["start"], end=first["end"],
                               meeting_class="Tentative", title="other", idempotency_key="k1")
    assert not ok and conflict["error"] == "IDEMPOTENCY_CONFLICT"

    # A higher class displaces it; the agent that booked is not told: Tentative is replaceable.
    ok, winner = server.call("create-event", start=first["start"], end=first["end"],
                             meeting_class="Important", title=CANARIES[2])
    assert ok and winner["displacedCount"] == 1
    # Of the two, the winner alone is busy in the files.
    start = first["start"].replace("-", "").replace(":", "")
    assert [title for begin, _, title in world.busy_events() if begin == start] == [CANARIES[2]]
    undone = json.loads(world.run("--json", "undo", winner["bookingId"]).stdout)
    assert undone["restored"] == [made["bookingId"]]
    ok, seen = server.call("get-event", id=made["bookingId"])
    assert ok and seen["title"] == CANARIES[2] and seen["status"] == "committed", seen
    ok, pending = server.call("get-pending-notifications")
    kinds = {n["kind"] for n in pending["notifications"]}
    assert {"booking.cancelled", "booking.restored"} <= kinds, kinds
    ok, acked = server.call("ack-notifications", ids=[n["id"] for n in pending["notifications"]])
    assert ok and acked["ackedCount"] == len(pending["notifications"])

    ok, changed = server.call("update-event", id=made["bookingId"], title=CANARIES[1])
    assert ok and changed["title"] == CANARIES[1]
    ok, found = server.call("search-events", q=CANARIES[1][2:8].upper(), timeMin=at(1, 0),
                            timeMax=at(9, 0))
    assert ok and [b["bookingId"] for b in found["bookings"]] == [made["bookingId"]], found
    ok, cancelled = server.call("delete-event", id=made["bookingId"])
    assert ok
    assert not server.call("delete-event", id=made["bookingId"])[0]
    assert not list(world.calendar.glob("0*.ics")), "the events of ours are gone"

    # Holds.
    slot = {"start": at(4, 9), "end": at(4, 10)}
    ok, hold = server.call("create-hold", meeting_class="Regular", hold_scope="window",
                           duration_minutes=30, window=slot)
    assert ok, hold
    ok, body = server.call("create-event", meeting_class="Critical", title="x", **slot)
    assert not ok and "hold of your own" in body["message"], body
    ok, body = server.call("confirm-hold", hold_id=hold["holdId"], title="x", start=at(4, 9),
                           end=at(4, 10))
    assert not ok and body["error"] == "SLOT_OUTSIDE_HOLD"
    part = {"hold_id": hold["holdId"], "start": at(4, 9), "end": at(4, 9, 30)}
    ok, body = server.call("confirm-hold", **part)
    assert not ok and body["error"] == "VALIDATION_FAILED", "a title is required on MCP"
    # Elsewhere a missing title becomes the class's name.
    ran = world.run("call", "confirm-hold", "--input", json.dumps(part), key=key)
    confirmed = json.loads(ran.stdout)
    assert confirmed["title"] == "Regular", confirmed
    ok, hold = server.call("create-hold", meeting_class="Regular", hold_scope="candidate",
                           candidate={"start": at(4, 12), "end": at(4, 13)})
    assert ok and server.call("release-hold", hold_id=hold["holdId"])[0]
    repeated = {"meeting_class": "Regular", "hold_scope": "candidate", "idempotency_key": "hold-1",
                "candidate": {"start": at(4, 13), "end": at(4, 14)}}
    ok, hold = server.call("create-hold", **repeated)
    assert ok, hold
    ok, again = server.call("create-hold", **repeated)
    same = [again.get(name) == hold[name] for name in ("holdId", "heldWindow")]
    assert ok and all(same), again
    ok, body = server.call("create-hold", **dict(repeated, hold_scope="window", duration_minutes=30,
                                                 window=repeated["candidate"]))
    assert not ok and body["error"] == "IDEMPOTENCY_CONFLICT", body
    assert server.call("release-hold", hold_id=hold["holdId"])[0]
    ok, simulated = server.call("simulate", start=at(4, 9), end=at(4, 9, 30),
                                meeting_class="Regular")
    assert ok and simulated["decision"] == "CounterPropose" and len(simulated["engineTrace"]) == 5
    ok, searched = server.call("search-availability", duration_minutes=30, earliest_start=at(4, 8),
                               latest_end=at(4, 12), meeting_class="Regular", max_results=3)
    assert ok and len(searched["candidates"]) == 3, searched

    # Unknown is never free: a broken file fails the request and names itself to the operator alone.
    (world.calendar / "broken.ics").write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    ok, body = server.call("create-event", meeting_class="Regular", title="x", start=at(5, 9),
                           end=at(5, 10))
    assert not ok and body["error"] == "CALENDAR_UNAVAILABLE" and "broken" not in json.dumps(body)
    assert "broken.ics" in world.run("calendars", "check", expect=13).stderr
    (world.calendar / "broken.ics").unlink()

    # Hostile input: a clear error each.
    for bad in ({"start": "2031-01-06T09:00:00", "end": at(5, 10)}, {"start": 5, "end": at(5, 10)},
                {"start": at(5, 10), "end": at(5, 9)},
                {"start": at(5, 9), "end": at(5, 10), "titel": "x"}):
        ok, body = server.call("create-event", meeting_class="Regular", title="x", **bad)
        assert not ok and body["error"] == "VALIDATION_FAILED" and body["issues"], body
    ok, body = server.call("search-availability", duration_minutes=30, earliest_start=at(1, 0),
                           latest_end=at(401, 0), meeting_class="Regular")
    assert not ok and body["error"] == "VALIDATION_FAILED", body

    # Permissions and revocation bite at the very next call.
    weak = world.server(reader)
    ok, body = weak.call("create-event", meeting_class="Regular", title="x", start=at(5, 9),
                         end=at(5, 10))
    assert not ok and body["error"] == "permission_denied:create_bookings"
    world.run("keys", "revoke", reader.split("_")[1])
    ok, body = weak.call("get-agent-context")
    assert not ok and body["error"] == "api_key_revoked"
    assert server.end() == 0 and weak.end() == 0
    assert world.run("call", "get-agent-context", key=key[:-1] + ("0" if key[-1] != "0" else "1"),
                     expect=4)

    rows = world.check_signatures()
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    check_search_for(CANARIES + [key, key.split("_")[2]], world)
    export = json.dumps(rows)
    assert not any(word in export for word in CANARIES + [OWNER])
    world.run("doctor")
    print(f"{len(rows)} rows, no canary outside the calendar")


main()
