#include "calendar/content_lines.h"

#include <algorithm>
#include <array>
#include <optional>

#include "calendar/ical.h"
#include "calendar/object.h"

namespace openavail::calendar {
namespace {

constexpr std::array<std::string_view, 15> kTimeProperties = {
    "DTSTART", "DTEND",  "DURATION",      "RRULE",      "EXRULE",
    "RDATE",   "EXDATE", "RECURRENCE-ID", "UID",        "TRANSP",
    "STATUS",  "TZID",   "TZOFFSETFROM",  "TZOFFSETTO", "ATTENDEE"};
constexpr std::array<std::string_view, 5> kTimeComponents = {"VCALENDAR", "VEVENT", "VTIMEZONE",
                                                             "STANDARD", "DAYLIGHT"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = upper(c);
  return out;
}

std::string_view without_end_space(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
    line.remove_suffix(1);
  }
  return line;
}

// Cuts the first line off `text`, with the line break and any '\r' before it.
std::string_view next_physical_line(std::string_view& text) {
  const auto newline = text.find('\n');
  std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

struct Line {
  std::string_view whole;      // unfolded
  std::string name;            // upper case; empty when the line has none
  std::string value() const {  // upper case, of a line without parameters
    return upper(without_end_space(whole.substr(name.size() + 1)));
  }
  bool has_parameters() const { return whole[name.size()] == ';'; }
};

std::string name_of(std::string_view line) {
  std::string name;
  for (const char c : line) {
    if (c == ':' || c == ';') return name;
    name += upper(c);
  }
  return {};
}

// Calls `take(line)` for each line. Blank lines are left out.
template <class Take>
void each_line(std::string_view text, Take take) {
  std::string unfolded;
  while (!text.empty()) {
    std::string_view line = next_physical_line(text);
    if (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
      unfolded = line;
      while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        unfolded += next_physical_line(text).substr(1);
      }
      line = unfolded;
    }
    if (without_end_space(line).empty()) continue;
    take(Line{line, name_of(line)});
  }
}

// A guest who declined may be the owner; a marked title tells a displaced event of ours.
bool is_kept(const Line& line) {
  if (line.name.empty()) return true;  // for libical to refuse
  if (line.name == "ATTENDEE") return upper(line.whole).find("DECLINED") != std::string::npos;
  if (line.name == "SUMMARY") return line.whole.find(kDisplacedMark) != std::string_view::npos;
  return is_time_property(line.name);
}

class DecidingLines {
 public:
  void take(const Line& line) {
    if (line.name == "BEGIN") {
      begin(line);
    } else if (line.name == "END") {
      end(line);
    } else if (skipped_ == 0 && is_kept(line)) {
      if (line.name == "TZID" && zone_ && depth_ == 2) note_zone_name(line);
      put(line);
    }
  }
  const std::string& text() const { return out_; }

 private:
  // A VTIMEZONE of the calendar that is open.
  struct Zone {
    std::size_t start;  // in out_
    int names = 0;
    bool is_known = false;  // by that name, so that its VTIMEZONE is never looked at
  };

  void begin(const Line& line) {
    if (skipped_ > 0 || !is_one_of(kTimeComponents, line.value())) {
      ++skipped_;
      return;
    }
    if (depth_ == 1 && line.value() == "VTIMEZONE") zone_ = Zone{out_.size()};
    ++depth_;
    put(line);
  }

  void end(const Line& line) {
    if (skipped_ > 0) {
      --skipped_;
      return;
    }
    --depth_;
    put(line);
    if (!zone_ || depth_ > 1) return;
    if (zone_->is_known) out_.resize(zone_->start);
    zone_.reset();
  }

  void note_zone_name(const Line& line) {
    const auto name = without_end_space(line.whole.substr(line.name.size() + 1));
    zone_->is_known =
        ++zone_->names == 1 && !line.has_parameters() && iana_zone(std::string(name)).has_value();
  }

  void put(const Line& line) {
    out_ += line.whole;
    out_ += "\r\n";
  }

  std::string out_;
  int depth_ = 0;    // of open components that are kept
  int skipped_ = 0;  // of open components from the first that is left out
  std::optional<Zone> zone_;
};

}  // namespace

bool is_time_property(std::string_view name) { return is_one_of(kTimeProperties, name); }

std::string deciding_lines(std::string_view text) {
  DecidingLines lines;
  each_line(text, [&](const Line& line) { lines.take(line); });
  return lines.text();
}

}  // namespace openavail::calendar
