#include "cmd/text.h"

#include <locale.h>
#include <wchar.h>

#include <cctype>

namespace openavail::cmd {
namespace {

constexpr wchar_t kInvalid = 0xFFFD;

// wcwidth and mbrtowc know UTF-8 only in a locale that has it; the process itself keeps "C".
class Utf8 {
 public:
  Utf8() : before_(uselocale(locale())) {}
  ~Utf8() { uselocale(before_); }
  Utf8(const Utf8&) = delete;
  Utf8& operator=(const Utf8&) = delete;

 private:
  static locale_t locale() {
    static const locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    return made;
  }
  locale_t before_;
};

// Calls visit(bytes, code) for each character; what is no UTF-8 comes as U+FFFD, a byte at a time.
template <class Visit>
void each_character(std::string_view text, const Visit& visit) {
  const Utf8 utf8;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t code = 0;
    std::size_t length = mbrtowc(&code, text.data(), text.size(), &state);
    if (length == 0) length = 1;  // NUL
    if (length > text.size()) {   // invalid, or cut off
      length = 1;
      code = kInvalid;
      state = {};
    }
    visit(text.substr(0, length), code);
    text.remove_prefix(length);
  }
}

bool is_control(wchar_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

bool turns_direction(wchar_t c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

std::size_t width_of(wchar_t code) {
  const int width = wcwidth(code);
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

// "ak_…" instead of a key: an error may repeat an argument, and a log may keep the error.
std::string without_keys(std::string_view text) {
  constexpr std::string_view kPrefix = "ak_";
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find(kPrefix);
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + kPrefix.size());
    std::size_t length = 0;
    while (length < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[length])) != 0 || text[length] == '_')) {
      ++length;
    }
    out += std::string(kPrefix) + (length > 0 ? "…" : "");
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  each_character(text, [&](std::string_view bytes, wchar_t code) {
    if (turns_direction(code)) return;
    if (is_control(code)) {
      out += ' ';
    } else if (code == kInvalid) {
      out += "\xef\xbf\xbd";
    } else {
      out += bytes;
    }
  });
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  each_character(text, [&](std::string_view, wchar_t code) { width += width_of(code); });
  return width;
}

std::string padded(std::string_view text, std::size_t columns) {
  const std::size_t width = display_width(text);
  return std::string(text) + std::string(width < columns ? columns - width : 0, ' ');
}

std::string spoken(std::string_view text) {
  std::string out = without_keys(plain(text));
  while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  // "The key" but not "RFC 3339" and not "I/O".
  if (out.size() > 1 && is_upper(out[0]) && (out[1] == ' ' || (out[1] >= 'a' && out[1] <= 'z'))) {
    out[0] = static_cast<char>(out[0] - 'A' + 'a');
  }
  return out;
}

}  // namespace openavail::cmd
