#include "arbiter/trace.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "arbiter/names.h"

namespace openavail::arbiter {
namespace {

constexpr std::size_t kNamedOccupantsMax = 10;
constexpr std::size_t kNameBytesUsual = 80;  // a booking by its UUID, tier, policy and separator
constexpr std::array kChecks = {Reason::off_day, Reason::working_hours, Reason::hard_block,
                                Reason::max_daily_hours, Reason::no_capacity};

void append_name(const Occupant& occupant, std::string& out) {
  switch (occupant.kind) {
    case OccupantKind::external:
      out += occupant.all_day ? "all-day external event" : "external event";
      return;
    case OccupantKind::hold:
      out.append("hold ").append(occupant.hold_id.text());
      return;
    case OccupantKind::booking:
      out.append("booking ").append(occupant.booking_id.text()).append(" (");
      out.append(to_text(occupant.meeting_class.tier)).append(", ");
      out.append(to_text(occupant.meeting_class.policy)).append(")");
      return;
  }
}

// `intro` and the overlapped occupants of one standing, in canonical order.
std::string with_names(std::string_view intro, const Sweep& sweep, Standing standing) {
  std::string out(intro);
  out.reserve(kNameBytesUsual * std::min(sweep.overlapping().size(), kNamedOccupantsMax));
  std::size_t count = 0;
  for (const Overlap& each : sweep.overlapping()) {
    if (each.standing != standing) continue;
    if (++count > kNamedOccupantsMax) continue;
    if (count > 1) out += ", ";
    append_name(*each.occupant, out);
  }
  if (count > kNamedOccupantsMax) {
    out += " and " + std::to_string(count - kNamedOccupantsMax) + " more";
  }
  return out;
}

std::string hard_block_detail(const Situation& situation, const Interval& slot) {
  for (const policy::HardBlock& block : situation.rules.hard_blocks) {
    if (!block.interval.overlaps(slot)) continue;
    const std::string label = block.label.empty() ? "" : " \"" + block.label + "\"";
    return "overlaps hard block" + label + " " + format_instant(block.interval.start) + "/" +
           format_instant(block.interval.end);
  }
  return "no hard block";
}

std::string cap_detail(const Situation& situation, const Sweep& sweep, bool failed) {
  // Rounded up, so that a load over the cap never reads as equal to it.
  const auto minutes = (sweep.day_load().count() + 59'999) / 60'000;
  const std::string cap = std::to_string(*situation.rules.max_daily_meeting_minutes);
  return std::to_string(minutes) + (failed ? " minutes would exceed " : " of ") + cap +
         (failed ? "" : " minutes");
}

std::string capacity_detail(const Sweep& sweep, const Sweep::Judgement& judgement) {
  if (!judgement.failed) {
    return judgement.displaces ? with_names("displaces ", sweep, Standing::displaceable) : "free";
  }
  const Standing standing = *judgement.failed == Reason::no_capacity      ? Standing::blocks
                            : *judgement.failed == Reason::sacred_meeting ? Standing::sacred
                                                                          : Standing::needs_preempt;
  return with_names(std::string(wire_name(*judgement.failed)) + ": ", sweep, standing);
}

TraceRow row_of(const Situation& situation, const Sweep& sweep, const Interval& slot,
                const Sweep::Judgement& judgement, Reason check, bool failed) {
  const TraceOutcome outcome = failed ? TraceOutcome::fail : TraceOutcome::pass;
  const std::string name(check_name(check));
  const bool hours = situation.rules.working_hours_configured;
  if ((check == Reason::off_day || check == Reason::working_hours) && !hours) {
    return {name, TraceOutcome::skip, "working hours are not configured"};
  }
  if (check == Reason::off_day) {
    return {name, outcome,
            failed ? "no working hours on the day of the start"
                   : "working hours on the day of the start"};
  }
  if (check == Reason::working_hours) {
    return {name, outcome, failed ? "not wholly inside working hours" : "inside working hours"};
  }
  if (check == Reason::hard_block) return {name, outcome, hard_block_detail(situation, slot)};
  if (check == Reason::max_daily_hours) {
    if (!situation.rules.max_daily_meeting_minutes) {
      return {name, TraceOutcome::skip, "no daily cap"};
    }
    return {name, outcome, cap_detail(situation, sweep, failed)};
  }
  return {name, outcome, capacity_detail(sweep, judgement)};
}

}  // namespace

std::vector<TraceRow> trace_of(const Situation& situation, const Sweep& sweep, const Interval& slot,
                               const Sweep::Judgement& judgement) {
  std::vector<TraceRow> out;
  out.reserve(kChecks.size());
  bool over = false;
  for (const Reason check : kChecks) {
    if (over) {
      out.push_back(
          {std::string(check_name(check)), TraceOutcome::skip, "an earlier check failed"});
      continue;
    }
    over = judgement.failed && check_name(*judgement.failed) == check_name(check);
    out.push_back(row_of(situation, sweep, slot, judgement, check, over));
  }
  return out;
}

std::vector<TraceRow> trace_of_closed_window(const std::string& detail) {
  std::vector<TraceRow> out;
  for (const Reason check : kChecks) {
    const bool last = check == kChecks.back();
    out.push_back({std::string(check_name(check)), last ? TraceOutcome::fail : TraceOutcome::skip,
                   last ? detail : "judged for placements"});
  }
  return out;
}

}  // namespace openavail::arbiter
