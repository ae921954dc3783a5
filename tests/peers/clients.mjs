// One client of the official TypeScript SDKs, chosen by TOUR_CLIENT, takes the tour: over standard
// input and output; over HTTP where TOUR_URL is set, through mcp-remote where TOUR_REMOTE is too.
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { tour } from './tour.mjs';

const require = createRequire(`${process.env.OPENAVAIL_PEERS}/`);
const NEGOTIATION = {
  'v2-legacy': 'legacy',
  'v2-auto': 'auto',
  'v2-modern': { pin: '2026-07-28' },
};
const which = process.env.TOUR_CLIENT;
const isV1 = which === 'v1';

function transport(key) {
  const url = process.env.TOUR_URL;
  const header = `Bearer ${key}`;
  if (url && !process.env.TOUR_REMOTE) {
    const { StreamableHTTPClientTransport } = require(
      isV1 ? '@modelcontextprotocol/sdk/client/streamableHttp.js' : '@modelcontextprotocol/client');
    return new StreamableHTTPClientTransport(new URL(url),
      { requestInit: { headers: { Authorization: header } } });
  }
  const { StdioClientTransport } = require(
    isV1 ? '@modelcontextprotocol/sdk/client/stdio.js' : '@modelcontextprotocol/client/stdio');
  if (url) {
    // A colon with a space behind it would not survive some shells: the value comes from the environment.
    return new StdioClientTransport({
      command: process.execPath,
      args: [`${process.env.OPENAVAIL_PEERS}/node_modules/mcp-remote/dist/proxy.js`, url, '--allow-http', '--transport', 'http-only',
        '--header', 'Authorization:${TOUR_HEADER}'],
      env: { HOME: process.env.HOME, PATH: process.env.PATH, TOUR_HEADER: header },
      stderr: 'ignore',
    });
  }
  return new StdioClientTransport({
    command: process.env.OPENAVAIL_BINARY,
    args: ['mcp'],
    env: { OPENAVAIL_DATA_DIR: process.env.OPENAVAIL_DATA_DIR, OPENAVAIL_API_KEY: key },
    stderr: 'inherit',
  });
}

// A connected client. Responses that nobody waits for are collected in `strays`.
async function connect(key) {
  const { Client } = require(isV1 ? '@modelcontextprotocol/sdk/client/index.js' : '@modelcontextprotocol/client');
  const client = new Client({ name: 'peer', version: '1.0.0' },
    isV1 ? {} : { versionNegotiation: { mode: NEGOTIATION[which] } });
  const strays = [];
  client.onerror = (error) => strays.push(String(error));
  await client.connect(transport(key));
  const call = (name, input = {}, options = undefined) => (isV1
    ? client.callTool({ name, arguments: input }, undefined, options)
    : client.callTool({ name, arguments: input }, options));
  return { client, call, strays };
}

const main = await connect(process.env.OPENAVAIL_API_KEY);
const other = await connect(process.env.TOUR_OTHER_KEY);

assert.equal(main.client.getServerVersion().name, 'openavail');
assert.match(main.client.getInstructions(), /get-agent-context/);
assert.ok(main.client.getServerCapabilities().tools);
if (!isV1) {
  const modern = which !== 'v2-legacy';
  assert.equal(main.client.getNegotiatedProtocolVersion(), modern ? '2026-07-28' : '2025-11-25');
}

const titles = await tour(main, other);
await main.client.close();
await other.client.close();
console.log(JSON.stringify({ titles }));
