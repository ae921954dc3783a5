// Section 3: search, simulate, the first generation's availability, and what an agent asks first.
import {PENDING, SPAN, at, check, finish, invalid, ok, part, refused, same, shape, span, world}
  from "./client.mjs";

const key = world.keys.emil;
const CALENDAR = {calendar_type: "=work|=personal|=other", is_primary: "boolean",
                  timezone: "string"};
const CLASS = {name: "string", description: "string|null", priority_tier: "number|string",
               preempt_policy: "string"};
const HOURS = {days: ["count"], start_time: "string", end_time: "string", timezone: "string"};
const CANDIDATE = {...SPAN, risk: "=free|=preemptable", "preemptable?": {
  occupying_class: "string", occupying_booking_ids: ["uuid"],
  occupying_priority_tier: "number|string"}};
const SEARCH = {
  requested_window: SPAN, candidates: [CANDIDATE], resolved_calendar_type: "string|null",
  warnings: [{code: "string", message: "string"}], candidate_limit: "count",
  available_candidate_count: "count", candidates_truncated: "boolean",
  candidate_set: "=curated|=exhaustive", pending_notifications: PENDING,
};
const FALLBACK = {code: "=CALENDAR_TYPE_FALLBACK", requested: "string", resolved: "string",
                  message: "string"};
const base = {duration_minutes: 30, earliest_start: at(0, 8), latest_end: at(0, 12),
              meeting_class: "Regular"};
const path = "/v1/availability/search";
const search = (members) => ok("POST", path, {key, body: {...base, ...members}});

await part("search", async () => {
  await ok("POST", "/v1/bookings", {key, body: {...span(0, 9), meeting_class: "Tentative",
                                                title: "low"}});
  const found = await search({});
  shape(found, SEARCH, "search");
  same(found.requested_window, {start: base.earliest_start, end: base.latest_end}, "the window");
  check(found.candidates.every((each) => each.end <= base.latest_end &&
                               each.start >= base.earliest_start), "every meeting ends by it");
  same([found.candidate_limit, found.resolved_calendar_type], [50, "work"], "50, work");
  const few = await search({max_results: 2});
  same([few.candidates?.length, few.candidate_limit, few.candidates_truncated],
       [2, 2, true], "two");
  const high = await search({meeting_class: "Critical", max_results: 100});
  shape(high, SEARCH, "search Critical");
  const over = high.candidates?.find((each) => each.risk === "preemptable");
  check(over?.preemptable?.occupying_class === "Tentative", "a preemptable candidate");
  const fallback = await search({calendar_type: "personal"});
  same(fallback.resolved_calendar_type, "work", "fallback to the primary");
  shape(fallback.warnings?.find((w) => w.code === "CALENDAR_TYPE_FALLBACK") ?? {}, FALLBACK,
        "fallback");
  const situated = await search({include_situation: true});
  shape(situated, {...SEARCH, situation: "any", situation_digest: "string"}, "search, situation");
});

await part("search bounds", async () => {
  for (const good of [{duration_minutes: 5}, {duration_minutes: 240}, {max_results: 1},
                      {max_results: 100}, {next_available_lookahead_hours: 1},
                      {next_available_lookahead_hours: 72}]) await search(good);
  for (const bad of [{duration_minutes: 4}, {duration_minutes: 481}, {duration_minutes: "30"},
                     {duration_minutes: 30.5}, {max_results: 0}, {max_results: 101},
                     {next_available_lookahead_hours: 0}, {calendar_type: "home"},
                     {earliest_start: base.latest_end, latest_end: base.earliest_start}]) {
    await invalid("POST", path, {key, body: {...base, ...bad}, what: JSON.stringify(bad)});
  }
  await refused("POST", path, 400, "LOOKAHEAD_EXCEEDS_MAXIMUM",
                {key, body: {...base, next_available_lookahead_hours: 73}});
  for (const name of Object.keys(base)) {
    const body = {...base};
    delete body[name];
    await invalid("POST", path, {key, body, what: `without ${name}`});
  }
});

