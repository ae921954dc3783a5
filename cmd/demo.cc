#include "cmd/demo.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>
#include <map>
#include <set>
#include <thread>

#include "audit/export_verifier.h"
#include "audit/signing_key.h"
#include "cmd/demo_calendar.h"
#include "cmd/demo_day.h"
#include "cmd/installation.h"
#include "cmd/mcp_child.h"
#include "cmd/owner_zone.h"
#include "cmd/terminal.h"
#include "cmd/text.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;
using Tone = Ink::Tone;

constexpr const char* kOwner = "jane@example.org";
constexpr const char* kZone = "Europe/Paris";
constexpr const char* kWorkingHours = "Mon-Fri 09:00-18:00";
constexpr const char* kLunch = "Mon-Fri 12:00-13:00 Lunch";
constexpr int kHourInTurn = 9;
constexpr int kHourAtOnce = 16;
constexpr std::chrono::minutes kMeeting{30};

struct DemoAgent {
  const char* name;
  std::vector<std::string> permissions;
  const char* meeting_class;
  const char* title;
  // What the rules must answer when they ask one after the other, in this order.
  const char* verdict;
  const char* reason;
  std::string key;
};

// One agent's answer, whichever door it came through.
struct Answer {
  std::string verdict;  // Accept, Preempt, CounterPropose, Reject
  std::string reason;   // blocking reason or error code; empty when booked
  std::size_t displaced = 0;
  std::vector<json> alternatives;  // start and end
  std::string audit_row_id;        // none where nothing was decided
  std::int64_t ms = 0;

  bool is_booked() const { return verdict == "Accept" || verdict == "Preempt"; }
};

// The command line says snake_case, MCP camelCase.
json member(const json& body, const char* snake, const char* camel) {
  if (body.contains(snake)) return body.at(snake);
  return body.value(camel, json());
}

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : ""; }

Answer answer_of(bool ok, const json& body, std::int64_t ms) {
  Answer answer;
  answer.ms = ms;
  answer.audit_row_id = text_of(member(body, "audit_row_id", "auditRowId"));
  if (ok) {
    const json displaced = member(body, "displaced_bookings", "displacedBookings");
    answer.displaced = displaced.size();
    answer.verdict = answer.displaced > 0 ? "Preempt" : "Accept";
    return answer;
  }
  const json& error = body.at("error");
  const std::string code = error.is_object() ? error.value("code", "") : error.get<std::string>();
  const std::string reason =
      error.is_object() ? error.value("reason", "") : text_of(body.value("reason", json()));
  const std::string blocking = text_of(member(body, "blocking_reason", "blockingReason"));
  answer.verdict = reason == "COUNTER_PROPOSED" ? "CounterPropose" : "Reject";
  answer.reason = blocking.empty() ? code : blocking;
  for (const json& one : body.value("alternatives", json::array()))
    answer.alternatives.push_back(one);
  return answer;
}

std::int64_t ms_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               began)
      .count();
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

Tone tone_of(const std::string& verdict) {
  if (verdict == "Accept") return Tone::green;
  if (verdict == "Preempt") return Tone::yellow;
  return verdict == "CounterPropose" ? Tone::cyan : Tone::red;
}

// What has to be typed to run this same binary.
std::string own_name() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const char* path = std::getenv("PATH");
  std::string folder;
  for (const char* c = path != nullptr ? path : ""; !error; ++c) {
    if (*c != 0 && *c != ':') {
      folder += *c;
      continue;
    }
    const auto candidate = std::filesystem::path(folder) / "openavail";
    std::error_code ignored;
    if (!folder.empty() && std::filesystem::exists(candidate, ignored)) {
      // Only the first one on the PATH is what the shell would run.
      if (std::filesystem::equivalent(candidate, self, ignored)) return "openavail";
      break;
    }
    folder.clear();
    if (*c == 0) break;
  }
  return error ? "openavail" : self.string();
}

class Demo {
 public:
  explicit Demo(std::filesystem::path folder)
      : folder_(std::move(folder)), zone_(*time::Zone::open(kZone)), ink_(STDOUT_FILENO) {}

