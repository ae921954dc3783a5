// Holds what tools answer against what they declare.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const require = createRequire(`${process.env.OPENAVAIL_PEERS}/`);
const Ajv2020 = require('ajv/dist/2020').default;

// Every member of `value` that `schema` does not name, by its path. Objects without properties are free.
export function undeclared(schema, value, path = '') {
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => undeclared(schema.items ?? {}, each, `${path}/${i}`));
  }
  if (value === null || typeof value !== 'object' || !schema.properties) return [];
  return Object.entries(value).flatMap(([name, member]) => schema.properties[name]
    ? undeclared(schema.properties[name], member, `${path}/${name}`) : [`${path}/${name}`]);
}

// Every key that is not camelCase, but for what stands below payload and engineTrace.
export function snakeKeys(value, path = '') {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const here = `${path}/${name}`;
    if (name === 'payload' || name === 'engineTrace') return [];
    return [...(name.includes('_') ? [here] : []), ...snakeKeys(member, here)];
  });
}

// The two tools whose members keep REST's spelling.
const KEPT = {
  'list-calendars': /^\/(calendars(\/|$)|unavailable_calendar_types$)/,
  'list-meeting-classes': /^\/meeting_classes$/,
};

export class Outputs {
  #validators = new Map();

  constructor(tools) {
    // Strict: an unknown keyword or a schema that can't be meant is an error too.
    const ajv = new Ajv2020({ strict: true, allErrors: true });
    for (const tool of tools) {
      ajv.compile(tool.inputSchema);
      this.#validators.set(tool.name, { schema: tool.outputSchema, validate: ajv.compile(tool.outputSchema) });
    }
    this.waiting = new Set(tools.map((tool) => tool.name));
  }

  // The structured content of a success, after every check.
  check(name, result) {
    assert.notEqual(result.isError, true, `${name}: ${result.content[0].text}`);
    const { schema, validate } = this.#validators.get(name);
    const body = result.structuredContent;
    assert.equal(result.content.length, 1);
    assert.deepEqual(JSON.parse(result.content[0].text), body);
    assert.ok(validate(body), `${name}: ${JSON.stringify(validate.errors)}\n${JSON.stringify(body)}`);
    assert.deepEqual(undeclared(schema, body), [], name);
    assert.deepEqual(snakeKeys(body).filter((path) => !KEPT[name]?.test(path)), [], name);
    this.waiting.delete(name);
    return body;
  }

  // The object in a refusal's text.
  refusal(result, code) {
    assert.equal(result.isError, true, JSON.stringify(result));
    const body = JSON.parse(result.content[0].text);
    assert.equal(body.error, code, JSON.stringify(body));
    assert.equal(typeof body.message, 'string');
    assert.ok(Array.isArray(body.pendingNotifications));
    assert.deepEqual(snakeKeys(body), []);
    return body;
  }
}
