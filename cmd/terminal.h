// The voice of the terminal. Data goes to standard output, everything else to standard error: one line
// `openavail: …`, lower case, no full stop, and a `hint:` line that says what to do. With --json an
// error is the contract's object on standard output, with `next` in it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace openavail::cmd {

enum class OutputForm { table, json, jsonl };

struct Globals {
  std::string data_directory;
  OutputForm form = OutputForm::table;
  int exit_code = 0;
  std::optional<std::string> default_owner;  // of MCP calls, from config.toml
};

// Prints an error in the chosen form and returns its exit code.
int report(const Globals& globals, const Error& error);

// A list: an aligned table, one JSON array, or one object per line. `columns` name the members that a
// table shows.
void print_list(const Globals& globals, const nlohmann::json& rows,
                const std::vector<std::string>& columns);
// One object: `name: value` lines, or JSON.
void print_object(const Globals& globals, const nlohmann::json& object);
// A line for the person at the terminal; nothing with --json.
void say(const Globals& globals, const std::string& line);

// Text on one line, without what could steer a terminal or turn its reading round: control characters
// of every kind, line separators, marks of writing direction, bytes that are not UTF-8. For tables,
// errors and the log.
std::string plain(const std::string& text);

// Has all that was printed so far reached standard output?
bool is_output_whole();

}  // namespace openavail::cmd