  Status run() {
    OA_TRY_STATUS(set_up());
    introduce();
    heading("Tuesday " + tuesday_.text() + " before");
    OA_TRY_STATUS(show_day().map([](const auto&) {}));
    heading("One after the other, all want 09:00-09:30");
    OA_TRY_STATUS(ask_in_turn());
    heading("All at the same moment, from five processes through MCP, all want 16:00-16:30");
    OA_TRY_STATUS(ask_at_once());
    heading("Tuesday " + tuesday_.text() + " after");
    OA_TRY_STATUS(check_day());
    heading("The audit log");
    OA_TRY_STATUS(show_audit());
    heading("To set up for real");
    show_next();
    return {};
  }

 private:
  void heading(const std::string& text) {
    std::printf("\n%s\n\n", ink_(Tone::bold, text).c_str());
    std::fflush(stdout);
  }

  // Said aloud when it is so; otherwise the demo fails.
  Status claim(bool is_true, const std::string& what) {
    if (!is_true) return fail(ErrorCode::internal, "the demo claims what is not so: " + what);
    std::printf("  %s %s\n", ink_(Tone::green, "✓").c_str(), what.c_str());
    return {};
  }

  Status set_up() {
    const std::string data = (folder_ / "data").string();
    const std::filesystem::path calendar = folder_ / "calendar";
    std::filesystem::create_directories(calendar);
    OA_TRY_STATUS(Installation::make(data));
    installation_ = std::make_unique<Installation>(data);
    // A Tuesday at least a week ahead, so that nothing here is ever in the past.
    tuesday_ = zone_.date_of({SystemClock().wall_ms()}) + 7;
    while (tuesday_.weekday() != 2) tuesday_ = tuesday_ + 1;
    for (const auto& [name, bytes] : demo_calendar(tuesday_, kOwner)) {
      std::ofstream(calendar / name) << bytes;
    }
    auto& admin = installation_->administration();
    OA_TRY_STATUS(admin.add_owner(kOwner, kZone, {}));
    OA_TRY_STATUS(admin.add_calendar(
        {kOwner, ports::CalendarType::work, "vdir", calendar.string(), std::nullopt, true}));
    OA_TRY_STATUS(admin.set_rules(kOwner, [](policy::RuleLayer& layer) -> Status {
      OA_TRY(auto hours, policy::parse_weekly_row(kWorkingHours));
      OA_TRY(auto lunch, policy::parse_weekly_row(kLunch));
      layer.working_hours = policy::Field<std::vector<policy::WeeklyRow>>::of({hours});
      layer.hard_blocks = policy::Field<std::vector<policy::WeeklyRow>>::of({lunch});
      return {};
    }));
    OA_TRY(const auto pepper, installation_->pepper());
    for (DemoAgent& agent : agents_) {
      OA_TRY(const auto permissions, policy::PermissionSet::from_names(agent.permissions));
      OA_TRY_STATUS(admin.register_agent(agent.name, permissions, {kOwner}));
      OA_TRY(const auto minted, admin.mint_key(agent.name, "demo", pepper));
      agent.key = std::string(minted.text.reveal());
    }
    return {};
  }

  void introduce() {
    heading("Five agents, one calendar");
    std::printf("  %s works %s (%s).\n", kOwner, kWorkingHours, kZone);
    std::printf("  Blocked every week: %s.\n", kLunch);
    std::printf("  Her calendar is a folder of iCalendar files: %s\n",
                (folder_ / "calendar").c_str());
    std::printf(
        "  Classes, the higher displaces the lower: Critical, Important, Regular, Tentative.\n\n");
    for (const DemoAgent& agent : agents_) {
      std::printf("  %s wants %s %s %s\n", padded(agent.name, 7).c_str(),
                  padded(agent.title, 16).c_str(), padded(agent.meeting_class, 10).c_str(),
                  ink_(Tone::dim, "may " + joined(agent.permissions)).c_str());
    }
  }

  Interval slot(int hour) const {
    const Instant start = zone_.at(tuesday_, hour * 3600);
    return {start, start + kMeeting};
  }