await part("simulate", async () => {
  const members = {
    decision: "=Accept|=Reject|=Preempt|=CounterPropose", "reason?": "string",
    "blocking_reason?": "string", "next_available?": "any", displaced_booking_ids: ["uuid"],
    "alternatives?": [{...SPAN, reason_code: "string"}], situation: "any",
    engine_trace: [{rule: "string", outcome: "=pass|=fail|=skip", detail: "string"}],
    situation_digest: "string", pending_notifications: PENDING};
  for (const [when, name, decision] of [[span(0, 14), "Regular", "Accept"],
                                        [span(0, 9), "Critical", "Preempt"],
                                        [span(0, 9), "Tentative", "CounterPropose"]]) {
    const body = {...when, meeting_class: name};
    const said = await ok("POST", "/v1/simulate", {key, body});
    shape(said, members, `simulate ${decision}`);
    same(said.decision, decision, `simulate ${name}`);
  }
});

await part("owner context, rules, calendars, classes", async () => {
  const context = await ok("GET", "/v1/owner-context", {key});
  shape(context, {
    calendars: [CALENDAR], schedule_rules: "object", meeting_classes: [CLASS],
    setup_warnings: "array", unavailable_features: "array",
    agent: {id: "string", name: "string", permissions: ["string"]},
    pending_notifications: PENDING}, "owner-context");
  same(context.calendars?.[0]?.is_primary, true, "primary first");
  same(context.unavailable_features, [], "nothing unavailable");
  const rules = {working_hours: [HOURS], slot_interval_minutes: "count",
                 max_daily_meeting_hours: "number|null", pending_notifications: PENDING};
  const mine = await ok("GET", "/v1/schedule-rules", {key});
  shape(mine, rules, "schedule-rules");
  same(mine.working_hours?.flatMap((each) => each.days).sort(), [1, 2, 3, 4, 5], "Monday is 1");
  same([mine.working_hours?.[0]?.start_time, mine.max_daily_meeting_hours], ["08:00", 7.5],
       "rules");
  const bare = await ok("GET", "/v1/schedule-rules", {key: world.keys.bare});
  shape(bare, rules, "schedule-rules of no rules");
  same(bare.max_daily_meeting_hours, null, "no cap is null");
  shape(await ok("GET", `/v1/calendar-owners/${world.owners.emil}/calendars`, {key}),
        {calendars: [CALENDAR], pending_notifications: PENDING}, "calendars");
  shape(await ok("GET", "/v1/meeting-classes/available", {key}),
        {meeting_classes: [CLASS]}, "meeting-classes");
  const without = await ok("POST", path, {key: world.keys.bare, body: base});
  shape(without.warnings?.[0] ?? {}, {code: "=WORKING_HOURS_NOT_CONFIGURED",
    severity: "=warning", message: "string", agent_guidance: "string"}, "no working hours");
});

await part("the first generation", async () => {
  const members = {hold_id: "uuid", expires_at: "time", expires_in_seconds: "count", slots: "array",
                   resolved_calendar_type: "string|null", warnings: "array",
                   pending_notifications: PENDING};
  for (const [day, when] of [[1, {window: {start: at(1, 8), end: at(1, 18)}}],
                             [2, {earliest_start: at(2, 8), latest_end: at(2, 18)}]]) {
    const body = {duration_minutes: 30, meeting_class: "Regular", ...when};
    const held = await ok("POST", "/v1/availability", {key, body});
    shape(held, members, `availability on day ${day}`);
    check(held.slots?.length > 0, "slots");
    if (held.hold_id) await ok("DELETE", `/v1/holds/${held.hold_id}`, {key});
  }
  await invalid("POST", "/v1/availability",
                {key, body: {duration_minutes: 30, meeting_class: "Regular"}, what: "no window"});
});

finish();
