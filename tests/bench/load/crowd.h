// Connections that only hold a place: some idle, some that send a byte a second of a request that
// never gets whole, half of them inside a head, half inside a body. Who is cut comes again.
#pragma once

#include "load/line.h"

namespace openavail::bench {

// Prints "ready" when all are connected, and a line of JSON at the end: when its standard input is
// closed.
void stand_about(const Target& target, int idle, int dripping);

}  // namespace openavail::bench