  json booking_input(const DemoAgent& agent, int hour) const {
    return {{"start", time::format_instant(slot(hour).start)},
            {"end", time::format_instant(slot(hour).end)},
            {"meeting_class", agent.meeting_class},
            {"title", agent.title}};
  }

  void tell(const DemoAgent& agent, const Answer& answer) {
    std::string why = answer.reason;
    if (answer.verdict == "Accept") why = "booked";
    if (answer.verdict == "Preempt") {
      why = "booked, displaces " + std::to_string(answer.displaced) +
            (answer.displaced == 1 ? " meeting" : " meetings");
    }
    std::string times;
    for (std::size_t i = 0; i < answer.alternatives.size() && i < 3; ++i) {
      times +=
          (i == 0 ? "" : ", ") +
          clock_of(zone_,
                   *time::parse_instant(answer.alternatives[i].at("start").get<std::string>()));
    }
    if (!times.empty()) why += "; free: " + times + ", …";
    std::printf("  %s %s %s %s ms\n", padded(agent.name, 7).c_str(),
                ink_(tone_of(answer.verdict), padded(answer.verdict, 14)).c_str(),
                padded(why, 58).c_str(), ink_(Tone::dim, right(answer.ms)).c_str());
    std::fflush(stdout);
    if (!answer.audit_row_id.empty()) audit_rows_.insert(answer.audit_row_id);
  }

  static std::string right(std::int64_t ms) {
    char text[24];
    std::snprintf(text, sizeof text, "%4lld", static_cast<long long>(ms));
    return text;
  }

  operations::Outcome ask(const DemoAgent& agent, const char* tool, json input) {
    service::Call call;
    call.request_id = installation_->new_request_id();
    return installation_->operations().run(tool, std::move(input), agent.key, call);
  }

