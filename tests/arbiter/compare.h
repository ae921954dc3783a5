// Holds the engine against the naive second implementation.
#pragma once

#include <sstream>
#include <string>

#include "naive_arbiter.h"
#include "world.h"

namespace openavail::arbiter::test {

// Empty when both agree on the decision; else what differs.
inline std::string decide_differs(const Situation& s) {
  const Decision d = decide(s);
  const naive::Answer a = naive::judge(s, s.request.interval);
  if (d.blocking_reason != a.failed) return "the reason";
  std::vector<std::string> displaced;
  for (const BookingId& id : d.displaced) displaced.push_back(id.text());
  if (displaced != a.displaced) return "what is displaced";
  if (!a.failed) {
    const Verdict wanted = a.displaced.empty() ? Verdict::accept : Verdict::preempt;
    return d.verdict == wanted && d.alternatives.empty() ? "" : "the verdict of a success";
  }
  if (d.alternatives != naive::alternatives(s)) return "the alternatives";
  const auto [next, beyond] = naive::next_available(s);
  if (d.next_available != next || d.next_available_exceeds_lookahead != beyond) {
    return "next_available";
  }
  const bool counter = *a.failed >= Reason::no_capacity && !d.alternatives.empty();
  return d.verdict == (counter ? Verdict::counter_propose : Verdict::reject) ? "" : "the verdict";
}

// The same for a search.
inline std::string search_differs(const Situation& s) {
  const SearchResult r = search(s);
  const naive::Search n = naive::search(s);
  if (r.reason != n.reason) return "the reason";
  if (r.curated != n.curated) return "curated";
  if (r.candidates.size() != n.found.size()) return "the number of candidates";
  for (std::size_t i = 0; i < n.found.size(); ++i) {
    if (r.candidates[i].interval != n.found[i].slot) return "a candidate";
    if (r.candidates[i].penalty != n.found[i].penalty) return "a penalty";
    std::vector<std::string> displaced;
    for (const BookingId& id : r.candidates[i].occupying) displaced.push_back(id.text());
    if (displaced != n.found[i].displaced) return "what a candidate would displace";
  }
  if (!n.found.empty()) return "";
  const auto [next, beyond] = naive::next_available(s);
  return r.next_available == next && r.next_available_exceeds_lookahead == beyond
             ? ""
             : "next_available";
}

}  // namespace openavail::arbiter::test
