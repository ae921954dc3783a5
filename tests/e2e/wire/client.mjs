// A client of the wire contract, written from its text alone: plain fetch, one world from the
// driver. Whatever fails is collected and printed at the end, one line each.
import {execFileSync} from "node:child_process";

export const world = JSON.parse(process.env.WIRE);
const failures = [];
const extras = new Set();

export function check(condition, what) {
  if (!condition) failures.push(what);
  return Boolean(condition);
}

// JSON objects have no order: for JSON.stringify.
function sorted(_, value) {
  if (!KINDS.object(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function same(actual, expected, what) {
  const [a, b] = [JSON.stringify(actual, sorted), JSON.stringify(expected, sorted)];
  return check(a === b, `${what}: ${a}, not ${b}`);
}

export function finish() {
  for (const line of failures) console.log(`FAILED ${line}`);
  for (const line of extras) console.log(`besides ${line}`);
  console.log(`${failures.length} failed`);
  process.exitCode = failures.length ? 1 : 0;
}

// Runs one part; what it throws is a failure of that part alone.
export async function part(name, run) {
  try {
    await run();
  } catch (error) {
    failures.push(`${name}: ${String(error.stack ?? error).split("\n").slice(0, 3).join(" | ")}`);
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KINDS = {
  string: (v) => typeof v === "string",
  number: (v) => typeof v === "number",
  count: (v) => Number.isInteger(v) && v >= 0,
  boolean: (v) => typeof v === "boolean",
  array: Array.isArray,
  object: (v) => v !== null && typeof v === "object" && !Array.isArray(v),
  null: (v) => v === null,
  time: (v) => TIME.test(v),
  uuid: (v) => UUID7.test(v),
  any: (v) => v !== undefined,
};

function fits(value, type, what) {
  if (Array.isArray(type)) {
    if (!check(Array.isArray(value), `${what}: not an array: ${JSON.stringify(value)}`)) return;
    value.forEach((item, n) => fits(item, type[0], `${what}[${n ? "" : 0}]`));
  } else if (typeof type === "object") {
    shape(value, type, what);
  } else {
    const named = type.split("|");
    const ok = named.some((n) => (KINDS[n] ? KINDS[n](value) : `=${value}` === n));
    check(ok, `${what}: ${JSON.stringify(value)} is no ${type}`);
  }
}

// Every member of the contract is there and of its type; a name that ends in ? may be left out.
// A type is a name of KINDS, `=word` for a fixed word, several with |, [type] or {member: type}.
export function shape(value, members, what) {
  if (!check(KINDS.object(value), `${what}: not an object: ${JSON.stringify(value)}`)) return;
  const known = new Set();
  for (const [name, type] of Object.entries(members)) {
    const bare = name.replace(/\?$/, "");
    known.add(bare);
    if (!(bare in value)) check(name.endsWith("?"), `${what}: ${bare} is missing`);
    else fits(value[bare], type, `${what}.${bare}`);
  }
  for (const name of Object.keys(value)) {
    if (!known.has(name)) extras.add(`${what}: ${name}`);
  }
}

export const NOTIFICATION = {
  id: "uuid", createdAt: "time",
  kind: "=booking.displaced|=booking.cancelled|=booking.moved|=booking.restored",
  payload: "object",
};
export const SPAN = {start: "time", end: "time"};
export const PENDING = [NOTIFICATION];

const HOUSE_HEADERS = {
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
};
const NEVER_SENT = ["Server", "X-Powered-By", "Access-Control-Allow-Origin", "Set-Cookie"];
// What is refused before a key's limit is looked at.
const NOT_COUNTED = ["NOT_FOUND", "METHOD_NOT_ALLOWED", "PAYLOAD_TOO_LARGE", "unknown_api_key",
                     "api_key_revoked", "agent_disabled"];

function check_headers({status, headers}, counted, what) {
  for (const [name, value] of Object.entries(HOUSE_HEADERS)) {
    same(headers.get(name), value, `${what}: ${name}`);
  }
  for (const name of NEVER_SENT) same(headers.get(name), null, `${what}: ${name}`);
  const policy = /^"([a-z]+)";q=(\d+);w=60$/.exec(headers.get("RateLimit-Policy") ?? "");
  const left = /^"([a-z]+)";r=(\d+);t=(\d+)$/.exec(headers.get("RateLimit") ?? "");
  check(Boolean(policy) === Boolean(left), `${what}: RateLimit without its policy`);
  if (counted) check(policy && left, `${what}: RateLimit ${headers.get("RateLimit")}`);
  if (policy && left) {
    same(left[1], policy[1], `${what}: the policy's name`);
    check(Number(left[2]) <= Number(policy[2]) && Number(left[3]) <= 60,
          `${what}: ${headers.get("RateLimit")}`);
  }
  const after = headers.get("Retry-After");
  if (status === 429) check(/^[1-9]\d*$/.test(after ?? ""), `${what}: Retry-After ${after}`);
  if (status < 400) same(after, null, `${what}: Retry-After`);
}

// One request; {status, headers, body, text}. Checks what holds for every answer of every route.
export async function call(method, path, options = {}) {
  const {key = world.keys.all, body, raw, headers = {}, url = world.url, quiet} = options;
  const sent = {...headers};
  if (key) sent.Authorization = `Bearer ${key}`;
  if (body !== undefined || raw !== undefined) sent["Content-Type"] ??= "application/json";
  if (sent["Content-Type"] === null) delete sent["Content-Type"];
  const answer = await fetch(url + path, {
    method, headers: sent, redirect: "manual",
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await answer.text();
  const what = `${method} ${path.split("?")[0].replace(/[0-9a-f-]{36}/, "{id}")}`;
  check(/^[\x21-\x7e]{1,128}$/.test(answer.headers.get("x-request-id") ?? ""),
        `${what}: X-Request-Id`);
  let parsed;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const counted = path.startsWith("/v1/") && !path.startsWith("/v1/audit/public-key") && key &&
                  !NOT_COUNTED.includes(parsed?.error?.code);
  check_headers(answer, counted, `${what} ${answer.status}`);
  if (answer.status >= 300 && method !== "HEAD" && !quiet) {
    error_form(answer, parsed, text, `${what} ${answer.status}`);
  }
  return {status: answer.status, headers: answer.headers, body: parsed, text, what};
}

function error_form(answer, body, text, what) {
  if (!check(KINDS.object(body), `${what}: not JSON: ${text.slice(0, 80)}`)) return;
  check(/json/.test(answer.headers.get("content-type") ?? ""), `${what}: content type`);
  check(typeof body.error?.code === "string", `${what}: error.code`);
  check(typeof body.error?.message === "string", `${what}: error.message`);
  if (body.error && "reason" in body.error) {
    check(typeof body.error.reason === "string", `${what}: error.reason`);
  }
  fits(body.pending_notifications, PENDING, `${what}.pending_notifications`);
  for (const [name, type] of [["type", "string"], ["title", "string"], ["status", "number"]]) {
    check(typeof body[name] === type, `${what}: RFC 9457 ${name}: ${JSON.stringify(body[name])}`);
  }
  check(body.status === answer.status, `${what}: RFC 9457 status ${body.status}`);
}

// The answer's body if it is 200, else a failure and {}.
export async function ok(method, path, options) {
  const answer = await call(method, path, options);
  const told = JSON.stringify(answer.body?.error);
  check(answer.status === 200, `${answer.what}: ${answer.status} ${told}, not 200`);
  return answer.status === 200 ? answer.body ?? {} : {};
}

// The body of a refusal with exactly this status and code.
export async function refused(method, path, status, code, options = {}) {
  const answer = await call(method, path, options);
  const got = `${answer.status} ${answer.body?.error?.code}`;
  const asked = options.what ? ` (${options.what})` : "";
  check(got === `${status} ${code}`, `${answer.what}${asked}: ${got}, not ${status} ${code}`);
  return {...(answer.body ?? {}), headers: answer.headers};
}

export async function invalid(method, path, options = {}) {
  const body = await refused(method, path, 400, "VALIDATION_FAILED", options);
  const asked = `${method} ${path.split("?")[0].replace(/[0-9a-f-]{36}/, "{id}")}` +
                ` (${options.what ?? ""})`;
  if (body.error?.code !== "VALIDATION_FAILED") return body;
  check(Array.isArray(body.issues) && body.issues.length > 0, `${asked}: issues`);
  for (const issue of body.issues ?? []) {
    shape(issue, {path: "string", message: "string"}, "issue");
    check(issue.path === "" || issue.path.startsWith("/"), `${asked}: pointer ${issue.path}`);
  }
  return body;
}

// A time on a weekday of a week to come: 0 is Monday of next week, 7 the Monday after it.
export function at(day, hour, minute = 0) {
  const now = new Date();
  const monday = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(),
                          now.getUTCDate() - ((now.getUTCDay() + 6) % 7) + 7 + day, hour, minute);
  return new Date(monday).toISOString().replace(".000Z", "Z");
}

export const span = (day, hour, minutes = 30) => ({
  start: at(day, hour), end: at(day, hour, minutes)});
export const query = (members) => "?" + new URLSearchParams(members);

// The owner's side: the command line on the same data directory; {code, out}.
export function command(...words) {
  const env = {PATH: process.env.PATH, OPENAVAIL_DATA_DIR: world.data};
  try {
    const out = execFileSync(world.binary, words,
                             {env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"]});
    return {code: 0, out};
  } catch (error) {
    return {code: error.status, out: `${error.stdout}${error.stderr}`};
  }
}
