// The contract once more, as simply as possible and without any of the engine's files but its plain
// types: every question is answered by going through all minutes and all occupants.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arbiter/decision.h"
#include "arbiter/situation.h"

namespace openavail::arbiter::naive {

inline constexpr std::int64_t kMinuteMs = 60'000;

struct Answer {
  std::optional<Reason> failed;
  std::vector<std::string> displaced;  // by start, then id
};

inline bool inside_any(std::int64_t minute_start, const std::vector<Interval>& spans) {
  for (const Interval& s : spans) {
    if (s.start.unix_ms <= minute_start && minute_start < s.end.unix_ms) return true;
  }
  return false;
}

enum class Role { nothing, capacity, sacred, permission, displaced };

inline Role role_of(const Occupant& o, const Situation& s) {
  if (o.kind == OccupantKind::hold && o.until <= s.now) return Role::nothing;
  if (o.kind != OccupantKind::booking) return Role::capacity;
  if (static_cast<int>(o.meeting_class.tier) >= static_cast<int>(s.request.meeting_class.tier)) {
    return Role::capacity;
  }
  if (o.meeting_class.policy == policy::PreemptPolicy::protected_) return Role::sacred;
  if (s.rules.sacred_meeting_age_hours && s.now.unix_ms - o.committed_at.unix_ms >=
                                              *s.rules.sacred_meeting_age_hours * 60 * kMinuteMs) {
    return Role::sacred;
  }
  return s.request.may_preempt ? Role::displaced : Role::permission;
}

inline Answer judge(const Situation& s, const Interval& slot) {
  if (s.rules.working_hours_configured) {
    bool day_has_hours = false;
    for (const Interval& day : s.rules.local_days) {
      if (!day.contains(slot.start)) continue;
      for (const Interval& hours : s.rules.working_hours) {
        if (hours.overlaps(day)) day_has_hours = true;
      }
    }
    if (!day_has_hours) return {Reason::off_day, {}};
    for (std::int64_t t = slot.start.unix_ms; t < slot.end.unix_ms; t += kMinuteMs) {
      if (!inside_any(t, s.rules.working_hours)) return {Reason::working_hours, {}};
    }
  }
  for (const policy::HardBlock& block : s.rules.hard_blocks) {
    if (block.interval.overlaps(slot)) return {Reason::hard_block, {}};
  }
  if (s.rules.max_daily_meeting_minutes) {
    for (const Interval& day : s.rules.local_days) {
      if (!day.overlaps(slot)) continue;
      int minutes = 0;
      for (std::int64_t t = day.start.unix_ms; t < day.end.unix_ms; t += kMinuteMs) {
        bool taken = slot.contains(Instant{t});
        for (const Occupant& o : s.occupancy) {
          if (o.kind == OccupantKind::hold || o.all_day) continue;
          if (role_of(o, s) == Role::displaced && o.interval.overlaps(slot)) continue;
          if (o.interval.contains(Instant{t})) taken = true;
        }
        if (taken) ++minutes;
      }
      if (minutes > *s.rules.max_daily_meeting_minutes) return {Reason::max_daily_hours, {}};
    }
  }
  std::set<Role> roles;
  std::vector<std::pair<std::int64_t, std::string>> displaced;
  for (const Occupant& o : s.occupancy) {
    if (!o.interval.overlaps(slot)) continue;
    roles.insert(role_of(o, s));
    if (role_of(o, s) == Role::displaced) {
      displaced.emplace_back(o.interval.start.unix_ms, o.booking_id.text());
    }
  }
  if (roles.count(Role::capacity) != 0) return {Reason::no_capacity, {}};
  if (roles.count(Role::sacred) != 0) return {Reason::sacred_meeting, {}};
  if (roles.count(Role::permission) != 0) return {Reason::permission_denied_preempt, {}};
  std::sort(displaced.begin(), displaced.end());
  Answer answer;
  for (const auto& [start, id] : displaced) answer.displaced.push_back(id);
  return answer;
}

inline bool accepts(const Situation& s, const Interval& slot) {
  const Answer a = judge(s, slot);
  return !a.failed && a.displaced.empty();
}

// Every grid start of the horizon, ascending.
inline std::vector<Instant> grid(const Situation& s) {
  std::vector<Instant> out;
  for (const Interval& day : s.rules.local_days) {
    for (std::int64_t t = day.start.unix_ms; t < day.end.unix_ms;
         t += s.rules.slot_interval_minutes * kMinuteMs) {
      out.push_back({t});
    }
  }
  return out;
}

inline Millis duration_of(const Situation& s) {
  return s.request.duration ? *s.request.duration : s.request.interval.length();
}

inline bool offered(const Situation& s, const Interval& slot) {
  return slot.start >= s.now && s.horizon.interval.contains(slot) &&
         slot.end <= s.request.interval.end + std::chrono::hours(31 * 24) && accepts(s, slot);
}

inline std::vector<Interval> alternatives(const Situation& s) {
  const Millis duration = duration_of(s);
  const Instant wanted = s.request.interval.start;
  std::vector<Interval> order;  // everything in the order in which it would be offered
  const auto nearest_first = [&](std::vector<Interval> slots) {
    std::stable_sort(slots.begin(), slots.end(), [&](const Interval& a, const Interval& b) {
      return std::abs(a.start.unix_ms - wanted.unix_ms) <
             std::abs(b.start.unix_ms - wanted.unix_ms);
    });
    order.insert(order.end(), slots.begin(), slots.end());
  };
  std::optional<Interval> first_of_all = s.request.held_window;
  if (s.request.kind == RequestKind::hold && s.request.duration) first_of_all = s.request.interval;
  std::vector<Interval> in_hold;
  std::vector<Interval> same_day;
  for (const Instant t : grid(s)) {
    const Interval slot{t, t + duration};
    if (first_of_all && first_of_all->contains(slot)) in_hold.push_back(slot);
    for (const Interval& day : s.rules.local_days) {
      if (day.contains(wanted) && day.contains(t)) same_day.push_back(slot);
    }
  }
  nearest_first(in_hold);
  nearest_first(same_day);
  for (const Instant t : s.rules.same_wall_time) {
    for (const Instant g : grid(s)) {
      if (g == t) order.push_back({t, t + duration});
    }
  }
  std::vector<Interval> out;
  for (const Interval& slot : order) {
    if (out.size() < 5 && offered(s, slot) &&
        std::find(out.begin(), out.end(), slot) == out.end()) {
      out.push_back(slot);
    }
  }
  return out;
}

inline std::pair<std::optional<Instant>, bool> next_available(const Situation& s) {
  for (const Instant t : grid(s)) {
    if (t < s.request.interval.end || !offered(s, {t, t + duration_of(s)})) continue;
    if (t <= s.request.interval.end + s.request.lookahead) return {t, false};
    return {std::nullopt, true};
  }
  return {std::nullopt, false};
}

inline Interval clipped_window(const Situation& s) {
  return {std::max(s.request.interval.start, s.now), s.request.interval.end};
}

inline int penalty(const Situation& s, const Interval& slot, bool preemptable) {
  const Millis buffer = std::chrono::minutes(s.rules.buffer_minutes);
  std::vector<Interval> others;
  for (const Occupant& o : s.occupancy) {
    bool seen = !o.all_day && role_of(o, s) != Role::nothing && !o.interval.overlaps(slot);
    bool on_a_day = false;
    for (const Interval& day : s.rules.local_days) {
      if (day.overlaps(clipped_window(s)) && day.overlaps(o.interval)) on_a_day = true;
    }
    if (seen && on_a_day) others.push_back(o.interval);
  }
  const auto gap = [](const Interval& a, const Interval& b) {
    return std::max(a.start, b.start) - std::min(a.end, b.end);
  };
  int sum = preemptable ? 4 : 0;
  for (const Interval& o : others) {
    if (gap(o, slot) < buffer) {
      sum += 2;
      break;
    }
  }
  if (s.rules.max_back_to_back) {
    std::vector<Interval> chain = {slot};
    for (bool grown = true; grown;) {
      grown = false;
      for (std::size_t i = 0; i < others.size(); ++i) {
        const bool linked = std::any_of(chain.begin(), chain.end(), [&](const Interval& c) {
          return gap(c, others[i]) < buffer;
        });
        if (!linked) continue;
        chain.push_back(others[i]);
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        grown = true;
        break;
      }
    }
    if (static_cast<int>(chain.size()) > *s.rules.max_back_to_back) sum += 1;
  }
  return sum;
}

inline std::vector<Interval> placements(const Situation& s) {
  const Interval window = clipped_window(s);
  const Millis duration = duration_of(s);
  if (window.length() == duration) return {window};
  std::vector<Interval> out;
  for (const Instant t : grid(s)) {
    const Interval slot{t, t + duration};
    if (window.contains(slot)) out.push_back(slot);
  }
  return out;
}

struct Found {
  Interval slot;
  int penalty;
  std::vector<std::string> displaced;
};

struct Search {
  std::vector<Found> found;  // in the order of the answer
  bool curated = false;
  std::optional<Reason> reason;
};

inline Search search(const Situation& s) {
  Search out;
  std::vector<Found> all;
  std::optional<Reason> furthest;
  for (const Interval& slot : placements(s)) {
    const Answer a = judge(s, slot);
    if (!a.failed) {
      all.push_back({slot, penalty(s, slot, !a.displaced.empty()), a.displaced});
      continue;
    }
    const auto stage = [](Reason r) { return std::min(r, Reason::no_capacity); };
    if (!furthest || stage(*a.failed) > stage(*furthest) ||
        (stage(*a.failed) == stage(*furthest) && *a.failed < *furthest)) {
      furthest = a.failed;
    }
  }
  const auto rank = [](const Found& a, const Found& b) {
    return a.penalty != b.penalty ? a.penalty < b.penalty : a.slot.start < b.slot.start;
  };
  if (all.empty()) out.reason = furthest.value_or(Reason::no_capacity);
  std::sort(all.begin(), all.end(), rank);
  const auto wanted = static_cast<std::size_t>(s.request.results_wanted);
  out.curated = all.size() > wanted;
  if (!out.curated) {
    out.found = all;
    return out;
  }
  while (out.found.size() < wanted) {
    for (const Interval& day : s.rules.local_days) {
      const auto best = std::find_if(all.begin(), all.end(),
                                     [&](const Found& f) { return day.contains(f.slot.start); });
      if (best == all.end() || out.found.size() == wanted) continue;
      out.found.push_back(*best);
      all.erase(best);
    }
  }
  std::sort(out.found.begin(), out.found.end(), rank);
  return out;
}

}  // namespace openavail::arbiter::naive
