#include "cmd/terminal.h"

#include <algorithm>
#include <cstdio>

#include "operations/operations.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool is_valid = false;
};

// The UTF-8 character at `at`; one byte that is not valid where there is none.
Character character_at(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  constexpr char32_t kFirst[] = {0, 0, 0x80, 0x800, 0x10000};  // shorter ways to write are not valid
  if (lead < 0xc2 || lead > 0xf4 || at + bytes > text.size()) return {};
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kFirst[bytes] || code > 0x10ffff || is_surrogate) return {};
  return {code, bytes, true};
}

// Control characters (also the second set, which terminals obey), line and paragraph separators,
// and what changes the direction of writing.
bool steers(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return plain(value.get<std::string>());
  if (value.is_array()) {
    std::string out;
    for (const json& element : value) out += (out.empty() ? "" : ",") + cell(element);
    return out.empty() ? "-" : out;
  }
  return plain(value.dump());
}

void put(const std::string& line) { std::printf("%s\n", line.c_str()); }

std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string plain(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    if (!character.is_valid) {
      out += '?';
    } else if (steers(character.code)) {
      out += ' ';
    } else {
      out.append(text, i, character.bytes);
    }
    i += character.bytes;
  }
  return out;
}

bool is_output_whole() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

int report(const Globals& globals, const Error& error) {
  if (globals.form != OutputForm::table) {
    put(dump(operations::wire_error(error), globals.form == OutputForm::json ? 2 : -1));
  } else {
    std::fprintf(stderr, "openavail: %s\n", plain(error.message()).c_str());
    if (!error.next().empty()) std::fprintf(stderr, "hint: %s\n", plain(error.next()).c_str());
  }
  if (!error.operator_detail().empty()) {
    std::fprintf(stderr, "openavail: %s\n", plain(error.operator_detail()).c_str());
  }
  return operations::exit_code_of(error);
}

void print_list(const Globals& globals, const json& rows, const std::vector<std::string>& columns) {
  if (globals.form == OutputForm::json) return put(dump(rows, 2));
  if (globals.form == OutputForm::jsonl) {
    for (const json& row : rows) put(dump(row, -1));
    return;
  }
  if (rows.empty()) return;
  std::vector<std::size_t> widths;
  for (const std::string& column : columns) {
    std::size_t width = column.size();
    for (const json& row : rows) width = std::max(width, cell(row.value(column, json())).size());
    widths.push_back(width);
  }
  const auto line = [&](const auto& text_of) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::string text = text_of(columns[i]);
      if (i + 1 < columns.size()) text.resize(std::max(text.size(), widths[i]) + 2, ' ');
      out += text;
    }
    put(out);
  };
  line([](const std::string& column) {
    std::string title = column;
    for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return title;
  });
  for (const json& row : rows) {
    line([&](const std::string& column) { return cell(row.value(column, json())); });
  }
}

void print_object(const Globals& globals, const json& object) {
  if (globals.form == OutputForm::json) return put(dump(object, 2));
  if (globals.form == OutputForm::jsonl) return put(dump(object, -1));
  for (const auto& [name, value] : object.items()) put(name + ": " + cell(value));
}

void say(const Globals& globals, const std::string& line) {
  if (globals.form == OutputForm::table) std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace openavail::cmd
