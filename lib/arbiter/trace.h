// The trace of one judgement (wire contract, engine_trace). Details name rules and our own ids
// only.
//
// Thread rule: free functions without state.
#pragma once

#include <vector>

#include "arbiter/sweep.h"

namespace openavail::arbiter {

// `sweep` has just judged `slot` with this outcome.
std::vector<TraceRow> trace_of(const Situation& situation, const Sweep& sweep, const Interval& slot,
                               const Sweep::Judgement& judgement);

// A window in which no placement could be tried, or that a live hold keeps closed.
std::vector<TraceRow> trace_of_closed_window(const std::string& detail);

}  // namespace openavail::arbiter
