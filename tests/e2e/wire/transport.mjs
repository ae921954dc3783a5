// Section 1: bases, authentication's form, JSON, times, unknown members, bodies, paths, ids.
import {at, call, check, finish, invalid, ok, part, refused, same, span, world} from "./client.mjs";

const slot = span(0, 9);
const simulate = {...slot, meeting_class: "Regular"};

await part("request ids", async () => {
  for (const sent of ["a", "r-1.~!", "x".repeat(128)]) {
    const answer = await call("GET", "/v1/owner-context", {headers: {"X-Request-Id": sent}});
    same(answer.headers.get("x-request-id"), sent, "an id sent is echoed");
  }
  for (const sent of ["x".repeat(129), "two words", "caf\u00e9"]) {
    const answer = await call("GET", "/v1/owner-context", {headers: {"X-Request-Id": sent}});
    check(answer.headers.get("x-request-id") !== sent, `an id like ${sent} is not echoed`);
  }
  const answer = await call("GET", "/nowhere", {headers: {"X-Request-Id": "seen"}});
  same(answer.headers.get("x-request-id"), "seen", "echoed on errors");
});

await part("unknown routes and methods", async () => {
  for (const path of ["/", "/v1", "/v1/nothing", "/v2/holds", "/nowhere"]) {
    await refused("GET", path, 404, "NOT_FOUND");
  }
  await refused("POST", "/v1/nothing", 404, "NOT_FOUND", {body: {}});
  const routes = [["PUT", "/v1/bookings"], ["GET", "/v1/holds"], ["DELETE", "/v1/owner-context"],
                  ["POST", "/v1/schedule-rules"], ["GET", "/v1/simulate"], ["GET", "/mcp"]];
  for (const [method, path] of routes) {
    const body = await refused(method, path, 405, "METHOD_NOT_ALLOWED",
                               {quiet: path === "/mcp"});
    check(body.headers.get("allow"), `${method} ${path}: Allow`);
  }
});

await part("bodies", async () => {
  const send = (raw, what) => invalid("POST", "/v1/simulate", {raw, what});
  await send("", "an empty body");
  await send("{", "half a body");
  await send("[]", "an array");
  await send("null", "null");
  await send(JSON.stringify(simulate) + "x", "text after it");
  await send(`{"start":"${slot.start}",` + JSON.stringify(simulate).slice(1), "a key twice");
  await send(JSON.stringify({...simulate, deep: 1}).replace("1}", "[".repeat(40) +
             "]".repeat(40) + "}"), "nesting over 32");
  await send(Buffer.concat([Buffer.from(JSON.stringify(simulate).slice(0, -1) + ',"title":"'),
                            Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), "invalid UTF-8");
  await refused("POST", "/v1/bookings", 413, "PAYLOAD_TOO_LARGE",
                {body: {...simulate, title: "x".repeat(4 << 20)}});
  for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded"]) {
    await refused("POST", "/v1/simulate", 415, "UNSUPPORTED_MEDIA_TYPE",
                  {body: simulate, headers: {"Content-Type": type}});
  }
  await ok("POST", "/v1/simulate",
           {body: simulate, headers: {"Content-Type": "application/json; charset=utf-8"}});
});

await part("unknown members", async () => {
  for (const [path, body, wrong, near] of [
    ["/v1/availability/search", {duration_minutes: 30, earliest_start: at(0, 8),
                                 latest_end: at(0, 18), meeting_class: "Regular"},
     "max_result", "max_results"],
    ["/v1/bookings", {...simulate, title: "t"}, "atendees", "attendees"],
    ["/v1/holds", {meeting_class: "Regular", hold_scope: "candidate", candidate: slot},
     "calender_type", "calendar_type"],
    ["/v1/notifications/ack", {ids: [crypto.randomUUID()]}, "idz", "ids"],
  ]) {
    const answer = await invalid("POST", path, {body: {...body, [wrong]: "work"}, what: wrong});
    check(JSON.stringify(answer.issues ?? "").includes(near), `${path}: ${wrong} names ${near}`);
    check(answer.issues?.some((issue) => issue.path === `/${wrong}`), `${path}: /${wrong} pointed`);
  }
  await ok("POST", "/v1/simulate", {body: {...simulate, agent_id: "anything"}});
  await ok("GET", "/v1/owner-context?agent_id=anything");
  await invalid("GET", "/v1/bookings?limmit=3", {what: "an unknown parameter"});
});

await part("times", async () => {
  const put = (start, end) => ({body: {...simulate, start, end}, what: String(start)});
  await ok("POST", "/v1/simulate", put(at(0, 9).replace("Z", ".000Z"), at(0, 10)));
  await ok("POST", "/v1/simulate", put(at(0, 9).replace("Z", "+00:00"), at(0, 10)));
  await ok("POST", "/v1/simulate", put(at(0, 9).replace("Z", "-02:00"), at(0, 12)));
  for (const start of [at(0, 9).replace("Z", ""), at(0, 9).replace("Z", ".5Z"),
                       at(0, 9).replace("Z", ".001Z"), at(0, 9).slice(0, 10), "tomorrow", "", 5,
                       null, {}]) {
    const body = await invalid("POST", "/v1/simulate", put(start, at(0, 10)));
    check(body.issues?.some((issue) => issue.path === "/start"), `${start}: /start is pointed at`);
  }
});

await part("text", async () => {
  await ok("POST", "/v1/simulate", {body: {...simulate, owner_email: world.owner.toUpperCase()}});
});

await part("path segments", async () => {
  const email = encodeURIComponent(world.owner);
  await ok("GET", `/v1/calendar-owners/${email}/calendars`);
  await ok("GET", `/v1/calendar-owners/${world.owner}/calendars`);
  await refused("GET", "/v1/calendar-owners/a%2Fb/calendars", 403, "owner_scope_denied");
  const one = await call("GET", "/v1/bookings/%2Fv1%2Fholds");
  check(["VALIDATION_FAILED", "BOOKING_NOT_FOUND"].includes(one.body?.error?.code), "one segment");
});

await part("headers", async () => {
  // call() looks at the headers of every answer; these are answers that nothing else asks for.
  for (const path of ["/health", "/metrics", "/openapi.json", "/llms.txt",
                      "/.well-known/security.txt", "/nowhere", "/v1/audit/public-key"]) {
    await call("GET", path);
    await call("PUT", path, {body: {}});
  }
  await call("POST", "/mcp", {body: {jsonrpc: "2.0", id: 1, method: "tools/list"}});
  await call("POST", "/mcp", {key: null, body: {}, quiet: true});
  const answer = await call("GET", "/v1/owner-context",
                            {key: null, headers: {Authorization: `bearer ${world.keys.all}`}});
  same(answer.status, 200, "the scheme's case does not matter");
});

finish();
