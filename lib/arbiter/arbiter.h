// The engine. Pure: no clock, no store, no calendar, no time-zone data, no randomness, no floating
// point; every iteration in a defined order. The same situation gives the same decision, byte for
// byte (arbitration contract).
//
// What a Situation must fulfil (checked, aborts otherwise): occupancy sorted by canonical_before,
// local days contiguous and covering the horizon, request inside the horizon. Past times and
// windows too narrow are the caller's errors, judged before.
//
// Thread rule: free functions without state; safe from any thread.
#pragma once

#include <string>

#include "arbiter/decision.h"
#include "arbiter/situation.h"
#include "base/result.h"

namespace openavail::arbiter {

// The five checks alone, on the request's interval (for a window hold: whether one placement
// passes). `alternatives`, `next_available` stay empty. Needs the request's own local days only. A
// refusal here is Reject; decide() turns it into CounterPropose where alternatives exist.
Decision judge(const Situation& situation);

// judge() and, on a refusal, alternatives and next_available over the whole horizon (up to
// 31 × 24 h after the request's end).
Decision decide(const Situation& situation);

// request.kind == search. Alternatives do not exist here; next_available does. Reads on to the
// horizon's end only when nothing is found.
SearchResult search(const Situation& situation);

// RFC 8785 canonical JSON of the situation: what situation_digest is the SHA-256 of.
std::string canonical_json(const Situation& situation);
// The inverse, for `audit replay` and the decision tables. Errors: validation_failed.
Result<Situation> situation_from_json(const std::string& text);
// Canonical JSON of an answer; two answers are equal when these bytes are.
std::string canonical_json(const Decision& decision);
std::string canonical_json(const SearchResult& result);

}  // namespace openavail::arbiter
