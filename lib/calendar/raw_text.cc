#include "calendar/raw_text.h"

#include <algorithm>
#include <vector>

#include "base/limits.h"
#include "calendar/content_lines.h"
#include "calendar/ical.h"

namespace openavail::calendar {
namespace {

// libical keeps INTERVAL in 16 bits and other numbers in 32, and cuts larger ones without a word:
// other times than the file's would come out. Dates are the longest numbers that belong here.
constexpr int kIntervalDigitsMax = 4;
constexpr int kDigitsMax = 8;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string_view without_end_space(std::string_view name) {
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  return name;
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// In capitals, folds taken out: a check that looks at raw lines can be got around with a fold.
std::string unfolded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t feed = text[i] == '\r' ? i + 1 : i;
    const bool is_fold = feed + 1 < text.size() && text[feed] == '\n' &&
                         (text[feed + 1] == ' ' || text[feed + 1] == '\t');
    if (is_fold) {
      i = feed + 1;
      continue;
    }
    out += upper(text[i]);
  }
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Digits at the start of `text`.
int digits_of(std::string_view text) {
  return static_cast<int>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

bool has_long_number(std::string_view value) {
  for (std::size_t i = 0; i < value.size();) {
    const int digits = digits_of(value.substr(i));
    if (digits > kDigitsMax) return true;
    i += static_cast<std::size_t>(std::max(digits, 1));
  }
  return false;
}

bool has_long_interval(std::string_view value) {
  constexpr std::string_view kName = "INTERVAL=";
  for (auto at = value.find(kName); at != std::string_view::npos; at = value.find(kName, at + 1)) {
    if (digits_of(value.substr(at + kName.size())) > kIntervalDigitsMax) return true;
  }
  return false;
}

class LineChecker {
 public:
  // What is wrong with the line, or nothing.
  const char* check(std::string_view line) {
    const std::string_view name = line.substr(0, line.find_first_of(":;"));
    const std::string_view meant = without_end_space(name);
    if (meant.size() != name.size() && is_time_property(meant)) {
      return "a blank stands behind a property's name";  // libical would pass it over
    }
    if (name == "BEGIN" || name == "END") return check_component(name, line.substr(name.size()));
    if (name == "DURATION") {
      if (std::none_of(line.begin(), line.end(), is_digit)) return "a DURATION is not valid";
      if (has_long_number(line)) return "a DURATION is too large";
    }
    if ((name == "RRULE" || name == "RDATE") && has_long_number(line)) {
      return "a rule's number is too large";
    }
    if (name == "RRULE" && has_long_interval(line)) return "a rule's INTERVAL is too large";
    return nullptr;
  }
  bool is_balanced() const { return open_.empty(); }

 private:
  const char* check_component(std::string_view name, std::string_view rest) {
    // With a parameter between, libical would open a component that was not counted here.
    if (rest.empty() || rest.front() != ':') return "BEGIN and END do not match";
    rest.remove_prefix(1);
    if (name == "BEGIN") {
      if (open_.size() == limits::kCalendarNestingMax) return "components are nested too deeply";
      open_.emplace_back(rest);
      return nullptr;
    }
    if (open_.empty() || open_.back() != rest) return "BEGIN and END do not match";
    open_.pop_back();
    return nullptr;
  }

  std::vector<std::string_view> open_;
};

}  // namespace

Result<std::string> checked_text(std::string_view bytes) {
  std::string_view text = trimmed(bytes);
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (text.substr(0, 15) != "BEGIN:VCALENDAR") return fail(unreadable("no BEGIN:VCALENDAR"));
  if (text.size() < 28 || text.substr(text.size() - 13) != "END:VCALENDAR") {
    return fail(unreadable("cut short: no END:VCALENDAR at the end"));
  }
  if (bytes.find('\0') != std::string_view::npos) return fail(unreadable("it holds a zero byte"));
  const std::string whole = unfolded(text);
  LineChecker checker;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const auto newline = rest.find('\n');
    const char* problem = checker.check(trimmed(rest.substr(0, newline)));
    if (problem != nullptr) return fail(unreadable(problem));
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
  }
  if (!checker.is_balanced()) return fail(unreadable("BEGIN and END do not match"));
  return std::string(text);
}

}  // namespace openavail::calendar
