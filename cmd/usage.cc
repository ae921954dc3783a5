// Help texts, and what is said of a command line that could not be understood.
#include <algorithm>
#include <cstring>

#include "base/nearest.h"
#include "cmd/commands.h"
#include "cmd/text.h"

namespace openavail::cmd {
namespace {

constexpr std::size_t kHelpColumns = 100;

std::vector<CLI::App*> children_of(CLI::App* app) {
  return app->get_subcommands([](CLI::App*) { return true; });
}

CLI::App* child_named(CLI::App* app, const std::string& name) {
  for (CLI::App* child : children_of(app)) {
    if (child->get_name() == name) return child;
  }
  return nullptr;
}

// "keys mint"
std::string path_of(const CLI::App* app) {
  std::string path;
  for (; app->get_parent() != nullptr; app = app->get_parent()) {
    path = app->get_name() + (path.empty() ? "" : " " + path);
  }
  return path;
}

// Options of a command and of all above it: those are understood everywhere.
std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string help_of(const CLI::App* app) {
  const std::string path = path_of(app);
  return "openavail " + (path.empty() ? "" : path + " ") + "--help shows examples";
}

// Where the words of a command line lead, and the first word or option that leads nowhere.
struct Walk {
  CLI::App* app;
  std::string stranger;
  bool is_option = false;
};

Walk walk(CLI::App* app, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) == 0 && word.size() > 2) {
      const std::string name = word.substr(0, word.find('='));
      const auto known = options_of(app);
      if (std::find(known.begin(), known.end(), name) == known.end()) return {app, name, true};
      const CLI::Option* option = nullptr;
      for (CLI::App* at = app; at != nullptr && option == nullptr; at = at->get_parent()) {
        option = at->get_option_no_throw(name);
      }
      const bool takes_value = option != nullptr && option->get_items_expected_max() > 0;
      if (takes_value && word.find('=') == std::string::npos) ++i;
      continue;
    }
    if (children_of(app).empty()) continue;  // positional arguments of a command
    CLI::App* next = child_named(app, word);
    if (next == nullptr) return {app, word, false};
    app = next;
  }
  return {app, "", false};
}

}  // namespace

std::string footer(const std::string& examples, const std::string& exit_codes) {
  std::string codes = "Exit codes:";
  std::size_t column = codes.size();
  for (std::size_t at = 0; at < exit_codes.size();) {
    const std::size_t comma = exit_codes.find(", ", at);
    const std::string one =
        exit_codes.substr(at, comma == exit_codes.npos ? comma : comma + 1 - at);
    if (column + 1 + one.size() > kHelpColumns) {
      codes += "\n ";
      column = 1;
    }
    codes += " " + one;
    column += 1 + one.size();
    at = comma == exit_codes.npos ? exit_codes.size() : comma + 2;
  }
  return "Everywhere: --data-dir, --output table|json|jsonl, --json\n\nExamples:\n" + examples +
         "\n\n" + codes;
}

CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& what,
                    const std::string& examples) {
  CLI::App* group = app.add_subcommand(name, what);
  group->require_subcommand(1);
  group->footer(footer(examples, "those of its subcommands; 2 usage"));
  return group;
}

Error usage_error(CLI::App& app, int argc, const char* const* argv, const CLI::ParseError& error) {
  const Walk found = walk(&app, argc, argv);
  const std::string help = help_of(found.app);
  const auto near = [&](const std::vector<std::string>& known) {
    const std::string nearest = nearest_name(found.stranger, known);
    return nearest.empty() ? help : "did you mean " + nearest + "? " + help;
  };
  if (!found.stranger.empty() && found.is_option) {
    std::string hint = near(options_of(found.app));
    if (found.stranger.find("key") != std::string::npos &&
        found.stranger.find("api") != std::string::npos) {
      hint = "a key comes from OPENAVAIL_API_KEY, --key-file or standard input, never an argument";
    }
    return Error(ErrorCode::validation_failed, "there is no option " + found.stranger, hint);
  }
  if (!found.stranger.empty()) {
    std::vector<std::string> known;
    for (const CLI::App* child : children_of(found.app)) known.push_back(child->get_name());
    const std::string path = path_of(found.app);
    return Error(ErrorCode::validation_failed,
                 "there is no command " + (path.empty() ? "" : path + " ") + found.stranger,
                 near(known));
  }
  return Error(ErrorCode::validation_failed, spoken(error.what()), help);
}

}  // namespace openavail::cmd
