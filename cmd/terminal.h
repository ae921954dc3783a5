// The voice of the terminal. Data goes to standard output, everything else to standard error: one
// line `openavail: …`, lower case, no full stop, and a `hint:` line that says what to do. With
// --json an error is the contract's object on standard output, with `next` in it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace openavail::cmd {

enum class OutputForm { table, json, jsonl };

struct Globals {
  std::string data_directory;
  std::string server;   // --server; empty: the data directory
  std::string ca_file;  // --ca-file
  OutputForm form = OutputForm::table;
  int exit_code = 0;
  std::optional<std::string> default_owner;  // of MCP calls, from config.toml
};

// Prints an error in the chosen form and returns its exit code.
int report(const Globals& globals, const Error& error);
// The same for an error that is a wire body already; the caller has its exit code.
void report_body(const Globals& globals, nlohmann::json body, int exit_code);

// A list: an aligned table, one JSON array, or one object per line. `columns` name the members that
// a table shows, in that order.
void print_list(const Globals& globals, const nlohmann::json& rows,
                const std::vector<std::string>& columns);
// One object: aligned `name:  value` lines of the members that `names` lists (null ones left out),
// or JSON.
void print_object(const Globals& globals, const nlohmann::json& object,
                  const std::vector<std::string>& names);
// JSON whatever the form: one line with jsonl.
void print_json(const Globals& globals, const nlohmann::json& value);
// Aligned `name:  value` lines on standard output.
void print_fields(const std::vector<std::pair<std::string, std::string>>& fields);
// A line for the person at the terminal, on standard error; nothing with --json.
void say(const Globals& globals, const std::string& line);

// Columns that tables may use: the terminal's, else COLUMNS, else 110.
std::size_t output_columns();

// Colours for a file descriptor: none unless it is a terminal, NO_COLOR is unset or empty and TERM
// is not "dumb" (https://no-color.org).
class Ink {
 public:
  explicit Ink(int fd);
  enum class Tone { bold, dim, red, green, yellow, cyan };
  std::string operator()(Tone tone, std::string_view text) const;

 private:
  bool is_coloured_;
};

// Has all that was printed so far reached standard output?
bool is_output_whole();

}  // namespace openavail::cmd
