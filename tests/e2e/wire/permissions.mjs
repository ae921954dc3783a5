// Section 2, 401 and 403 of section 4: every route without its permission, foreign owners, keys.
import {at, call, check, finish, invalid, ok, part, refused, span, world} from "./client.mjs";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const slot = span(0, 9);
const window = {start: at(0, 8), end: at(0, 18)};
const class_ = {meeting_class: "Regular"};
const gina = encodeURIComponent(world.owners.gina);
// [method, path, the permissions it needs, body, does it concern an owner]
const routes = [
  ["POST", "/v1/availability/search", ["read_freebusy"],
   {duration_minutes: 30, earliest_start: at(0, 8), latest_end: at(0, 18), ...class_}, true],
  ["POST", "/v1/holds", ["create_holds"],
   {...class_, hold_scope: "candidate", candidate: slot}, true],
  ["DELETE", `/v1/holds/${id}`, ["create_holds"]],
  ["POST", `/v1/bookings/${id}/confirm`, ["create_bookings"], {...slot, title: "t"}],
  ["POST", "/v1/bookings", ["create_bookings"], {...slot, ...class_, title: "t"}, true],
  ["GET", "/v1/bookings", ["read_events"], undefined, true],
  ["GET", `/v1/bookings/${id}`, ["read_events"]],
  ["PATCH", `/v1/bookings/${id}`, ["create_bookings"], {title: "t"}],
  ["DELETE", `/v1/bookings/${id}`, ["create_bookings"]],
  ["POST", "/v1/booking-proposals", ["create_booking_proposals"],
   {title: "t", ...class_, duration_minutes: 30, requested_window: window}, true],
  ["GET", `/v1/booking-proposals/${id}`, ["create_booking_proposals"]],
  ["POST", `/v1/booking-proposals/${id}/withdraw`, ["create_booking_proposals"]],
  ["GET", "/v1/agent", []],
  ["GET", "/v1/audit/export", ["read_audit"]],
  ["POST", "/v1/simulate", ["read_freebusy"], {...slot, ...class_}, true],
  ["GET", "/v1/owner-context", ["read_freebusy"], undefined, true],
  ["GET", "/v1/schedule-rules", ["read_freebusy"], undefined, true],
  ["GET", `/v1/calendar-owners/${gina}/calendars`, ["read_freebusy"]],
  ["GET", "/v1/meeting-classes/available", ["read_freebusy"]],
  ["GET", "/v1/notifications/pending", ["read_freebusy"]],
  ["POST", "/v1/notifications/ack", ["read_freebusy"], {ids: [id]}],
  ["GET", "/v1/decisions", ["read_audit"]],
  ["GET", "/v1/decisions/dec_1", ["read_audit"]],
  ["POST", "/v1/availability", ["read_freebusy", "create_holds"],
   {duration_minutes: 30, ...class_, window}, true],
];

for (const [method, path, needs, body, owned] of routes) {
  await part(`${method} ${path}`, async () => {
    for (const permission of needs) {
      await refused(method, path, 403, `permission_denied:${permission}`,
                    {key: world.keys[`without_${permission}`], body});
    }
    const unauthorised = [
      [null, "unknown_api_key", "no key"], ["ak_none_none", "unknown_api_key", "not a key"],
      [world.keys.all.slice(0, -1) + (world.keys.all.endsWith("0") ? "1" : "0"),
       "unknown_api_key", "a wrong secret"],
      [world.keys.revoked, "api_key_revoked", "revoked"],
      [world.keys.disabled, "agent_disabled", "disabled"],
    ];
    for (const [key, code, what] of unauthorised) {
      const answer = await refused(method, path, 401, code, {key, body, what});
      check(/^Bearer/i.test(answer.headers.get("www-authenticate") ?? ""),
            `${method} ${path} (${what}): WWW-Authenticate`);
    }
    if (!owned) return;
    const owner_email = world.owners.bob;
    const asked = body ? {body: {...body, owner_email}} : {};
    const where = body ? path : `${path}?owner_email=${encodeURIComponent(owner_email)}`;
    await refused(method, where, 403, "owner_scope_denied", {...asked, what: "a foreign owner"});
    await refused(method, body ? path : `${path}?owner_email=nobody@example.org`, 403,
                  "owner_scope_denied",
                  body ? {body: {...body, owner_email: "nobody@example.org"}} : {});
    const answer = await invalid(method, path,
                                 {key: world.keys.two, body, what: "which of two owners"});
    const text = answer.error?.message + JSON.stringify(answer.issues ?? []);
    check(text.includes(world.owner) && text.includes(owner_email),
          `${method} ${path}: the owners are listed`);
  });
}

await part("calendars of foreign owners", async () => {
  for (const email of [world.owners.bob, "nobody@example.org"]) {
    await refused("GET", `/v1/calendar-owners/${email}/calendars`, 403, "owner_scope_denied");
  }
});

await part("unknown keys look the same", async () => {
  const seen = new Set();
  const wrong = [null, "ak_none_none", "rc_a_b", "x", world.keys.all + "0"];
  for (const key of wrong) {
    const {status, body} = await call("GET", "/v1/owner-context",
                                      {key, headers: {"X-Request-Id": "same"}});
    seen.add(`${status} ${JSON.stringify(body)}`);
  }
  check(seen.size === 1, `unknown keys get one body: ${[...seen].join(" / ")}`);
  await refused("GET", "/v1/owner-context", 401, "unknown_api_key",
                {key: null, headers: {Authorization: "Basic YTpi"}});
});

await part("ids of foreign owners", async () => {
  const key = world.keys.bob;
  const made = await ok("POST", "/v1/bookings", {key, body: {...slot, ...class_, title: "Bob's"}});
  const path = `/v1/bookings/${made.booking_id}`;
  await refused("GET", path, 404, "BOOKING_NOT_FOUND");
  await refused("PATCH", path, 404, "BOOKING_NOT_FOUND", {body: {title: "t"}});
  await refused("DELETE", path, 404, "BOOKING_NOT_FOUND");
  const held = await ok("POST", "/v1/holds",
                        {key, body: {...class_, hold_scope: "candidate", candidate: span(0, 11)}});
  await refused("DELETE", `/v1/holds/${held.hold_id}`, 404, "HOLD_NOT_FOUND");
  await refused("POST", `/v1/bookings/${held.hold_id}/confirm`, 404, "HOLD_NOT_FOUND",
                {body: {...span(0, 11), title: "t"}});
  const asked = await ok("POST", "/v1/booking-proposals", {key, body: {
    title: "t", ...class_, duration_minutes: 30, requested_window: window}});
  await refused("GET", `/v1/booking-proposals/${asked.proposal_id}`, 404, "PROPOSAL_NOT_FOUND");
  await ok("DELETE", path, {key: world.keys.two});
});

await part("preempt", async () => {
  const key = world.keys.without_read_audit;
  await ok("POST", "/v1/bookings", {key, body: {...span(1, 9), meeting_class: "Tentative",
                                                title: "low"}});
  const body = {...span(1, 9), meeting_class: "Critical", title: "high"};
  const lacking = await refused("POST", "/v1/bookings", 409, "ARBITRATION_REJECTED",
                                {key: world.keys.without_preempt, body});
  check(lacking.error?.reason === "PERMISSION_DENIED_PREEMPT" ||
        lacking.blocking_reason === "PERMISSION_DENIED_PREEMPT",
        `without preempt: ${lacking.error?.reason} ${lacking.blocking_reason}`);
  await ok("POST", "/v1/bookings", {key, body});
});

finish();
