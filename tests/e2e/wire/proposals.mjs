// Section 3: booking proposals, with the owner's side on the command line.
import fs from "node:fs";
import {PENDING, SPAN, at, check, command, finish, invalid, ok, part, refused, same, shape, span,
        world} from "./client.mjs";

const key = world.keys.holly;
const NULLABLE = "any";
const CANDIDATE = {
  id: "uuid", ...SPAN, rank: "count", agent_preferred: "boolean", status: "=valid|=invalid",
  invalid_reasons: ["string"], risk: "=free|=preemptable", preemptable: "object|null"};
const PROPOSAL = {
  proposal_id: "uuid",
  status: "=pending_owner_decision|=pending_requester_verification|=approved_executing|=booked|" +
          "=needs_new_window|=needs_owner_review|=rejected|=expired|=withdrawn|=failed",
  title: "string|null", description: "string|null", meeting_class: "string",
  duration_minutes: "count", attendees: [{email: "string", "displayName?": "string"}],
  requested_window: SPAN, expires_at: "time", created_at: "time", calendar_owner: "any",
  requesting_agent: "any", resolved_calendar_type: "string|null", candidate_limit: "count",
  available_valid_candidate_count: "count", valid_candidate_count: "count",
  candidates_truncated: "boolean", candidate_set: "=curated|=exhaustive", candidates: [CANDIDATE],
  approved_candidate_id: "uuid|null", decision: NULLABLE, rejection_reason: "string|null",
  owner_note: "string|null", booking_id: "uuid|null", public_context: NULLABLE,
  "pending_notifications?": PENDING};
const asked = (day, members) => ({
  title: "Ask", description: "Words", meeting_class: "Regular", duration_minutes: 30,
  attendees: [{email: "guest@example.net", displayName: "A Guest"}],
  requested_window: {start: at(day, 8), end: at(day, 18)}, ...members});
const propose = (day, members) =>
  ok("POST", "/v1/booking-proposals", {key, body: asked(day, members)});
const seen = (id) => ok("GET", `/v1/booking-proposals/${id}`, {key});
const owners = (what, id, ...words) => command("proposals", what, id, ...words);

await part("a proposal", async () => {
  const preferred_times = [span(0, 15), span(0, 10)];
  const made = await propose(0, {preferred_times, calendar_type: "work"});
  shape(made, PROPOSAL, "proposal");
  same([made.status, made.title, made.description, made.duration_minutes, made.candidate_limit],
       ["pending_owner_decision", "Ask", "Words", 30, 20], "what was asked");
  same(made.requested_window, {start: at(0, 8), end: at(0, 18)}, "the window");
  same(made.attendees, asked(0).attendees, "the attendees");
  check(made.candidates?.length > 0 && made.candidates.length <= 20, "at most 20 candidates");
  same(made.candidates?.slice(0, 2).map((each) => each.agent_preferred), [true, true],
       "preferred times first");
  same([made.booking_id, made.decision, made.approved_candidate_id, made.rejection_reason,
        made.owner_note, made.public_context], [null, null, null, null, null, null], "nulls");
  const one = await seen(made.proposal_id);
  shape(one, PROPOSAL, "proposal read");
  same([one.proposal_id, one.status], [made.proposal_id, "pending_owner_decision"], "read");
  check(command("proposals", "list").out.includes(made.proposal_id), "the owner's list");
  check(owners("show", made.proposal_id).out.includes("Ask"), "the owner reads it");
  const rank = made.candidates?.[1];
  same(owners("approve", made.proposal_id, "--candidate", rank?.id ?? "", "--note", "See you").code,
       0, "approved");
  const booked = await seen(made.proposal_id);
  shape(booked, PROPOSAL, "proposal booked");
  same([booked.status, booked.approved_candidate_id, booked.owner_note],
       ["booked", rank?.id, "See you"], "booked");
  const booking = (await ok("GET", `/v1/bookings/${booked.booking_id}`, {key}));
  same((booking.booking ?? booking).start, rank?.start, "the candidate's time");
  same(owners("approve", made.proposal_id).code, 5, "not open any more");
});

await part("rejected, a new window", async () => {
  const no = await propose(1);
  same(owners("reject", no.proposal_id).code, 0, "rejected");
  const rejected = await seen(no.proposal_id);
  shape(rejected, PROPOSAL, "proposal rejected");
  same([rejected.status, rejected.booking_id], ["rejected", null], "rejected");
  const other = await propose(1);
  same(owners("ask-new-window", other.proposal_id).code, 0, "asked for a new window");
  const again = await seen(other.proposal_id);
  shape(again, PROPOSAL, "proposal needs_new_window");
  same(again.status, "needs_new_window", "a new window");
});

await part("no longer possible", async () => {
  const made = await propose(2, {requested_window: {start: at(2, 9), end: at(2, 9, 30)}});
  await ok("POST", "/v1/bookings", {key, body: {...span(2, 9), meeting_class: "Critical",
                                                title: "First"}});
  const one = await seen(made.proposal_id);
  shape(one, PROPOSAL, "proposal overtaken");
  const said = owners("approve", made.proposal_id);
  check([10, 11].includes(said.code), `no longer possible: exit ${said.code} ${said.out}`);
  const after = await seen(made.proposal_id);
  shape(after, PROPOSAL, "proposal not possible");
  same([after.status, after.booking_id], ["needs_owner_review", null], "after a failed approval");
});

await part("taken back", async () => {
  const made = await propose(1);
  const path = `/v1/booking-proposals/${made.proposal_id}/withdraw`;  // ours
  await refused("POST", path, 404, "PROPOSAL_NOT_FOUND", {key: world.keys.emil});
  for (let n = 0; n < 2; ++n) {  // and once more
    const back = await ok("POST", path, {key});
    shape(back, PROPOSAL, "proposal withdrawn");
    same([back.status, back.title, back.description, back.attendees, back.booking_id],
         ["withdrawn", null, null, [], null], "withdrawn");
  }
  same((await seen(made.proposal_id)).status, "withdrawn", "read");
  same(owners("approve", made.proposal_id).code, 5, "not open any more");
  const no = await propose(1);
  same(owners("reject", no.proposal_id).code, 0, "rejected");
  await refused("POST", `/v1/booking-proposals/${no.proposal_id}/withdraw`, 409, "STATE_CONFLICT",
                {key});
});

await part("an unreadable calendar", async () => {
  const made = await propose(3);
  const file = `${world.root}/holly/broken.ics`;
  fs.writeFileSync(file, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n");
  const said = owners("approve", made.proposal_id);
  fs.unlinkSync(file);
  same(said.code, 13, "calendar unavailable");
  const after = await seen(made.proposal_id);
  same(after.status, "pending_owner_decision", "nothing was decided");
});

await part("bounds", async () => {
  const path = "/v1/booking-proposals";
  for (const bad of [{title: undefined}, {meeting_class: undefined}, {duration_minutes: 4},
                     {duration_minutes: 481}, {requested_window: undefined}, {titel: "x"},
                     {preferred_times: Array(4).fill(span(4, 9))}, {calendar_type: "home"},
                     {requested_window: {start: at(4, 8)}}]) {
    await invalid("POST", path, {key, body: asked(4, bad), what: JSON.stringify(bad)});
  }
  await refused("POST", path, 422, "WINDOW_TOO_NARROW",
                {key, body: asked(4, {requested_window: span(4, 9, 15)})});
  await refused("GET", `${path}/01890a5d-ac96-774b-bcce-b302099a8057`, 404, "PROPOSAL_NOT_FOUND",
                {key});
});

finish();
