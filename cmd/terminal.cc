#include "cmd/terminal.h"

#include <algorithm>
#include <cstdio>

#include "base/utf8.h"
#include "operations/operations.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

// Control characters (also the second set, which terminals obey), line and paragraph separators,
// and what changes the direction of writing.
bool steers(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return plain(value.get<std::string>());
  if (value.is_array()) {
    std::string out;
    for (const json& element : value) out += (out.empty() ? "" : ",") + cell(element);
    return out.empty() ? "-" : out;
  }
  return plain(dump(value, -1));
}

void put(const std::string& line) { std::printf("%s\n", line.c_str()); }

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
