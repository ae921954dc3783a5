#include "providers/shared/united_read.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/limits.h"

namespace openavail::providers {
namespace {

using calendar::Occurrence;

bool is_before(const Occurrence& a, const Occurrence& b) {
  return std::tie(a.interval, a.all_day) < std::tie(b.interval, b.all_day);
}

Interval hull(const Interval& a, const Interval& b) {
  return {std::min(a.start, b.start), std::max(a.end, b.end)};
}

std::vector<Occurrence> inside(const std::vector<Occurrence>& all, const Interval& window) {
  std::vector<Occurrence> some;
  std::copy_if(all.begin(), all.end(), std::back_inserter(some),
               [&](const Occurrence& occurrence) { return occurrence.interval.overlaps(window); });
  return some;
}

bool has_distinct_places(const std::vector<ports::OwnEventRef>& own) {
  std::map<ports::EventPlace, std::size_t> count;
  return std::all_of(own.begin(), own.end(),
                     [&](const ports::OwnEventRef& ref) { return ++count[ref.place] == 1; });
}

}  // namespace

bool can_be_united(const ports::ReadRequest& united, const ports::ReadRequest& request) {
  if (is_same_request(united, request)) return true;
  if (united.zone != request.zone || united.owner_addresses != request.owner_addresses ||
      united.window.empty() || request.window.empty() ||
      hull(united.window, request.window).length() >
          std::chrono::hours(24 * limits::kSharedReadDaysMax) ||
      !has_distinct_places(united.own) || !has_distinct_places(request.own)) {
    return false;
  }
  std::map<ports::EventPlace, std::string> claimed;
  for (const ports::OwnEventRef& ref : united.own) claimed[ref.place] = ref.uid;
  return std::all_of(request.own.begin(), request.own.end(), [&](const ports::OwnEventRef& ref) {
    return claimed.emplace(ref.place, ref.uid).first->second == ref.uid;
  });
}

void unite(ports::ReadRequest& united, const ports::ReadRequest& request) {
  if (is_same_request(united, request)) return;
  united.window = hull(united.window, request.window);
  std::map<ports::EventPlace, std::string> claimed;
  for (const ports::OwnEventRef& ref : united.own) claimed[ref.place] = ref.uid;
  for (const ports::OwnEventRef& ref : request.own) {
    if (claimed.emplace(ref.place, ref.uid).second) united.own.push_back(ref);
  }
}

bool is_same_request(const ports::ReadRequest& a, const ports::ReadRequest& b) {
  const auto is_same_ref = [](const ports::OwnEventRef& x, const ports::OwnEventRef& y) {
    return x.place == y.place && x.uid == y.uid;
  };
  return a.window == b.window && a.zone == b.zone && a.owner_addresses == b.owner_addresses &&
         std::equal(a.own.begin(), a.own.end(), b.own.begin(), b.own.end(), is_same_ref);
}

ports::CalendarReading part_of(const ports::ReadRequest& united,
                               const ports::CalendarReading& reading,
                               const ports::ReadRequest& request) {
  if (is_same_request(united, request)) return reading;
  std::map<ports::EventPlace, std::size_t> own_at;
  for (std::size_t i = 0; i < request.own.size(); ++i) own_at[request.own[i].place] = i;
  ports::CalendarReading part;
  part.external = inside(reading.external, request.window);
  part.own.resize(request.own.size());
  part.own_occurrences.resize(request.own.size());
  for (std::size_t k = 0; k < united.own.size(); ++k) {
    auto occurrences = inside(reading.own_occurrences[k], request.window);
    const auto own = own_at.find(united.own[k].place);
    if (own != own_at.end()) {
      part.own[own->second] = reading.own[k];
      part.own_occurrences[own->second] = std::move(occurrences);
    } else {
      // Another asker's own event is somebody else's for this one.
      part.external.insert(part.external.end(), occurrences.begin(), occurrences.end());
    }
  }
  std::sort(part.external.begin(), part.external.end(), is_before);
  return part;
}

}  // namespace openavail::providers
