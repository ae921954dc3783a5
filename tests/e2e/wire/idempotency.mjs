// Section 1: Idempotency-Key on every call that changes something.
import {at, call, check, finish, invalid, ok, part, refused, same, span, world} from "./client.mjs";

const key = world.keys.dora;
const keyed = (word, body) => ({key, body, headers: {"Idempotency-Key": word}});
const booking = {...span(1, 9), meeting_class: "Regular", title: "Once"};

await part("create", async () => {
  const first = await ok("POST", "/v1/bookings", keyed("create-1", booking));
  const again = await ok("POST", "/v1/bookings", keyed("create-1", booking));
  same(again.booking_id, first.booking_id, "the same booking");
  same(again.audit_row_id, first.audit_row_id, "the same decision");
  const quoted = await ok("POST", "/v1/bookings", keyed('"create-1"', booking));
  same(quoted.booking_id, first.booking_id, "a quoted key is the same key");
  await refused("POST", "/v1/bookings", 422, "IDEMPOTENCY_CONFLICT",
                keyed("create-1", {...booking, title: "Twice"}));
  await refused("POST", "/v1/bookings", 422, "IDEMPOTENCY_CONFLICT",
                keyed("create-1", {...booking, ...span(1, 11)}));
  const rejected = {...span(1, 9), meeting_class: "Regular", title: "Busy"};
  const no = await call("POST", "/v1/bookings", keyed("create-2", rejected));
  const still = await call("POST", "/v1/bookings", keyed("create-2", rejected));
  same([no.status, still.status], [409, 409], "a refusal again");
  same(still.body?.audit_row_id, no.body?.audit_row_id, "the same refusal");
});

await part("at once", async () => {
  const body = {...span(2, 9), meeting_class: "Regular", title: "Race"};
  const all = await Promise.all(Array.from({length: 20}, () =>
    call("POST", "/v1/bookings", keyed("race", body))));
  const made = new Set(all.filter((a) => a.status === 200).map((a) => a.body.booking_id));
  same(made.size, 1, "one booking");
  for (const answer of all.filter((a) => a.status !== 200)) {
    same([answer.status, answer.body.error.code], [409, "IDEMPOTENCY_IN_FLIGHT"], "at once");
  }
});

await part("hold, confirm, patch, cancel, proposal, ack, release", async () => {
  const hold = {meeting_class: "Regular", hold_scope: "candidate", candidate: span(3, 9)};
  const held = await ok("POST", "/v1/holds", keyed("hold", hold));
  same((await ok("POST", "/v1/holds", keyed("hold", hold))).hold_id, held.hold_id, "hold again");
  const path = `/v1/bookings/${held.hold_id}/confirm`;
  const made = await ok("POST", path, keyed("confirm", {...span(3, 9), title: "C"}));
  const twice = await ok("POST", path, keyed("confirm", {...span(3, 9), title: "C"}));
  same(twice.booking_id, made.booking_id, "confirmed again");
  await refused("POST", path, 409, "HOLD_ALREADY_PROMOTED",
                {key, body: {...span(3, 9), title: "C"}});
  const booked = `/v1/bookings/${made.booking_id}`;
  const patched = await ok("PATCH", booked, keyed("patch", {title: "D"}));
  const patched2 = await ok("PATCH", booked, keyed("patch", {title: "D"}));
  same(patched2.correlation_id, patched.correlation_id, "patched again");
  await refused("PATCH", booked, 422, "IDEMPOTENCY_CONFLICT", keyed("patch", {title: "E"}));
  const kept = await ok("GET", booked, {key});
  same((kept.booking ?? kept).title, "D", "the title after a conflict");
  await ok("DELETE", booked, keyed("cancel"));
  same((await ok("DELETE", booked, keyed("cancel"))).booking_id, made.booking_id,
       "cancelled again");
  const asked = {title: "P", meeting_class: "Regular", duration_minutes: 30,
                 requested_window: {start: at(3, 8), end: at(3, 18)}};
  const one = await ok("POST", "/v1/booking-proposals", keyed("propose", asked));
  const two = await ok("POST", "/v1/booking-proposals", keyed("propose", asked));
  same(two.proposal_id, one.proposal_id, "proposed again");
  const other = await ok("POST", "/v1/holds", keyed("hold-2", {...hold, candidate: span(3, 12)}));
  await ok("DELETE", `/v1/holds/${other.hold_id}`, keyed("release"));
  same((await ok("DELETE", `/v1/holds/${other.hold_id}`, keyed("release"))).released, true,
       "released again");
});

await part("form and scope", async () => {
  const body = {...span(1, 13), meeting_class: "Regular", title: "Scope"};
  await invalid("POST", "/v1/bookings", {...keyed("x".repeat(256), body), what: "256 characters"});
  const longest = await ok("POST", "/v1/bookings", keyed("x".repeat(255), body));
  check(longest.booking_id, "255 characters");
  const search = {duration_minutes: 30, earliest_start: at(1, 8), latest_end: at(1, 18),
                  meeting_class: "Regular"};
  await ok("POST", "/v1/availability/search", keyed("search", search));
  const foreign = await ok("POST", "/v1/bookings",
                           {...keyed("create-1", {...booking, ...span(4, 9)}),
                            key: world.keys.emil});
  check(foreign.booking_id, "another agent's key is another key");
});

finish();
