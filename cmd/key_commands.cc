#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cmd/commands.h"
#include "keys/key_text.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

struct KeyOptions {
  std::string agent, label, ref, grace = "0s", key_file;
};

std::string state_of(const ports::Key& key, Instant now) {
  if (key.revoked_at) return "revoked " + time::format_instant(*key.revoked_at);
  if (!key.expires_at) return "valid";
  return (*key.expires_at <= now ? "expired " : "valid until ") +
         time::format_instant(*key.expires_at);
}

json to_json(const ports::Key& key, const std::string& agent) {
  const auto maybe = [](const std::optional<Instant>& t) {
    return t ? json(time::format_instant(*t)) : json(nullptr);
  };
  return {{"key_ref", key.ref.text()},
          {"agent", agent},
          {"agent_id", key.agent_id.text()},
          {"label", key.label},
          {"created_at", time::format_instant(key.created_at)},
          {"expires_at", maybe(key.expires_at)},
          {"revoked_at", maybe(key.revoked_at)}};
}

// "24h", "30m", "90s", "2d".
Result<std::chrono::seconds> duration_of(const std::string& text) {
  char unit = 0;
  int count = 0;
  char rest = 0;
  // Seven digits at most: nothing overflows, and no grace is that long.
  if (std::sscanf(text.c_str(), "%7d%c%c", &count, &unit, &rest) == 2 && count >= 0) {
    switch (unit) {
      case 's':
        return std::chrono::seconds(count);
      case 'm':
        return std::chrono::seconds(std::chrono::minutes(count));
      case 'h':
        return std::chrono::seconds(std::chrono::hours(count));
      case 'd':
        return std::chrono::seconds(std::chrono::hours(24 * count));
      default:
        break;
    }
  }
  return fail(ErrorCode::validation_failed, "not a duration: " + text, "write 30m, 24h or 2d");
}

// A file for a key that is yet to be made: a key that no file could take would be lost.
class KeyFile {
 public:
  // Errors: state_conflict if the file is there already, internal.
  static Result<KeyFile> make(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) return KeyFile(path, fd);
    if (errno == EEXIST) {
      return fail(ErrorCode::state_conflict, "the file " + path + " is there already",
                  "name a new file; keys are never written over another file");
    }
    return fail(ErrorCode::internal, path + " can't be made: " + std::strerror(errno),
                "check the folder and its mode");
  }
  KeyFile(KeyFile&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  KeyFile& operator=(KeyFile&&) = delete;
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  ~KeyFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }

  // Errors: internal; then the file is gone again.
  Status keep(const crypto::SecretText& key) {
    const std::string_view text = key.reveal();
    const bool is_written =
        ::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::write(fd_, "\n", 1) == 1 && ::fsync(fd_) == 0;
    if (!is_written) {
      return fail(ErrorCode::internal, path_ + " can't be written: " + std::strerror(errno),
                  "free disk space, then revoke this key and mint another");
    }
    ::close(std::exchange(fd_, -1));
    return {};
  }

 private:
  KeyFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

Status show_file(const Globals& globals, const service::MintedKey& minted,
                 const std::string& path) {
  const json object = {{"key_file", path},
                       {"key_ref", minted.key.ref.text()},
                       {"agent", minted.agent_name},
                       {"label", minted.key.label},
                       {"created_at", time::format_instant(minted.key.created_at)}};
  print_object(globals, object, {"key_file", "key_ref", "agent"});
  return {};
}

// The key alone on standard output, so that it can go straight into a file. A key that nobody could
// read must not stay valid.
Status show_key(const Globals& globals, service::Administration& admin,
                const service::MintedKey& minted) {
  if (globals.form != OutputForm::table) {
    print_json(globals, {{"key", std::string(minted.text.reveal())},
                         {"key_ref", minted.key.ref.text()},
                         {"agent", minted.agent_name},
                         {"label", minted.key.label},
                         {"created_at", time::format_instant(minted.key.created_at)}});
  } else {
    std::printf("%.*s\n", static_cast<int>(minted.text.reveal().size()),
                minted.text.reveal().data());
  }
  if (is_output_whole()) {
    say(globals, "shown once; its reference is " + minted.key.ref.text());
    return {};
  }
  OA_TRY_STATUS(admin.revoke_key(minted.key.ref));
  return fail(ErrorCode::internal, "the new key could not be shown whole, so it was revoked",
              "see where standard output goes, then mint another (openavail keys mint)");
}

