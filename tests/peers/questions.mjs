// The official client in the modern era, over HTTP, or over the standard streams of a process that
// speaks to a server: its person is asked before a preemption, and it reads resources, prompts and
// completions.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const require = createRequire(`${process.env.OPENAVAIL_PEERS}/`);
const { Client, StreamableHTTPClientTransport } = require('@modelcontextprotocol/client');
const { StdioClientTransport } = require('@modelcontextprotocol/client/stdio');

const questions = [];
let answer;

async function connect(key, capabilities) {
  const client = new Client({ name: 'peer', version: '1.0.0' },
    { capabilities, versionNegotiation: { mode: { pin: '2026-07-28' } } });
  if (capabilities.elicitation) {
    client.setRequestHandler('elicitation/create', async (request) => {
      questions.push(request.params);
      return answer;
    });
  }
  const { TOUR_URL, TOUR_BRIDGE, OPENAVAIL_BINARY, PATH, HOME } = process.env;
  const transport = TOUR_BRIDGE
    ? new StdioClientTransport({ command: OPENAVAIL_BINARY, args: ['mcp'],
      env: { PATH, HOME, OPENAVAIL_BASE_URL: TOUR_BRIDGE, OPENAVAIL_API_KEY: key } })
    : new StreamableHTTPClientTransport(new URL(TOUR_URL),
      { requestInit: { headers: { Authorization: `Bearer ${key}` } } });
  await client.connect(transport);
  return client;
}

const john = 'john@example.org';
const slot = { start: '2031-01-06T09:00:00Z', end: '2031-01-06T09:30:00Z', title: 'Kick-off' };
const low = await connect(process.env.LOW_KEY, {});
const high = await connect(process.env.HIGH_KEY, { elicitation: {} });
const mute = await connect(process.env.HIGH_KEY, {});
const book = (client, input) => client.callTool({ name: 'create-event', arguments: { ...slot, ...input } });
const text = (result) => JSON.parse(result.content[0].text);

assert.equal((await book(low, { meeting_class: 'Regular' })).isError, false);
const asking = { meeting_class: 'Important', confirm_preemption: true };

// A client that can't ask is told so; nothing was booked.
const told = await book(mute, asking);
assert.equal(told.isError, true);
assert.equal(text(told).error, 'PREEMPTION_UNCONFIRMED');
assert.equal(questions.length, 0);

for (const no of [{ action: 'decline' }, { action: 'cancel' },
  { action: 'accept', content: { displace: false } }]) {
  answer = no;
  const refused = await book(high, asking);
  assert.equal(refused.isError, true);
  assert.equal(text(refused).error, 'PREEMPTION_DECLINED');
}
assert.equal(questions.length, 3);
assert.match(questions[0].message, /Regular from 2031-01-06T09:00:00Z to 2031-01-06T09:30:00Z/);
assert.doesNotMatch(JSON.stringify(questions), /Kick-off/);

answer = { action: 'accept', content: { displace: true } };
const booked = await book(high, asking);
assert.equal(booked.isError, false, booked.content[0].text);
assert.equal(booked.structuredContent.displacedCount, 1);

const { resources } = await high.listResources();
const owner = resources.find((each) => each.uri === 'openavail://owner-context/jane%40example.org');
assert.ok(owner, JSON.stringify(resources));
const { contents } = await high.readResource({ uri: owner.uri });
assert.equal(JSON.parse(contents[0].text).agent.name, 'high');
// An agent with several owners has a resource for each.
const both = await connect(process.env.BOTH_KEY, {});
assert.deepEqual((await both.listResources()).resources.map((each) => each.uri)
  .filter((uri) => uri.includes('owner-context')).sort(),
['openavail://owner-context/jane%40example.org', 'openavail://owner-context/john%40example.org']);
assert.equal(JSON.parse((await both.readResource({
  uri: `openavail://owner-context/${encodeURIComponent(john)}` })).contents[0].text).agent.name, 'both');
await both.close();
await assert.rejects(high.readResource({ uri: 'openavail://owner-context/nobody' }), { code: -32602 });
const { resourceTemplates } = await high.listResourceTemplates();
assert.ok(resourceTemplates.some((each) => each.uriTemplate === 'openavail://meeting-classes/{name}'));
const { prompts } = await high.listPrompts();
assert.deepEqual(prompts.map((each) => each.name), ['book-a-meeting', 'reschedule', 'explain-a-decision']);
const { messages } = await high.getPrompt({ name: 'book-a-meeting',
  arguments: { title: 'Lunch', duration_minutes: '45' } });
assert.match(messages[0].content.text, /"title": "Lunch"/);
const { completion } = await high.complete({ ref: { type: 'ref/prompt', name: 'book-a-meeting' },
  argument: { name: 'meeting_class', value: 'imp' } });
assert.deepEqual(completion.values, ['Important']);

// Work that is long is heard of, over HTTP at the first try. From a pipe the SDK may read progress
// and result in one piece, and then it has forgotten whom to tell.
const heard = [];
const triesMax = process.env.TOUR_BRIDGE ? 50 : 1;
for (let tries = 0; heard.length === 0 && tries < triesMax; ++tries) {
  await high.callTool({ name: 'search-availability', arguments: { duration_minutes: 30,
    earliest_start: '2031-01-07T08:00:00Z', latest_end: '2031-01-07T18:00:00Z',
    meeting_class: 'Regular' } },
  { onprogress: (progress) => heard.push(progress.progress) });
}
assert.ok(heard.length >= 1);
await Promise.all([low.close(), high.close(), mute.close()]);
console.log('questions: asked, declined, agreed; resources, prompts, completion, progress');
