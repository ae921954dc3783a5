// Weekly rows as a person types them on the command line.
#include <array>
#include <cstddef>

#include "base/limits.h"
#include "base/utf8.h"
#include "policy/clock_text.h"
#include "policy/rules.h"

namespace openavail::policy {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::uint8_t kEveryDay = 0x7f;

Error bad_row(std::string_view text, const std::string& why) {
  return Error(ErrorCode::validation_failed,
               "\"" + std::string(text.substr(0, 80)) + "\" is no weekly row: " + why,
               "write it as 'Mon-Fri 09:00-17:00', 'Sat,Sun 10:00-14:00 Europe/Paris' or "
               "'Mon-Fri 12:00-13:00 Lunch'");
}

bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  }
  return true;
}

std::optional<unsigned> day_from_text(std::string_view text) {
  for (unsigned day = 0; day < kDays.size(); ++day) {
    if (same_letters(text, kDays[day])) return day;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> days_from_text(std::string_view text) {
  if (same_letters(text, "Daily")) return kEveryDay;
  unsigned days = 0;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const std::optional<unsigned> first = day_from_text(part.substr(0, dash));
    const std::optional<unsigned> last =
        dash == std::string_view::npos ? first : day_from_text(part.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    for (unsigned day = *first;; day = (day + 1) % 7) {  // "Fri-Mon" runs over the week's end
      days |= 1u << day;
      if (day == *last) break;
    }
    if (comma == std::string_view::npos) return static_cast<std::uint8_t>(days);
    text.remove_prefix(comma + 1);
  }
}

std::string days_to_text(std::uint8_t days) {
  if (days == kEveryDay) return "Daily";
  std::string out;
  const auto has = [days](unsigned i) { return i < 7 && ((days >> ((i + 1) % 7)) & 1u) != 0; };
  for (unsigned i = 0; i < 7; ++i) {  // i counts from Monday
    if (!has(i)) continue;
    unsigned last = i;
    while (has(last + 1)) ++last;
    if (!out.empty()) out += ",";
    out += kDays[(i + 1) % 7];
    if (last == i + 1) out += "," + std::string(kDays[(last + 1) % 7]);
    if (last > i + 1) out += "-" + std::string(kDays[(last + 1) % 7]);
    i = last;
  }
  return out;
}

// Cuts the next word off the front of `text`.
std::string_view next_word(std::string_view& text) {
  const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(start);
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

Result<WeeklyRow> parse_weekly_row(std::string_view text) {
  std::string_view rest = text;
  const std::string_view days_word = next_word(rest);
  const std::string_view times_word = next_word(rest);
  const std::optional<std::uint8_t> days = days_from_text(days_word);
  if (!days) return fail(bad_row(text, "days are Mon, Tue, Wed, Thu, Fri, Sat, Sun or Daily"));
  const std::size_t dash = times_word.find('-');
  if (dash == std::string_view::npos) {
    return fail(bad_row(text, "a start and an end time are needed"));
  }
  const std::optional<int> start = minutes_from_clock(times_word.substr(0, dash));
  const std::optional<int> end = minutes_from_clock(times_word.substr(dash + 1));
  if (!start || !end || *start == 1440) {
    return fail(bad_row(text, "times have the form HH:MM, from 00:00 to 24:00"));
  }
  WeeklyRow row;
  row.days = *days;
  row.start_minutes = *start;
  row.end_minutes = *end == 0 ? 1440 : *end;
  std::string_view label = trimmed(rest);
  const std::size_t space = label.rfind(' ');
  const std::string_view last = space == std::string_view::npos ? label : label.substr(space + 1);
  if (looks_like_zone(last)) {
    row.timezone = std::string(last);
    label = trimmed(label.substr(0, label.size() - last.size()));
  }
  if (label.size() > limits::kNameBytesMax) return fail(bad_row(text, "the label is too long"));
  if (!is_utf8(label)) return fail(bad_row(text, "the label is not UTF-8"));
  for (const char c : label) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return fail(bad_row(text, "the label holds a control character"));
    }
  }
  row.label = std::string(label);
  return row;
}

std::string to_text(const WeeklyRow& row) {
  std::string out = days_to_text(row.days) + " " + clock_from_minutes(row.start_minutes) + "-" +
                    clock_from_minutes(row.end_minutes);
  if (!row.label.empty()) out += " " + row.label;
  if (row.timezone) out += " " + *row.timezone;
  return out;
}

}  // namespace openavail::policy
