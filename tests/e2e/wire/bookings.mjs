// Section 3: holds, bookings, notifications.
import {PENDING, SPAN, at, check, finish, invalid, ok, part, query, refused, same, shape, span,
        world} from "./client.mjs";

const key = world.keys.fred;
const ATTENDEE = {email: "string", "displayName?": "string|null"};
const TYPE = "=work|=personal|=other";
const RESULT = {
  booking_id: "uuid", correlation_id: "string", displaced_count: "count",
  displaced_bookings: [{booking_id: "uuid", title: "string|null", ...SPAN,
                        meeting_class: "string"}],
  ...SPAN, title: "string|null", description: "string|null", calendar_type: TYPE,
  attendees: [ATTENDEE], warnings: "array", status: "=committed", audit_row_id: "any",
  pending_notifications: PENDING};
const BOOKING = {
  booking_id: "uuid", correlation_id: "string", ...SPAN, meeting_class: "string",
  calendar_type: TYPE, created_at: "time", title: "string|null", description: "string|null",
  attendees: [ATTENDEE], status: "=committed|=needs_reschedule|=cancelled"};
const HOLD = {hold_id: "uuid", hold_scope: "=candidate|=window", held_window: SPAN,
              expires_at: "time", expires_in_seconds: "count",
              resolved_calendar_type: "string|null",
              pending_notifications: PENDING};
const Regular = {meeting_class: "Regular"};
const guests = [{email: "guest@example.net", displayName: "A Guest"}, {email: "two@example.net"}];
const book = (members, as = key) => ok("POST", "/v1/bookings", {key: as, body: members});
const seen = (id, as = key) => ok("GET", `/v1/bookings/${id}`, {key: as});

await part("holds", async () => {
  const candidate = {...Regular, hold_scope: "candidate", candidate: span(0, 9)};
  const held = await ok("POST", "/v1/holds", {key, body: candidate});
  shape(held, HOLD, "hold of a candidate");
  same([held.hold_scope, held.held_window], ["candidate", span(0, 9)], "what was held");
  const released = await ok("DELETE", `/v1/holds/${held.hold_id}`, {key});
  shape(released, {hold_id: "uuid", released: "boolean", "pending_notifications?": PENDING},
        "release");
  same([released.hold_id, released.released], [held.hold_id, true], "released");
  const window = {...Regular, hold_scope: "window", duration_minutes: 30, window: span(0, 9, 60),
                  calendar_type: "work"};
  const wide = await ok("POST", "/v1/holds", {key, body: window});
  shape(wide, HOLD, "hold of a window");
  const confirm = `/v1/bookings/${wide.hold_id}/confirm`;
  await refused("POST", confirm, 422, "SLOT_OUTSIDE_HOLD",
                {key, body: {...span(0, 11), title: "t"}});
  const made = await ok("POST", confirm, {key, body: {...span(0, 9), ...Regular}});
  shape(made, RESULT, "confirm");
  same(made.title, "Regular", "a missing title becomes the class name");
  await refused("POST", confirm, 409, "HOLD_ALREADY_PROMOTED", {key, body: {...span(0, 9)}});
  for (const bad of [{...candidate, hold_scope: "slot"}, {...candidate, candidate: undefined},
                     {...window, window: undefined}, {...window, duration_minutes: undefined},
                     {...candidate, meeting_class: undefined}]) {
    await invalid("POST", "/v1/holds", {key, body: bad, what: JSON.stringify(bad)});
  }
});

await part("create, read, patch, cancel", async () => {
  const asked = {...span(1, 9), ...Regular, title: "Plan", description: "Words", attendees: guests,
                 calendar_type: "work"};
  const made = await book(asked);
  shape(made, RESULT, "create");
  same([made.start, made.end, made.title, made.description, made.attendees],
       [asked.start, asked.end, "Plan", "Words", guests], "what was asked");
  const one = await seen(made.booking_id);
  shape(one, {booking: BOOKING, pending_notifications: PENDING}, "read");
  same([one.booking?.title, one.booking?.attendees, one.booking?.status],
       ["Plan", guests, "committed"], "what was written");
  const path = `/v1/bookings/${made.booking_id}`;
  const patched = await ok("PATCH", path, {key, body: {title: "New"}});
  shape(patched, {booking_id: "uuid", correlation_id: "string", ...SPAN, title: "string|null",
                  description: "string|null", calendar_type: TYPE, status: "string",
                  pending_notifications: PENDING}, "patch");
  same(patched.title, "New", "patched");
  await ok("PATCH", path, {key, body: {attendees: guests.slice(1), description: "Less"}});
  same((await seen(made.booking_id)).booking?.attendees, guests.slice(1), "the list is replaced");
  for (const bad of [{}, {start: at(1, 10)}, {titel: "t"}, {title: 5}]) {
    await invalid("PATCH", path, {key, body: bad, what: JSON.stringify(bad)});
  }
  const gone = await ok("DELETE", path, {key});
  shape(gone, {booking_id: "uuid", correlation_id: "string", pending_notifications: PENDING},
        "cancel");
  await refused("DELETE", path, 409, "BOOKING_NOT_CANCELLABLE", {key});
  same((await seen(made.booking_id)).booking?.status, "cancelled", "cancelled");
  for (const name of ["start", "end", "meeting_class"]) {
    await invalid("POST", "/v1/bookings",
                  {key, body: {...asked, [name]: undefined}, what: `without ${name}`});
  }
  for (const attendees of [[{}], [{email: 5}], ["a@example.org"], "a@example.org"]) {
    await invalid("POST", "/v1/bookings",
                  {key, body: {...asked, attendees}, what: JSON.stringify(attendees)});
  }
});

