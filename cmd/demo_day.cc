#include "cmd/demo_day.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "calendar/object.h"
#include "cmd/owner_zone.h"
#include "cmd/text.h"

namespace openavail::cmd {
namespace {

constexpr int kFirstHour = 8;
constexpr int kLastHour = 18;
constexpr int kQuarterSeconds = 15 * 60;

bool is_busy_at(const std::vector<DayEvent>& events, const Interval& time) {
  return std::any_of(events.begin(), events.end(), [&](const DayEvent& event) {
    return event.is_busy && event.interval.overlaps(time);
  });
}

void draw_strip(const std::vector<DayEvent>& events, time::LocalDate day, const time::Zone& zone,
                const Interval& lunch, const Ink& ink) {
  std::string hours, quarters;
  for (int hour = kFirstHour; hour <= kLastHour; ++hour) {
    char text[16];
    std::snprintf(text, sizeof text, "%02d    ", hour);
    hours += text;
    for (int quarter = 0; quarter < 4; ++quarter) {
      const Instant start = zone.at(day, hour * 3600 + quarter * kQuarterSeconds);
      const Interval time{start, start + std::chrono::seconds(kQuarterSeconds)};
      if (is_busy_at(events, time)) {
        quarters += ink(Ink::Tone::cyan, "█");
      } else {
        quarters += ink(Ink::Tone::dim, lunch.overlaps(time) ? "░" : "·");
      }
    }
    quarters += "  ";
  }
  std::printf("  %s\n  %s\n\n", ink(Ink::Tone::dim, hours).c_str(), quarters.c_str());
}

}  // namespace

Result<std::vector<DayEvent>> read_day(const std::filesystem::path& folder, time::LocalDate day,
                                       const time::Zone& zone, const std::string& owner) {
  const Interval whole = zone.day(day);
  std::vector<DayEvent> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".ics") continue;
    std::ifstream file(entry.path());
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    OA_TRY(const auto events, calendar::read_object(bytes, {whole, zone, {owner}}));
    for (const auto& event : events) {
      std::string title = "(busy)";
      if (const auto text = calendar::read_text(bytes, event.uid)) title = plain(text->text.title);
      if (!event.is_busy && event.interval && event.interval->overlaps(whole)) {
        found.push_back({*event.interval, false, event.has_displaced_mark, title});
      }
      for (const auto& occurrence : event.occurrences) {
        found.push_back({occurrence.interval, true, false, title});
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const DayEvent& a, const DayEvent& b) {
    if (a.interval.start != b.interval.start) return a.interval.start < b.interval.start;
    return a.is_busy != b.is_busy ? a.is_busy : a.title < b.title;
  });
  return found;
}

void draw_day(const std::vector<DayEvent>& events, time::LocalDate day, const time::Zone& zone,
              const Interval& lunch, const Ink& ink) {
  draw_strip(events, day, zone, lunch, ink);
  const Interval whole = zone.day(day);
  for (const DayEvent& event : events) {
    const std::string when = event.interval == whole ? "all day"
                                                     : clock_of(zone, event.interval.start) + "-" +
                                                           clock_of(zone, event.interval.end);
    const std::string line = padded(when, 13) + (event.is_busy ? "busy  " : "free  ") + event.title;
    std::printf("  %s\n", (event.is_busy ? line : ink(Ink::Tone::dim, line)).c_str());
  }
}

}  // namespace openavail::cmd