  Status ask_in_turn() {
    std::vector<Answer> answers;
    for (const DemoAgent& agent : agents_) {
      const auto began = std::chrono::steady_clock::now();
      const auto outcome = ask(agent, "create-event", booking_input(agent, kHourInTurn));
      answers.push_back(answer_of(outcome.ok, outcome.body, ms_since(began)));
      tell(agent, answers.back());
    }
    std::printf("\n");
    bool as_expected = true;
    std::size_t offered = 0;
    bool all_accepted = true;
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      as_expected = as_expected && answers[i].verdict == agents_[i].verdict &&
                    answers[i].reason == agents_[i].reason;
      if (answers[i].verdict == "CounterPropose" && answers[i].alternatives.empty()) {
        all_accepted = false;
      }
      for (const json& one : answers[i].alternatives) {
        const auto outcome = ask(agents_[i], "simulate",
                                 {{"start", one.at("start")},
                                  {"end", one.at("end")},
                                  {"meeting_class", agents_[i].meeting_class}});
        all_accepted = all_accepted && outcome.ok && outcome.body.at("decision") == "Accept";
        ++offered;
      }
    }
    OA_TRY_STATUS(
        claim(as_expected, "each verdict and each reason is the one that the rules give"));
    OA_TRY_STATUS(claim(all_accepted && offered > 0,
                        "each of the " + std::to_string(offered) +
                            " times offered instead would be accepted (simulate)"));
    return check_winner(kHourInTurn, answers);
  }

  Status ask_at_once() {
    std::vector<McpChild> children;
    for (const DemoAgent& agent : agents_) {
      OA_TRY(auto child, McpChild::start((folder_ / "data").string(), agent.key));
      children.push_back(std::move(child));
    }
    std::vector<json> messages(agents_.size());
    std::vector<std::int64_t> times(agents_.size());
    std::latch ready(static_cast<std::ptrdiff_t>(agents_.size()));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      threads.emplace_back([&, i] {
        // Each process is up before the first one asks.
        children[i].send({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/list"}});
        children[i].receive();
        ready.arrive_and_wait();
        const auto began = std::chrono::steady_clock::now();
        children[i].send(
            {{"jsonrpc", "2.0"},
             {"id", 2},
             {"method", "tools/call"},
             {"params",
              {{"name", "create-event"}, {"arguments", booking_input(agents_[i], kHourAtOnce)}}}});
        messages[i] = children[i].receive();
        times[i] = ms_since(began);
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      if (!messages[i].is_object() || !messages[i].contains("result")) {
        return fail(ErrorCode::internal, std::string("no answer came to ") + agents_[i].name);
      }
      const json& result = messages[i].at("result");
      const json body = json::parse(result.at("content").at(0).at("text").get<std::string>());
      answers.push_back(answer_of(!result.at("isError").get<bool>(), body, times[i]));
    }
    std::vector<std::size_t> order{0, 1, 2, 3, 4};
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return answers[a].ms < answers[b].ms; });
    for (const std::size_t i : order) tell(agents_[i], answers[i]);
    std::printf("\n");
    OA_TRY_STATUS(claim(answers.size() == agents_.size(), "every agent was answered"));
    return check_winner(kHourAtOnce, answers);
  }

  // Who stands in the files at that hour: one, the highest class that may displace, and it was told
  // so. Whoever was told "booked" and does not stand there is marked as displaced.
  Status check_winner(int hour, const std::vector<Answer>& answers) {
    OA_TRY(const auto events, read_day(folder_ / "calendar", tuesday_, zone_, kOwner));
    std::vector<std::string> standing;
    std::multiset<std::string> displaced;
    for (const DayEvent& event : events) {
      if (!event.interval.overlaps(slot(hour))) continue;
      if (event.is_busy) standing.push_back(event.title);
      if (event.is_displaced) displaced.insert(event.title);
    }
    std::string winner;
    std::multiset<std::string> losers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].is_booked()) continue;
      if (std::string_view(agents_[i].meeting_class) == "Critical") {
        winner = agents_[i].title;
      } else {
        losers.insert(std::string("[Displaced] ") + agents_[i].title);
      }
    }
    OA_TRY_STATUS(claim(standing.size() == 1 && standing.front() == winner,
                        "one meeting stands there in the files, and the right one: " + winner));
    return claim(displaced == losers, losers.empty()
                                          ? "nobody else was told that the time is theirs"
                                          : "who was booked before is shown as free: " +
                                                joined({losers.begin(), losers.end()}));
  }

  Result<std::vector<DayEvent>> show_day() {
    OA_TRY(auto events, read_day(folder_ / "calendar", tuesday_, zone_, kOwner));
    const Interval lunch{zone_.at(tuesday_, 12 * 3600), zone_.at(tuesday_, 13 * 3600)};
    draw_day(events, tuesday_, zone_, lunch, ink_);
    return events;
  }

  Status check_day() {
    OA_TRY(const auto events, show_day());
    std::vector<Interval> busy;
    for (const DayEvent& event : events) {
      if (event.is_busy) busy.push_back(event.interval);
    }
    std::sort(busy.begin(), busy.end());
    bool is_once = true;
    for (std::size_t i = 1; i < busy.size(); ++i) {
      is_once = is_once && !busy[i - 1].overlaps(busy[i]);
    }
    std::printf("\n");
    return claim(is_once, "no time of the day is taken twice");
  }

  Status show_audit() {
    auto& admin = installation_->administration();
    OA_TRY(const auto keys, admin.signing_keys());
    OA_TRY(auto trusted, audit::trusted_keys_from_pem(keys.front().public_key_pem));
    std::map<std::string, std::string> names;
    OA_TRY(const auto registered, admin.agents());
    for (const auto& info : registered) names[info.agent.id.text()] = info.agent.name;
    audit::ExportVerifier verifier(std::move(trusted), {true, 0});
    std::size_t refused_by_permission = 0;
    OA_TRY_STATUS(admin.each_audit({}, [&](const service::AuditRow& row) {
      const bool is_right = verifier.feed(audit::export_line(row.row, row.owner_email)).empty();
      const json fields = json::parse(row.row.canonical);
      const bool is_security = fields.at("kind") == "security";
      refused_by_permission += is_security ? 1 : 0;
      if (fields.at("kind") != "decision" && !is_security) return true;
      const std::string id = fields.at("decision_id").get<std::string>();
      audit_rows_.erase(id);
      std::printf("  %s %s %s %s %s %s\n", padded(std::to_string(row.row.seq), 4).c_str(),
                  padded(fields.at("action").get<std::string>(), 13).c_str(),
                  padded(names[text_of(fields.at("agent_id"))], 7).c_str(),
                  padded(fields.at("rule_fired").get<std::string>(), 34).c_str(),
                  ink_(Tone::dim, id).c_str(),
                  is_right ? ink_(Tone::green, "✓").c_str() : ink_(Tone::red, "✗").c_str());
      return true;
    }));
    std::printf("\n");
    OA_TRY(const auto checkpoint, admin.checkpoint());
    verifier.feed(audit::checkpoint_line(checkpoint.note));
    OA_TRY_STATUS(claim(audit_rows_.empty() && refused_by_permission == 2,
                        "every answer above has its row, refusals too"));
    return claim(
        verifier.errors() == 0 && verifier.warnings() == 0 && verifier.checkpoints() == 1,
        "every signature verifies: " + std::to_string(verifier.verified()) + " rows, none missing");
  }

  void show_next() {
    const std::string self = own_name();
    const std::string monday = (tuesday_ + 6).text();
    if (self != "openavail") {
      std::printf("  export PATH=\"%s:$PATH\"\n",
                  std::filesystem::path(self).parent_path().c_str());
    }
    std::printf(
        "  openavail init\n"
        "  openavail owners add you@example.org --timezone Europe/Paris\n"
        "  mkdir -p ~/calendars/work\n"
        "  openavail calendars add --owner you@example.org --type work --path ~/calendars/work\n"
        "  openavail rules set --owner you@example.org --working-hours 'Mon-Fri 09:00-17:00'\n"
        "  openavail agents register planner --owners you@example.org \\\n"
        "      --permissions read_freebusy,create_holds,create_bookings\n"
        "  openavail keys mint --agent planner --key-file ~/planner.key\n"
        "  openavail search --key-file ~/planner.key --class Regular --minutes 30 \\\n"
        "      --from %sT08:00:00Z --to %sT12:00:00Z\n",
        monday.c_str(), monday.c_str());
  }

  std::filesystem::path folder_;
  time::Zone zone_;
  time::LocalDate tuesday_;
  Ink ink_;
  std::unique_ptr<Installation> installation_;
  std::set<std::string> audit_rows_;  // of answers, until their rows are found
  std::vector<DemoAgent> agents_{{"coffee",
                                  {"read_freebusy", "create_bookings"},
                                  "Tentative",
                                  "Coffee chat",
                                  "Accept",
                                  "",
                                  ""},
                                 {"viewer",
                                  {"read_freebusy"},
                                  "Regular",
                                  "Never written",
                                  "Reject",
                                  "permission_denied:create_bookings",
                                  ""},
                                 {"team",
                                  {"read_freebusy", "create_holds", "create_bookings"},
                                  "Regular",
                                  "Team sync",
                                  "CounterPropose",
                                  "PERMISSION_DENIED_PREEMPT",
                                  ""},
                                 {"ops",
                                  {"read_freebusy", "read_events", "create_bookings", "preempt"},
                                  "Critical",
                                  "Incident review",
                                  "Preempt",
                                  "",
                                  ""},
                                 {"sales",
                                  {"read_freebusy", "create_bookings", "preempt"},
                                  "Important",
                                  "Customer call",
                                  "CounterPropose",
                                  "NO_CAPACITY",
                                  ""}};
};

}  // namespace

int run_demo(bool keep) {
  std::error_code error;
  std::string pattern =
      (std::filesystem::temp_directory_path(error) / "openavail-demo-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr) {
    std::fprintf(stderr, "openavail: no temporary folder could be made\nhint: check TMPDIR\n");
    return 1;
  }
  Status done;
  {
    Demo demo(pattern);
    done = demo.run();
  }
  if (keep) {
    std::printf("\n  kept: openavail --data-dir %s/data doctor\n", pattern.c_str());
  } else {
    std::filesystem::remove_all(pattern, error);
  }
  std::fflush(stdout);
  if (done) return std::ferror(stdout) == 0 ? 0 : 1;
  std::fprintf(stderr, "openavail: %s\nhint: openavail demo --keep leaves all of it behind\n",
               done.error().message().c_str());
  return 1;
}

}  // namespace openavail::cmd
