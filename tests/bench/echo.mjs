// The echo server of the official TypeScript SDK, for comparison: Streamable HTTP over TLS 1.3, one
// session, answers as plain JSON, which is the fastest way it has. Says its port when it listens.
// Usage: echo.mjs PACKAGES CERTIFICATE KEY
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';

const [packages, certificate, key] = process.argv.slice(2);
const require = createRequire(`${packages}/`);
const { McpServer } = require('@modelcontextprotocol/sdk/server/mcp.js');
const { StreamableHTTPServerTransport } =
  require('@modelcontextprotocol/sdk/server/streamableHttp.js');
const { z } = require('zod');

const server = new McpServer({ name: 'echo', version: '1.0.0' });
server.registerTool('echo', { description: 'Says it again', inputSchema: { text: z.string() } },
  async ({ text }) => ({ content: [{ type: 'text', text }] }));
const transport = new StreamableHTTPServerTransport(
  { sessionIdGenerator: randomUUID, enableJsonResponse: true });
await server.connect(transport);

const listener = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.3' },
  (request, response) => transport.handleRequest(request, response));
listener.keepAliveTimeout = 60_000;
listener.listen(0, '127.0.0.1', () => console.log(listener.address().port));
