// Section 1: the pages outside /v1.
import {call, check, finish, ok, part, shape, world} from "./client.mjs";

await part("pages", async () => {
  const health = await ok("GET", "/health", {key: null});
  check(typeof health === "object", "health is JSON");
  const metrics = await call("GET", "/metrics", {key: null});
  check(metrics.status === 200 && /^# TYPE \S+ (counter|gauge|histogram)/m.test(metrics.text),
        `metrics: ${metrics.status}`);
  const api = await ok("GET", "/openapi.json", {key: null});
  shape({openapi: api.openapi, paths: api.paths, info: api.info},
        {openapi: "string", paths: "object", info: "object"}, "openapi");
  for (const path of ["/v1/availability/search", "/v1/holds", "/v1/bookings", "/v1/simulate",
                      "/v1/booking-proposals", "/v1/decisions", "/v1/audit/public-key",
                      "/v1/availability", "/v1/owner-context"]) {
    check(api.paths?.[path], `openapi: ${path}`);
  }
  const words = await call("GET", "/llms.txt", {key: null});
  check(words.status === 200 && /^# \S/.test(words.text), `llms.txt: ${words.status}`);
  const contact = await call("GET", "/.well-known/security.txt", {key: null});
  check(/^Contact: /m.test(contact.text) && /^Expires: /m.test(contact.text), "security.txt");
  const head = await fetch(`${world.url}/health`, {method: "HEAD"});
  check(head.status < 500, `HEAD: ${head.status}`);
});

finish();
