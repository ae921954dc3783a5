// Completion scripts, made from the command tree itself, so that they can't fall behind it.
#include <cstdio>

#include "cmd/commands.h"

namespace openavail::cmd {
namespace {

std::vector<CLI::App*> children_of(CLI::App* app) {
  return app->get_subcommands([](CLI::App*) { return true; });
}

std::string words_of(CLI::App* app) {
  std::string words;
  for (CLI::App* child : children_of(app)) words += child->get_name() + " ";
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  }
  if (!words.empty()) words.pop_back();
  return words;
}

// One case for each command: its path of names, and what may follow.
void add_cases(CLI::App* app, const std::string& path, std::string& out) {
  out += "    \"" + path + "\") words=\"" + words_of(app) + "\" ;;\n";
  for (CLI::App* child : children_of(app)) {
    add_cases(child, path.empty() ? child->get_name() : path + " " + child->get_name(), out);
  }
}

std::string bash_script(CLI::App* root) {
  std::string cases;
  add_cases(root, "", cases);
  return "_openavail_words() {\n  local words\n  case \"$1\" in\n" + cases +
         "    *) return 1 ;;\n  esac\n  printf '%s' \"$words\"\n}\n"
         "_openavail() {\n"
         "  local path=\"\" next word current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    next=\"${path:+$path }$word\"\n"
         "    if _openavail_words \"$next\" >/dev/null; then path=\"$next\"; fi\n"
         "  done\n"
         "  COMPREPLY=($(compgen -W \"$(_openavail_words \"$path\")\" -- \"$current\"))\n"
         "  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- \"$current\")); fi\n"
         "}\n"
         "complete -F _openavail openavail\n";
}

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

void add_fish_lines(CLI::App* app, const std::string& condition, std::string& out) {
  const std::string start = "complete -c openavail -n " + fish_quoted(condition);
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    for (const std::string& name : option->get_lnames()) {
      out += start + " -l " + name + " -d " + fish_quoted(option->get_description()) + "\n";
    }
  }
  std::string names;
  for (CLI::App* child : children_of(app)) names += " " + child->get_name();
  if (names.empty()) return;
  const bool is_root = app->get_parent() == nullptr;
  const std::string here = is_root ? "__fish_use_subcommand"
                                   : condition + "; and not __fish_seen_subcommand_from" + names;
  for (CLI::App* child : children_of(app)) {
    out += "complete -c openavail -f -n " + fish_quoted(here) + " -a " + child->get_name() +
           " -d " + fish_quoted(child->get_description()) + "\n";
    const std::string seen = "__fish_seen_subcommand_from " + child->get_name();
    add_fish_lines(child, is_root ? seen : condition + "; and " + seen, out);
  }
}

}  // namespace

void add_completion_command(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Print a shell's completion script");
  completion->footer(
      footer("  openavail completion bash > ~/.local/share/bash-completion/completions/openavail",
             "0 done, 2 no such shell"));
  completion->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, shell] {
    std::string script;
    if (*shell == "fish") {
      add_fish_lines(&app, "true", script);
    } else {
      if (*shell == "zsh")
        script = "#compdef openavail\nautoload -U +X bashcompinit && bashcompinit\n";
      script += bash_script(&app);
    }
    std::fputs(script.c_str(), stdout);
  });
}

}  // namespace openavail::cmd
