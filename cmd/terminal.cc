#include "cmd/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cmd/table.h"
#include "cmd/text.h"
#include "operations/operations.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr std::size_t kColumnsDefault = 110;
constexpr std::size_t kColumnsMin = 40;
constexpr std::size_t kColumnsMax = 1'000;

std::string dump(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::string cell(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_string()) return plain(value.get_ref<const std::string&>());
  if (value.is_array()) {
    std::string out;
    for (const json& element : value) out += (out.empty() ? "" : ",") + cell(element);
    return out.empty() ? "-" : out;
  }
  return plain(dump(value, -1));
}

std::string title_of(const std::string& name) {
  std::string title = name;
  for (char& c : title) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '_') c = ' ';
  }
  return title;
}

void put(const std::string& line) { std::printf("%s\n", line.c_str()); }

// What to do about an error that does not say so itself, by its exit code.
const char* usual_next(int exit_code) {
  switch (exit_code) {
    case 2:
      return "the command's --help shows examples";
    case 3:
      return "the list commands show what is there";
    case 4:
      return "ask an administrator for the key or the permission that this needs";
    case 6:
      return "wait, then ask again";
    case 10:
    case 11:
    case 12:
      return "ask for another time";
    case 13:
      return "openavail calendars check names what can't be read";
    case 20:
      return "compare with an export that was kept elsewhere";
    default:
      return "openavail doctor checks the installation";
  }
}

}  // namespace

bool is_output_whole() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

int report(const Globals& globals, const Error& error) {
  const int exit_code = operations::exit_code_of(error);
  report_body(globals, operations::wire_error(error), exit_code);
  if (!error.operator_detail().empty()) {
    std::fprintf(stderr, "openavail: %s\n", spoken(error.operator_detail()).c_str());
  }
  return exit_code;
}

void report_body(const Globals& globals, json body, int exit_code) {
  json& error = body.at("error");
  if (error.value("next", "").empty()) error["next"] = usual_next(exit_code);
  if (globals.form != OutputForm::table) return print_json(globals, body);
  std::fprintf(stderr, "openavail: %s\nhint: %s\n",
               spoken(error.at("message").get_ref<const std::string&>()).c_str(),
               spoken(error.at("next").get_ref<const std::string&>()).c_str());
}

void print_list(const Globals& globals, const json& rows, const std::vector<std::string>& columns) {
  if (globals.form == OutputForm::json) return put(dump(rows, 2));
  if (globals.form == OutputForm::jsonl) {
    for (const json& row : rows) put(dump(row, -1));
    return;
  }
  if (rows.empty()) return;
  Table table;
  for (const std::string& column : columns) table.titles.push_back(title_of(column));
  for (const json& row : rows) {
    auto& cells = table.rows.emplace_back();
    for (const std::string& column : columns) cells.push_back(cell(row.value(column, json())));
  }
  const Ink ink(STDOUT_FILENO);
  bool is_title = true;
  for (const std::string& line : lines_of(table, output_columns())) {
    put(is_title ? ink(Ink::Tone::bold, line) : line);
    is_title = false;
  }
}

void print_object(const Globals& globals, const json& object,
                  const std::vector<std::string>& names) {
  if (globals.form != OutputForm::table) return print_json(globals, object);
  std::vector<std::pair<std::string, std::string>> fields;
  for (const std::string& name : names) {
    const json value = object.value(name, json());
    if (value.is_null()) continue;
    std::string title = name;
    for (char& c : title) c = c == '_' ? ' ' : c;
    fields.emplace_back(title, cell(value));
  }
  print_fields(fields);
}

void print_json(const Globals& globals, const json& value) {
  put(dump(value, globals.form == OutputForm::jsonl ? -1 : 2));
}

void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  for (const std::string& line : lines_of(fields)) put(line);
}

void say(const Globals& globals, const std::string& line) {
  if (globals.form != OutputForm::table) return;
  std::fflush(stdout);  // in order, where both go to one place
  std::fprintf(stderr, "%s\n", line.c_str());
}

std::size_t output_columns() {
  std::size_t columns = 0;
  winsize size{};
  if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    columns = size.ws_col;
  } else if (const char* named = std::getenv("COLUMNS"); named != nullptr) {
    columns = std::strtoul(named, nullptr, 10);
  }
  return columns >= kColumnsMin && columns <= kColumnsMax ? columns : kColumnsDefault;
}

Ink::Ink(int fd) {
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  is_coloured_ = isatty(fd) != 0 && (none == nullptr || *none == 0) && terminal != nullptr &&
                 std::string_view(terminal) != "dumb";
}

std::string Ink::operator()(Tone tone, std::string_view text) const {
  if (!is_coloured_) return std::string(text);
  const char* code = "";
  switch (tone) {
    case Tone::bold:
      code = "1";
      break;
    case Tone::dim:
      code = "2";
      break;
    case Tone::red:
      code = "31";
      break;
    case Tone::green:
      code = "32";
      break;
    case Tone::yellow:
      code = "33";
      break;
    case Tone::cyan:
      code = "36";
      break;
  }
  return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
}

}  // namespace openavail::cmd
