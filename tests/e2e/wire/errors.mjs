// Section 4: each code that a client can reach, with its status and its extra members.
import fs from "node:fs";
import {at, check, command, finish, ok, part, refused, same, shape, span, world}
  from "./client.mjs";

const key = world.keys.pierre;
const bob = world.keys.bob;
const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const Regular = {meeting_class: "Regular"};
const search = (day, members) => ({duration_minutes: 30, ...Regular, earliest_start: at(day, 9),
                                   latest_end: at(day, 12), ...members});

await part("NO_SLOTS_AVAILABLE", async () => {
  for (const [reason, body] of [
    ["OFF_DAY", search(5)],
    ["WORKING_HOURS", search(0, {earliest_start: at(0, 1), latest_end: at(0, 4)})],
  ]) {
    const none = await refused("POST", "/v1/availability/search", 409, "NO_SLOTS_AVAILABLE",
                               {key: bob, body});
    same(none.reason_code, reason, "reason_code");
    check(typeof none.next_available_exceeds_lookahead === "boolean", "exceeds_lookahead");
    check("resolved_calendar_type" in none && Array.isArray(none.warnings), "type and warnings");
    check(none.next_available !== null, "next_available is left out, never null");
  }
  await ok("POST", "/v1/bookings", {key: bob, body: {...span(1, 9, 60), meeting_class: "Critical",
                                                     title: "t"}});
  const full = await refused("POST", "/v1/availability/search", 409, "NO_SLOTS_AVAILABLE",
    {key: bob, body: search(1, {latest_end: at(1, 10)})});
  same(full.reason_code, "NO_FREE_SLOTS", "reason_code");
});

await part("ARBITRATION_REJECTED", async () => {
  for (const [reason, when] of [["OFF_DAY", span(5, 9)], ["WORKING_HOURS", span(0, 3)],
                                ["NO_CAPACITY", span(1, 9)]]) {
    const no = await refused("POST", "/v1/bookings", 409, "ARBITRATION_REJECTED",
                             {key: bob, body: {...when, ...Regular, title: "t"}});
    check([no.error?.reason, no.blocking_reason].includes(reason),
          `${reason}: ${no.error?.reason} ${no.blocking_reason}`);
    check(Array.isArray(no.alternatives), "alternatives");
    for (const each of no.alternatives ?? []) {
      shape(each, {start: "time", end: "time", reason_code: "string"}, "alternative");
    }
    check(no.blocking_reason !== undefined && no.audit_row_id !== undefined, "its members");
    check(no.next_available !== null, "next_available is never null");
  }
});

await part("rules of an owner", async () => {
  const owner_email = world.owners.ruth;
  const as = world.keys.ruth;
  const set = (...words) => command("rules", "set", "--owner", owner_email, ...words);
  const book = (when) => ({key: as, body: {...when, ...Regular, title: "t"}});
  same(set("--hard-block", "Fri 12:00-13:00 Lunch", "--max-daily-hours", "1",
           "--hold-seconds", "30").code, 0, "rules set");
  const blocked = await refused("POST", "/v1/availability/search", 409, "NO_SLOTS_AVAILABLE", {
    key: as, body: search(11, {earliest_start: at(11, 12), latest_end: at(11, 13)})});
  same(blocked.reason_code, "HARD_BLOCK", "reason_code");
  await ok("POST", "/v1/bookings", book(span(10, 9, 60)));
  const full = await refused("POST", "/v1/availability/search", 409, "NO_SLOTS_AVAILABLE",
                             {key: as, body: search(10, {earliest_start: at(10, 14),
                                                        latest_end: at(10, 17)})});
  same(full.reason_code, "DAILY_HOURS_LIMIT", "reason_code");
  const no = await refused("POST", "/v1/bookings", 409, "ARBITRATION_REJECTED",
                           book(span(10, 14)));
  check([no.error?.reason, no.blocking_reason].includes("MAX_DAILY_HOURS"),
        `MAX_DAILY_HOURS: ${no.error?.reason} ${no.blocking_reason}`);
});

await part("HOLD_EXPIRED", async () => {
  const set = command("rules", "set", "--owner", world.owners.ivan, "--hold-seconds", "1");
  if (set.code !== 0) console.log(`no hold of a second: ${set.out.trim()}`);
  if (set.code !== 0) return;
  const as = world.keys.ivan;
  const held = await ok("POST", "/v1/holds", {key: as, body: {
    ...Regular, hold_scope: "candidate", candidate: span(9, 9)}});
  // Whole seconds may be told a fraction early.
  const over = new Date(held.expires_at).getTime() + 1500;
  while (over >= Date.now()) await new Promise((go) => setTimeout(go, 200));
  await refused("POST", `/v1/bookings/${held.hold_id}/confirm`, 410, "HOLD_EXPIRED",
                {key: as, body: {...span(9, 9), title: "t"}});
});

await part("SACRED_MEETING", async () => {
  same(command("classes", "add", "Guarded", "--tier", "low", "--policy", "protected").code, 0,
       "a class that is never displaced");
  await ok("POST", "/v1/bookings",
           {key: bob, body: {...span(3, 9), meeting_class: "Guarded", title: "t"}});
  const body = {...span(3, 9), meeting_class: "Critical", title: "t"};
  const no = await refused("POST", "/v1/bookings", 409, "ARBITRATION_REJECTED", {key: bob, body});
  same([no.error?.reason, no.blocking_reason], ["COUNTER_PROPOSED", "SACRED_MEETING"],
       "a lower tier that is protected");
  check(no.alternatives?.length > 0, "alternatives");
  // An empty search over it is no matter of its own.
  const none = await refused("POST", "/v1/availability/search", 409, "NO_SLOTS_AVAILABLE", {
    key: bob, body: {...search(3, {latest_end: at(3, 9, 30)}), meeting_class: "Critical"}});
  same(none.reason_code, "NO_FREE_SLOTS", "reason_code");
});