std::optional<std::string> maybe(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// Mints by `make`, into the file where one is named.
template <class Make>
Status mint_with(const Globals& globals, const KeyOptions& o, const Make& make) {
  Installation installation(globals.data_directory);
  OA_TRY(const auto pepper, installation.pepper());
  if (o.key_file.empty()) {
    OA_TRY(const auto minted, make(installation.administration(), pepper));
    return show_key(globals, installation.administration(), minted);
  }
  OA_TRY(auto file, KeyFile::make(o.key_file));
  OA_TRY(const auto minted, make(installation.administration(), pepper));
  OA_TRY_STATUS(file.keep(minted.text));
  return show_file(globals, minted, o.key_file);
}

Status list_keys(const Globals& globals, const KeyOptions& o) {
  Installation installation(globals.data_directory);
  auto& admin = installation.administration();
  OA_TRY(const auto all, admin.keys(maybe(o.agent)));
  OA_TRY(const auto agents, admin.agents());
  const Instant now{SystemClock().wall_ms()};
  json rows = json::array();
  for (const auto& key : all) {
    std::string name;
    for (const auto& info : agents) {
      if (info.agent.id == key.agent_id) name = info.agent.name;
    }
    json row = to_json(key, name);
    if (globals.form == OutputForm::table) {
      row["state"] = state_of(key, now);
      if (key.label.empty()) row["label"] = nullptr;
    }
    rows.push_back(std::move(row));
  }
  print_list(globals, rows, {"key_ref", "agent", "label", "created_at", "state"});
  return {};
}

Status check_key(const Globals& globals, const KeyOptions& o) {
  const bool from_input = o.key_file.empty() && std::getenv("OPENAVAIL_API_KEY") == nullptr;
  OA_TRY(const std::string text, read_api_key(from_input ? "-" : o.key_file));
  const auto ref = keys::parse_key(text);
  if (!ref) {
    return fail(ErrorCode::unknown_api_key, "not the text of an Openavail key",
                "check that all of it was copied");
  }
  print_object(globals, {{"key_ref", ref->text()}}, {"key_ref"});
  return {};
}

}  // namespace

void add_key_commands(CLI::App& app, Globals& globals) {
  auto o = std::make_shared<KeyOptions>();
  CLI::App* keys = add_group(app, "keys", "Agents' keys: mint, list, revoke, rotate, check",
                             "  openavail keys mint --agent scheduler --key-file scheduler.key\n"
                             "  openavail keys list");
  CLI::App* mint = keys->add_subcommand("mint", "Make a key; it is shown once");
  mint->footer(
      footer("  openavail keys mint --agent scheduler --key-file scheduler.key\n"
             "  openavail keys mint --agent scheduler --label laptop --json",
             "0 done, 1 failed, 3 no such agent, 5 the file is there already"));
  mint->add_option("--agent", o->agent, "The agent's name")->required();
  mint->add_option("--label", o->label, "What the key is for");
  mint->add_option("--key-file", o->key_file,
                   "Write the key to this new file (0600) instead of standard output");
  mint->callback([&globals, o] {
    run(globals, [&] {
      return mint_with(globals, *o, [&](auto& administration, const auto& pepper) {
        return administration.mint_key(o->agent, o->label, pepper);
      });
    });
  });
  CLI::App* list = keys->add_subcommand("list", "List keys; never their secrets");
  list->footer(
      footer("  openavail keys list --agent scheduler", "0 done, 1 failed, 3 no such agent"));
  list->add_option("--agent", o->agent, "Only this agent's");
  list->callback([&globals, o] { run(globals, [&] { return list_keys(globals, *o); }); });
  CLI::App* revoke = keys->add_subcommand("revoke", "Revoke a key; the very next call is refused");
  revoke->footer(footer("  openavail keys revoke 4fQ0Xn2bLr8T",
                        "0 done, 1 failed, 3 not found, 5 revoked before"));
  revoke->add_option("ref", o->ref, "The key's reference (openavail keys list)")->required();
  revoke->callback([&globals, o] {
    run(globals, [&] {
      return Installation(globals.data_directory).administration().revoke_key(KeyRef(o->ref));
    });
  });
  CLI::App* rotate = keys->add_subcommand("rotate", "A new key for the same agent");
  rotate->footer(footer("  openavail keys rotate 4fQ0Xn2bLr8T --grace 24h --key-file new.key",
                        "0 done, 1 failed, 2 not valid, 3 not found, 5 revoked"));
  rotate->add_option("ref", o->ref, "The old key's reference")->required();
  rotate->add_option("--grace", o->grace,
                     "How long the old key still works: 30m, 24h, 2d; default: not at all");
  rotate->add_option("--key-file", o->key_file,
                     "Write the key to this new file (0600) instead of standard output");
  rotate->callback([&globals, o] {
    run(globals, [&]() -> Status {
      OA_TRY(const auto grace, duration_of(o->grace));
      return mint_with(globals, *o, [&](auto& administration, const auto& pepper) {
        return administration.rotate_key(KeyRef(o->ref), grace, pepper);
      });
    });
  });
  CLI::App* check = keys->add_subcommand("check", "Is this the text of a key? Offline");
  check->footer(
      footer("  openavail keys check < scheduler.key\n"
             "  openavail keys check --key-file scheduler.key",
             "0 form and checksum are right, 4 not"));
  check->add_option("--key-file", o->key_file,
                    "A file, or - for standard input; else OPENAVAIL_API_KEY, else standard input");
  check->callback([&globals, o] { run(globals, [&] { return check_key(globals, *o); }); });
}

}  // namespace openavail::cmd