await part("displacement and notifications", async () => {
  const low = await book({...span(2, 9), meeting_class: "Regular", title: "Low"});
  const high = await book({...span(2, 9), meeting_class: "Critical", title: "High"});
  shape(high, RESULT, "displacing");
  same([high.displaced_count, high.displaced_bookings?.[0]?.booking_id], [1, low.booking_id],
       "one displaced");
  const told = await ok("GET", "/v1/notifications/pending", {key});
  const members = {id: "uuid", kind: "string", payload: "object", createdAt: "time"};
  shape(told, {notifications: [members], pending_notifications: PENDING}, "notifications");
  const mine = told.notifications?.find((each) => each.payload.booking_id === low.booking_id);
  shape(mine?.payload ?? {}, {booking_id: "uuid", ...SPAN, meeting_class: "string",
                              owner_email: "string"}, "payload");
  check(!JSON.stringify(told).includes("Low"), "no text in notifications");
  const context = await ok("GET", "/v1/owner-context", {key});
  check(context.pending_notifications?.length > 0, "reading does not consume");
  const acked = await ok("POST", "/v1/notifications/ack",
                         {key, body: {ids: told.notifications.map((each) => each.id)}});
  same(acked.acked_count, told.notifications?.length, "acknowledged");
  same((await ok("GET", "/v1/notifications/pending", {key})).notifications, [], "none is left");
  for (const ids of [[], Array(101).fill(low.booking_id), "x", [5], undefined]) {
    await invalid("POST", "/v1/notifications/ack", {key, body: {ids}, what: `${ids?.length} ids`});
  }
});

await part("list", async () => {
  const made = [];
  for (const hour of [9, 10, 11]) {
    made.push(await book({...span(3, hour), ...Regular, title: `List ${hour}`,
                          attendees: hour === 10 ? guests : []}));
  }
  const window = {start: at(3, 0), end: at(4, 0)};
  const list = (members) => ok("GET", "/v1/bookings" + query({...window, ...members}), {key});
  const all = await list({});
  shape(all, {bookings: [BOOKING], next_cursor: "string|null", pending_notifications: PENDING},
        "list");
  same(all.bookings?.map((each) => each.booking_id), made.map((each) => each.booking_id),
       "by start");
  same(all.next_cursor, null, "the last page");
  const first = await list({limit: 2});
  same(first.bookings?.length, 2, "two on a page");
  const rest = await list({limit: 2, cursor: first.next_cursor});
  same(rest.bookings?.map((each) => each.booking_id), [made[2].booking_id], "the rest");
  same((await list({query: "lIST 1"})).bookings?.length, 2, "a substring without case");
  same((await list({attendee_email: "GUEST@example.net"})).bookings?.length, 1, "by attendee");
  same((await list({calendar_type: "work"})).bookings?.length, 3, "by calendar type");
  same((await list({end: at(3, 11)})).bookings?.length, 2, "the end is not in it");
  shape(await ok("GET", "/v1/bookings", {key}), {bookings: [BOOKING], next_cursor: "string|null",
                                                 pending_notifications: PENDING}, "defaults");
  for (const bad of [{limit: 0}, {limit: 101}, {limit: "x"}, {cursor: "x"}, {start: "x"},
                     {cursor: first.next_cursor, query: "other"}, {calendar_type: "home"},
                     {cursor: first.next_cursor + "A"}]) {
    await invalid("GET", "/v1/bookings" + query({...window, ...bad}),
                  {key, what: Object.keys(bad).join()});
  }
});

await part("text for those who may not read it", async () => {
  const own = await ok("POST", "/v1/bookings", {key: world.keys.free, body: {
    ...span(4, 9), ...Regular, title: "Mine", attendees: guests}});
  const path = `/v1/bookings/${own.booking_id}`;
  const patched = await ok("PATCH", path, {key: world.keys.free, body: {title: "Still"}});
  same([patched.title, patched.description], ["Still", null], "only what the caller sent");
  await ok("DELETE", path, {key: world.keys.free});
});

finish();
