// What a process does before it reads the first secret (security design, N2).
#pragma once

namespace openavail::crypto {

// No core dumps, and no other process of the same user may attach or read this one's memory. For
// this process; the core limit also for those that it starts. Costs two system calls. Idempotent.
// Thread rule: call it first thing in main.
void harden_process();

}  // namespace openavail::crypto
