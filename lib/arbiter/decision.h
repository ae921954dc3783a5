// What the engine answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arbiter/situation.h"
#include "base/id.h"
#include "time/instant.h"

namespace openavail::arbiter {

enum class Verdict { accept, reject, counter_propose, preempt };

enum class Reason {
  off_day,
  working_hours,
  hard_block,  // REJECTED as WORKING_HOURS, in a search HARD_BLOCK; the trace names the block
  max_daily_hours,
  no_capacity,
  sacred_meeting,
  permission_denied_preempt,
};

// The wire name for decisions: "OFF_DAY", "WORKING_HOURS" (hard_block too), "MAX_DAILY_HOURS", …
std::string_view wire_name(Reason reason);
// The wire name for an empty search: OFF_DAY, WORKING_HOURS, HARD_BLOCK, DAILY_HOURS_LIMIT,
// NO_FREE_SLOTS.
std::string_view search_wire_name(Reason reason);
// "Accept" | "Reject" | "CounterPropose" | "Preempt"
std::string_view to_text(Verdict verdict);

enum class TraceOutcome { pass, fail, skip };
std::string_view to_text(TraceOutcome outcome);

// One row for each check, in the order of the checks: off_day, working_hours, hard_block,
// daily_cap, capacity. Checks after the failing one are skipped. `detail` names rules and our own
// ids only.
struct TraceRow {
  std::string rule;
  TraceOutcome outcome = TraceOutcome::pass;
  std::string detail;
  bool operator==(const TraceRow&) const = default;
};

struct Decision {
  Verdict verdict = Verdict::reject;
  std::optional<Reason> blocking_reason;  // the true one; set on reject and counter_propose
  // A hold of the asking agent itself is among the blockers: the message says to confirm or
  // release it.
  std::vector<HoldId> own_holds_in_the_way;
  std::vector<BookingId> displaced;  // on preempt: by start, then id
  std::vector<TraceRow> trace;
  std::vector<Interval> alternatives;  // on reject and counter_propose, at most kAlternativesMax
  std::optional<Instant> next_available;
  bool next_available_exceeds_lookahead = false;
  // The rule that decided, for the audit row: "accept", "preempt" or the failing check's name.
  std::string rule_fired;
  // Window holds: the first placement that would be Accept or Preempt.
  std::optional<Interval> placement;
  bool operator==(const Decision&) const = default;
};

enum class Risk { free, preemptable };

struct Candidate {
  Interval interval;
  Risk risk = Risk::free;
  int penalty = 0;
  std::vector<BookingId> occupying;  // preemptable: what would be displaced, by start, then id
  std::string occupying_class;
  policy::Tier occupying_tier = policy::Tier::low;
  bool operator==(const Candidate&) const = default;
};

struct SearchResult {
  std::vector<Candidate> candidates;  // sorted by rank, then start
  int available_count = 0;            // before curation
  bool curated = false;               // also candidates_truncated
  // Nothing found:
  std::optional<Reason> reason;
  std::optional<Instant> next_available;
  bool next_available_exceeds_lookahead = false;
  std::vector<TraceRow> trace;  // of the furthest check reached; for the audit row
  std::string rule_fired;       // "accept" or the furthest check
  bool operator==(const SearchResult&) const = default;
};

}  // namespace openavail::arbiter
