// Section 3: decisions with filters, fields and cursor; the audit's public keys.
import {at, check, finish, invalid, ok, part, query, refused, same, shape, span, world}
  from "./client.mjs";

const key = world.keys.gina ?? world.keys.all;
const page = (members) => ok("GET", "/v1/decisions" + query(members), {key});

await part("decisions", async () => {
  for (const hour of [9, 10, 11, 12]) {
    await ok("POST", "/v1/bookings",
             {key, body: {...span(14, hour), meeting_class: "Regular", title: "Audited"}});
  }
  const all = await page({owner_email: world.owners.gina});
  shape(all, {decisions: ["object"], next_cursor: "string|null"}, "decisions");
  check(all.decisions?.length >= 4, `${all.decisions?.length} decisions`);
  check(!JSON.stringify(all).includes("Audited"), "no text of meetings");
  const names = Object.keys(all.decisions?.[0] ?? {});
  console.log(`a decision's members: ${names}`);
  const stamp = ["id", "decision_id"].find((name) => /^dec_/.test(all.decisions?.[0]?.[name]));
  check(stamp, "a dec_ id");
  const ids = all.decisions.map((each) => each[stamp]);
  const order = all.decisions.map((each) => each.seq);
  same(order, [...order].sort((a, b) => b - a), "newest first");
  const first = await page({owner_email: world.owners.gina, limit: 2});
  same(first.decisions?.map((each) => each[stamp]), ids.slice(0, 2), "the first page");
  const cursor = first.next_cursor;
  const second = await page({owner_email: world.owners.gina, limit: 2, cursor});
  same(second.decisions?.map((each) => each[stamp]), ids.slice(2, 4), "the second page");
  const some = await page({limit: 1, fields: names.slice(0, 2).join(",")});
  same(Object.keys(some.decisions?.[0] ?? {}).sort(), names.slice(0, 2).sort(), "two fields");
  const reached = await page({limit: 1000});
  const others = new Set(reached.decisions?.map((each) => each.owner_email));
  others.delete(null);  // its own rows about no owner
  same([...others], [world.owners.gina], "a key reads decisions of the owners in its scope");
  await refused("GET", "/v1/decisions" + query({owner_email: world.owners.bob}), 403,
                "owner_scope_denied", {key});
  await ok("POST", "/v1/bookings", {key: world.keys.bob, body: {
    ...span(14, 9), meeting_class: "Regular", title: "Audited"}});
  const auditor = world.keys.auditor;
  const bobs = await ok("GET", "/v1/decisions" + query({owner_email: world.owners.bob, limit: 1}),
                        {key: auditor});
  const foreign = bobs.decisions?.[0]?.[stamp];
  await ok("GET", `/v1/decisions/${foreign}`, {key: auditor});
  await refused("GET", `/v1/decisions/${foreign}`, 404, "NOT_FOUND", {key});
  const {action, agent_id} = all.decisions.find((each) => each.agent_id) ?? {};
  for (const [name, value] of [["action", action], ["agent_id", agent_id]]) {
    if (!check(value !== undefined, `decisions name their ${name}`)) continue;
    const those = await page({[name]: value});
    check(those.decisions?.length && those.decisions.every((each) => each[name] === value),
          `${name}=${value}: ${those.decisions?.length} of ${reached.decisions?.length}, also ` +
          `${those.decisions?.find((each) => each[name] !== value)?.[name]}`);
  }
  same((await page({since: at(0, 0)})).decisions, [], "none since next week");
  same((await page({until: "2020-01-01T00:00:00Z"})).decisions, [], "none until 2020");
  for (const bad of [{limit: 0}, {limit: 1001}, {limit: "x"}, {cursor: "x"}, {since: "x"},
                     {until: "2026-01-01T00:00:00"}, {fields: "nonsense"}, {unknown: 1},
                     {cursor, action: "other", limit: 2}]) {
    await invalid("GET", "/v1/decisions" + query(bad), {key, what: Object.keys(bad).join()});
  }
  const one = await ok("GET", `/v1/decisions/${ids[0]}`, {key});
  const text = JSON.stringify(one);
  for (const word of ["trace", "signature", "inclusion"]) {
    check(text.includes(word), `a decision has its ${word}`);
  }
  console.log(`one decision: ${Object.keys(one)}`);
  await refused("GET", "/v1/decisions/dec_999999999", 404, "NOT_FOUND", {key});
});

await part("public keys", async () => {
  const said = await ok("GET", "/v1/audit/public-key", {key: null});
  const text = JSON.stringify(said);
  const pem = /-----BEGIN PUBLIC KEY-----\\n([A-Za-z0-9+/=]+)\\n/.exec(text)?.[1];
  if (!check(pem, "a PEM")) return;
  const raw = Buffer.from(pem, "base64").subarray(-32);
  check(text.includes(raw.toString("base64")) || text.includes(raw.toString("base64url")),
        "the same key, raw in base64");
});

finish();
