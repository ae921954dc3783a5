// /openapi.json as a validator that no one here wrote sees it, and every schema in it as a JSON
// Schema of its own; and a real answer held against what it says.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import assert from 'node:assert/strict';

const require = createRequire(`${process.env.OPENAVAIL_PEERS}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { Validator } = await load('@seriousme/openapi-schema-validator');
const Ajv = require('ajv/dist/2020').default;

const { TOUR_URL, KEY } = process.env;
const said = await fetch(`${TOUR_URL}/openapi.json`);
assert.equal(said.headers.get('content-type'), 'application/json');
const text = await said.text();

const validator = new Validator({ strict: true });
const verdict = await validator.validate(JSON.parse(text));
assert.deepEqual(verdict, { valid: true });
assert.equal(validator.version, '3.1');

// It finds what is wrong, so what it says of ours means something.
for (const spoil of [
  (api) => delete api.info.version,
  (api) => { api.paths['/v1/holds'].post.parameters = [{ name: 'x', in: 'nowhere' }]; },
  (api) => { api.paths['/v1/holds'].post.responses = { 200: { content: {} } }; },
  (api) => { api.components.securitySchemes.key.type = 'password'; },
]) {
  const spoiled = JSON.parse(text);
  spoil(spoiled);
  assert.equal((await new Validator().validate(spoiled)).valid, false, String(spoil));
}

const api = JSON.parse(text);
const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
const compiled = {};
let count = 0;
const compile = (schema, what) => {
  ++count;
  assert.doesNotThrow(() => { compiled[what] = ajv.compile(schema); }, what);
};
const ids = new Set();
for (const [path, methods] of Object.entries(api.paths)) {
  const named = [...path.matchAll(/\{([^}]+)\}/g)].map((found) => found[1]);
  for (const [method, operation] of Object.entries(methods)) {
    const what = `${method} ${path}`;
    assert.equal(ids.has(operation.operationId), false, what);
    ids.add(operation.operationId);
    const parameters = operation.parameters ?? [];
    assert.deepEqual(parameters.filter((each) => each.in === 'path').map((each) => each.name).sort(),
      named.sort(), `${what}: parameters of the path`);
    for (const each of parameters) compile(each.schema, `${what} ${each.name}`);
    const body = operation.requestBody?.content['application/json'].schema;
    if (body) compile(body, `${what} body`);
    compile(operation.responses[200].content['application/json'].schema, `${what} 200`);
  }
}
assert.ok(ids.size >= 20 && count > 2 * ids.size, `${ids.size} operations, ${count} schemas`);

// What it says of an answer holds for the answer.
const call = async (method, path, body) => {
  const answer = await fetch(TOUR_URL + path, { method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${KEY}`, ...body && { 'Content-Type': 'application/json' } } });
  return [answer.status, await answer.json()];
};
const fits = async (method, path, body, route = path) => {
  const [status, answer] = await call(method, path, body);
  assert.equal(status, 200, JSON.stringify(answer));
  const check = compiled[`${method.toLowerCase()} ${route} 200`];
  assert.ok(check(answer), `${route}: ${ajv.errorsText(check.errors)}`);
  return answer;
};
const slot = { start: '2031-01-06T09:00:00Z', end: '2031-01-06T09:30:00Z' };
const search = { duration_minutes: 30, meeting_class: 'Regular', earliest_start: slot.start,
  latest_end: '2031-01-06T12:00:00Z' };
await fits('GET', '/v1/agent');
await fits('GET', '/v1/owner-context');
await fits('POST', '/v1/availability/search', search);
await fits('POST', '/v1/simulate', { ...slot, meeting_class: 'Regular' });
const { booking_id } = await fits('POST', '/v1/bookings',
  { ...slot, meeting_class: 'Regular', title: 'One' });
await fits('GET', `/v1/bookings/${booking_id}`, undefined, '/v1/bookings/{id}');
// A question back is an answer too.
const asked = await fits('POST', '/v1/bookings',
  { ...slot, meeting_class: 'Critical', title: 'Two', may_displace: [] });
assert.equal(asked.needs_confirmation, true);
assert.deepEqual(asked.displaced_bookings.map((each) => each.booking_id), [booking_id]);
const agreed = await fits('POST', '/v1/bookings',
  { ...slot, meeting_class: 'Critical', title: 'Two', may_displace: [booking_id] });
assert.equal(agreed.displaced_count, 1);
await fits('GET', '/v1/bookings?start=2031-01-06T00:00:00Z&end=2031-01-07T00:00:00Z', undefined,
  '/v1/bookings');
const { proposal_id } = await fits('POST', '/v1/booking-proposals', { title: 'P',
  meeting_class: 'Regular', duration_minutes: 30,
  requested_window: { start: '2031-01-07T08:00:00Z', end: '2031-01-07T12:00:00Z' } });
await fits('POST', `/v1/booking-proposals/${proposal_id}/withdraw`, undefined,
  '/v1/booking-proposals/{proposal_id}/withdraw');
const [status, problem] = await call('POST', '/v1/bookings',
  { ...slot, meeting_class: 'Regular', title: 'Late' });
assert.equal(status, 409);
const check = ajv.compile(api.components.schemas.Problem);
assert.ok(check(problem), ajv.errorsText(check.errors));
console.log(`openapi: valid; ${ids.size} operations, ${count} schemas`);
