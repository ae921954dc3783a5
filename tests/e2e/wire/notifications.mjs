// Section 3: what an agent is told of its bookings, by kind; bookings that wait for another time,
// and those whose event is gone.
import fs from "node:fs";
import {PENDING, SPAN, at, check, command, finish, ok, part, query, same, shape, span, world}
  from "./client.mjs";

const key = world.keys.nora;
const folder = `${world.root}/nora`;
const MEMBERS = {booking_id: "uuid", ...SPAN, meeting_class: "string", owner_email: "string"};
const book = (when, title, members, as = key) => ok("POST", "/v1/bookings", {
  key: as, body: {...when, meeting_class: "Regular", title, ...members}});
const seen = async (id) => (await ok("GET", `/v1/bookings/${id}`, {key})).booking ?? {};
const file_of = (title) => fs.readdirSync(folder).map((name) => `${folder}/${name}`)
  .find((path) => path.endsWith(".ics") && fs.readFileSync(path, "utf8").includes(title));
// What a person did to an event is recorded by the next decision for that owner.
const decide = () => ok("POST", "/v1/holds", {key, body: {
  meeting_class: "Regular", hold_scope: "candidate", candidate: span(4, 17)}})
  .then((held) => ok("DELETE", `/v1/holds/${held.hold_id}`, {key}));

// The notifications about one booking, oldest first, each of them whole; acknowledged then.
async function told(id, as = key) {
  const all = await ok("GET", "/v1/notifications/pending", {key: as});
  shape(all, {notifications: PENDING, pending_notifications: PENDING}, "notifications");
  const mine = all.notifications.filter((each) => each.payload.booking_id === id);
  for (const each of mine) {
    shape(each.payload, {...MEMBERS, "previous_start?": "time", "previous_end?": "time",
                         "displaced_by?": "uuid"}, each.kind);
    same(each.payload.owner_email, world.owners.nora, "owner_email");
    check(!/Hush/.test(JSON.stringify(each)), `${each.kind}: no text`);
  }
  if (mine.length) {
    await ok("POST", "/v1/notifications/ack", {key: as, body: {ids: mine.map((n) => n.id)}});
  }
  return mine;
}
const kinds = async (id, as) => (await told(id, as)).map((each) => each.kind);

await part("cancelled by another agent", async () => {
  const {booking_id} = await book(span(0, 9), "Hush");
  await ok("DELETE", `/v1/bookings/${booking_id}`, {key: world.keys.noras_second});
  same(await kinds(booking_id), ["booking.cancelled"], "told");
  const own = await book(span(0, 10), "Hush");
  await ok("DELETE", `/v1/bookings/${own.booking_id}`, {key});
  same(await kinds(own.booking_id), [], "one's own doing is no news");
});

await part("moved by a person", async () => {
  const {booking_id} = await book(span(1, 9), "Hush moved");
  const path = file_of("Hush moved");
  const stamp = (text) => text.replace(/[-:]/g, "");
  fs.writeFileSync(path, fs.readFileSync(path, "utf8")
    .replace(stamp(at(1, 9)), stamp(at(1, 14))).replace(stamp(at(1, 9, 30)), stamp(at(1, 14, 30))));
  same((await seen(booking_id)).start, at(1, 14), "a read tells where it is");
  same(await kinds(booking_id), [], "and records nothing");
  await decide();
  const [moved, ...more] = await told(booking_id);
  same([moved?.kind, moved?.payload.start, more.length], ["booking.moved", at(1, 14), 0], "moved");
});

await part("deleted by a person", async () => {
  const {booking_id} = await book(span(2, 9), "Hush gone", {
    description: "Hush", attendees: [{email: "guest@example.net"}]});
  fs.unlinkSync(file_of("Hush gone"));
  for (const status of ["cancelled", "cancelled"]) {
    const gone = await seen(booking_id);
    same([gone.title, gone.description, gone.attendees, gone.status], [null, null, [], status],
         "an event that is gone");
    await decide();
  }
  same(await kinds(booking_id), ["booking.cancelled"], "told once");
});

await part("displaced, and taken back", async () => {
  const low = await book(span(3, 9), "Hush low", {}, world.keys.noras_second);
  const high = await book(span(3, 9), "Hush high", {meeting_class: "Critical"});
  const [displaced] = await told(low.booking_id, world.keys.noras_second);
  same([displaced?.kind, displaced?.payload.displaced_by],
       ["booking.displaced", high.booking_id], "displaced");
  const waiting = await seen(low.booking_id);
  check(waiting.status === "needs_reschedule" && waiting.title?.endsWith("Hush low"),
        `a booking that waits for another time: ${waiting.status} ${waiting.title}`);
  const window = {start: at(3, 0), end: at(4, 0)};
  const list = await ok("GET", "/v1/bookings" + query(window), {key});
  same(list.bookings?.map((each) => [each.booking_id, each.status]).sort(),
       [[low.booking_id, "needs_reschedule"], [high.booking_id, "committed"]].sort(),
       "both are listed");
  same(command("undo", high.booking_id).code, 0, "undone");
  same(await kinds(low.booking_id, world.keys.noras_second), ["booking.restored"], "restored");
  same(await kinds(high.booking_id), ["booking.cancelled"], "the winner is cancelled");
  const after = await seen(low.booking_id);
  same([after.status, after.title], ["committed", "Hush low"], "as it was");
  const again = await book(span(3, 9), "Hush high", {meeting_class: "Critical"});
  same(again.displaced_bookings?.map((each) => each.booking_id), [low.booking_id], "once more");
  await ok("DELETE", `/v1/bookings/${low.booking_id}`, {key});  // a waiting one can be cancelled
  same((await seen(low.booking_id)).status, "cancelled", "cancelled");
  same((await ok("GET", "/v1/bookings" + query(window), {key})).bookings?.map((b) => b.booking_id),
       [again.booking_id], "and listed no more");
});

finish();
