// Section 1: rate limits, against a server with three calls a minute for each kind of call.
import {at, call, check, finish, part, span, world} from "./client.mjs";

const search = {duration_minutes: 30, meeting_class: "Regular", earliest_start: at(0, 8),
                latest_end: at(0, 18)};

// Asks until it is refused; a minute may turn on the way.
async function until_limited(what, method, path, options) {
  for (let n = 0; n < 12; ++n) {
    const answer = await call(method, path, {...options, url: world.tiny});
    if (answer.status !== 429) continue;
    check(answer.body?.error?.code === "RATE_LIMITED", `${what}: ${answer.body?.error?.code}`);
    // call() has seen that Retry-After is there.
    const [left, policy] = ["ratelimit", "ratelimit-policy"].map((n) => answer.headers.get(n));
    check(/;r=0;/.test(left ?? "") && /;q=3;w=60$/.test(policy ?? ""), `${what}: ${left} ${policy}`);
    return;
  }
  check(false, `${what}: never limited`);
}

await part("limits of a key", async () => {
  const key = world.keys.dora;
  await until_limited("search", "POST", "/v1/availability/search", {key, body: search});
  await until_limited("create", "POST", "/v1/bookings",
                      {key, body: {...span(0, 3), meeting_class: "Regular", title: "t"}});
  await until_limited("hold", "POST", "/v1/holds",
                      {key, body: {meeting_class: "Regular", hold_scope: "candidate",
                                   candidate: span(0, 3)}});
  await until_limited("else", "GET", "/v1/owner-context", {key});
  const other = await call("GET", "/v1/owner-context", {key: world.keys.emil, url: world.tiny});
  check(other.status === 200, `another key has a limit of its own: ${other.status}`);
});

await part("limits of an address", async () => {
  const unknown = await call("GET", "/v1/owner-context", {key: "ak_none_none"});
  check(unknown.headers.get("ratelimit")?.startsWith('"address"'), "an unknown key is counted");
  await until_limited("unknown keys", "GET", "/v1/owner-context", {key: "ak_none_none"});
  await until_limited("pages", "GET", "/openapi.json", {key: null});
});

await part("limits of MCP", async () => {
  const list = {key: world.keys.dora, body: {jsonrpc: "2.0", id: 1, method: "tools/list"},
                quiet: true};
  for (let n = 0; n < 12; ++n) {
    const answer = await call("POST", "/mcp", {...list, url: world.tiny});
    check(answer.headers.get("ratelimit")?.startsWith('"mcp";r='), "RateLimit over MCP");
    if (answer.status === 429) return;
  }
  check(false, "MCP is never limited");
});

finish();
