// Section 3, "ours besides": any deciding call takes include_situation and answers the situation
// with its digest, which anyone can compute (arbitration: SHA-256 over the RFC 8785 form).
import {createHash} from "node:crypto";
import {at, call, check, finish, ok, part, refused, same, span, world} from "./client.mjs";

const key = world.keys.sven;
const Regular = {meeting_class: "Regular"};
const day = (n) => ({start: at(n, 8), end: at(n, 18)});
const search = (n, members) => ({duration_minutes: 30, ...Regular, earliest_start: at(n, 9),
                                 latest_end: at(n, 12), ...members});

// RFC 8785 for what a situation holds: objects by UTF-16 code units, no fractions.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

function check_situation(body, what) {
  if (!check(body.situation && typeof body.situation === "object", `${what}: situation`)) return;
  const digest = createHash("sha256").update(canonical(body.situation)).digest("hex");
  same(body.situation_digest, digest, `${what}: situation_digest`);
  const text = JSON.stringify(body.situation);
  check(!/Hidden|guest@/.test(text), `${what}: text of meetings`);
}

// The same call without the member tells none, and with false neither.
async function both(method, path, body, what) {
  const asked = await ok(method, path, {key, body: {...body(0), include_situation: true}});
  check_situation(asked, what);
  for (const include_situation of [undefined, false]) {
    const plain = await ok(method, path,
                           {key, body: {...body(include_situation === false ? 2 : 1),
                                        include_situation}});
    check(!("situation" in plain) && !("situation_digest" in plain), `${what}: not asked for`);
  }
  return asked;
}

async function no(path, code, body, what) {
  const refusal = await refused("POST", path, 409, code,
                                {key, body: {...body, include_situation: true}, what});
  check_situation(refusal, `${what} refused`);
  const plain = await refused("POST", path, 409, code, {key, body, what});
  check(!("situation" in plain), `${what} refused: not asked for`);
  return refusal;
}

await part("accepted", async () => {
  await both("POST", "/v1/availability/search", () => search(0), "search");
  await both("POST", "/v1/availability", (n) => search(1, {earliest_start: at(1, 9 + n)}),
             "first availability");
  await both("POST", "/v1/holds",
             (n) => ({...Regular, hold_scope: "candidate", candidate: span(2, 9 + n)}), "hold");
  const made = await both("POST", "/v1/bookings",
                          (n) => ({...span(3, 9 + n), ...Regular, title: "Hidden",
                                   attendees: [{email: "guest@example.net"}]}), "booking");
  await both("POST", "/v1/booking-proposals",
             () => ({title: "Hidden", ...Regular, duration_minutes: 30,
                     requested_window: day(4)}), "proposal");
  const row = await ok("GET", `/v1/decisions/${made.audit_row_id}`, {key});
  same(row.situation_digest, made.situation_digest, "the digest in the signed row");
  for (const asked of [true, undefined]) {
    const hour = asked ? 14 : 15;
    const held = await ok("POST", "/v1/holds", {key, body: {
      ...Regular, hold_scope: "window", duration_minutes: 30, window: span(2, hour, 59)}});
    const booked = await ok("POST", `/v1/bookings/${held.hold_id}/confirm`, {
      key, body: {...span(2, hour), title: "Hidden", include_situation: asked}});
    if (asked) check_situation(booked, "confirm");
    check(asked || !("situation" in booked), "confirm: not asked for");
  }
  const simulated = await ok("POST", "/v1/simulate", {key, body: {...span(4, 9), ...Regular}});
  check_situation(simulated, "simulate");
});

await part("refused", async () => {
  const taken = {...span(7, 9, 60), meeting_class: "Critical", title: "Hidden"};
  await ok("POST", "/v1/bookings", {key, body: taken});
  const hour = {start: at(7, 9), end: at(7, 10)};
  await no("/v1/bookings", "ARBITRATION_REJECTED", {...span(7, 9), ...Regular, title: "t"},
           "booking");
  await no("/v1/holds", "ARBITRATION_REJECTED",
           {...Regular, hold_scope: "candidate", candidate: span(7, 9)}, "hold");
  await no("/v1/availability/search", "NO_SLOTS_AVAILABLE",
           search(7, {latest_end: at(7, 10)}), "search");
  await no("/v1/availability", "NO_SLOTS_AVAILABLE", search(7, {latest_end: at(7, 10)}),
           "first availability");
  await no("/v1/booking-proposals", "NO_SLOTS_AVAILABLE",
           {title: "t", ...Regular, duration_minutes: 30, requested_window: hour}, "proposal");
  const bad = await call("POST", "/v1/bookings",
                         {key, body: {...taken, include_situation: "yes"}});
  same(bad.body?.error?.code, "VALIDATION_FAILED", "not a boolean");
});

finish();