await part("INTERNAL", async () => {
  const as = {url: world.damaged, key: world.keys.damaged};
  const broken = await refused("POST", "/v1/booking-proposals", 500, "INTERNAL", {...as, body: {
    title: "t", ...Regular, duration_minutes: 30,
    requested_window: {start: at(0, 8), end: at(0, 18)}}});
  same(broken.request_id, broken.headers.get("x-request-id"), "the request's id");
  check(!/sealing_key|\/tmp|damaged/.test(JSON.stringify(broken)), "no file names");
  await ok("POST", "/v1/availability/search", {...as, body: search(0)});  // others are served
});

await part("422", async () => {
  const narrow = await refused("POST", "/v1/availability/search", 422, "WINDOW_TOO_NARROW",
    {key: bob, body: search(2, {latest_end: at(2, 9, 15)})});
  same([narrow.window_duration_minutes, narrow.required_duration_minutes], [15, 30],
       "both lengths");
  await refused("POST", "/v1/bookings", 422, "PAST_TIME", {key: bob, body: {
    start: "2024-01-02T09:00:00Z", end: "2024-01-02T09:30:00Z", ...Regular, title: "t"}});
  for (const [path, body] of [
    ["/v1/bookings", {...span(2, 9), title: "t"}], ["/v1/simulate", span(2, 9)],
    ["/v1/availability/search", search(2)],
    ["/v1/holds", {hold_scope: "candidate", candidate: span(2, 9)}]]) {
    const none = await refused("POST", path, 422, "INVALID_MEETING_CLASS",
                               {key: bob, body: {...body, meeting_class: "Nonsense"}});
    check(none.available_classes?.length >= 4, `${path}: available_classes`);
  }
});

await part("404", async () => {
  for (const [method, path, code, body] of [
    ["GET", `/v1/bookings/${id}`, "BOOKING_NOT_FOUND"],
    ["PATCH", `/v1/bookings/${id}`, "BOOKING_NOT_FOUND", {title: "t"}],
    ["DELETE", `/v1/bookings/${id}`, "BOOKING_NOT_FOUND"],
    ["DELETE", `/v1/holds/${id}`, "HOLD_NOT_FOUND"],
    ["POST", `/v1/bookings/${id}/confirm`, "HOLD_NOT_FOUND", {...span(2, 9), title: "t"}],
    ["GET", `/v1/booking-proposals/${id}`, "PROPOSAL_NOT_FOUND"]]) {
    await refused(method, path, 404, code, {key: bob, body});
  }
  for (const as of [key, world.keys.nocal]) {
    await refused("POST", "/v1/availability/search", 404, "CALENDAR_NOT_FOUND",
                  {key: as, body: search(0)});
  }
});

await part("503", async () => {
  for (const [path, body] of [["/v1/availability/search", search(0)],
                              ["/v1/bookings", {...span(0, 9), ...Regular, title: "t"}]]) {
    const none = await refused("POST", path, 503, "CALENDAR_UNAVAILABLE",
                               {key: world.keys.broken, body});
    same([none.calendar_type, none.cause], ["work", "unreadable"], "calendar_type and cause");
    check(!JSON.stringify(none).includes("broken.ics"), "no file names");
    same(none.headers.get("retry-after"), null, "waiting does not help");
  }
  const folder = `${world.root}/udo`;
  const as = {key: world.keys.udo, body: search(0)};
  const all = [["POST", "/v1/availability/search", as],
               ["POST", "/v1/bookings", {...as, body: {...span(0, 9), ...Regular, title: "t"}}],
               ["POST", "/v1/holds", {...as, body: {...Regular, hold_scope: "candidate",
                                                     candidate: span(0, 9)}}],
               ["POST", "/v1/simulate", {...as, body: {...span(0, 9), ...Regular}}]];
  const unavailable = async (cause, retry) => {
    for (const [method, path, options] of all) {
      const none = await refused(method, path, 503, "CALENDAR_UNAVAILABLE", options);
      same([none.calendar_type, none.cause, none.headers.get("retry-after")],
           ["work", cause, retry], `${path}: calendar_type, cause, Retry-After`);
      check(!JSON.stringify(none).includes(world.root), `${path}: no paths`);
    }
  };
  fs.renameSync(folder, `${folder}.away`);
  await unavailable("unreachable", "1");
  fs.mkdirSync(folder);  // as an unmounted disk leaves it
  await unavailable("changed_identity", null);
  fs.rmdirSync(folder);
  fs.renameSync(`${folder}.away`, folder);
  await ok(...all[0]);
  for (const hour of [9, 10, 11]) {
    await ok("POST", "/v1/bookings",
             {...as, body: {...span(1, hour), ...Regular, title: "t"}});
  }
  for (const name of fs.readdirSync(folder).filter((each) => each.endsWith(".ics"))) {
    fs.unlinkSync(`${folder}/${name}`);  // all that there was, at once
  }
  await unavailable("changed_identity", null);
  same(command("calendars", "check", "--owner", world.owners.udo, "--accept").code, 0,
       "a person has looked");
  await ok(...all[0]);
});

finish();
