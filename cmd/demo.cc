#include "cmd/demo.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "audit/export_verifier.h"
#include "calendar/object.h"
#include "cmd/demo_calendar.h"
#include "cmd/installation.h"
#include "cmd/mcp_child.h"
#include "cmd/terminal.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;

constexpr const char* kOwner = "jane@example.org";
constexpr const char* kZone = "Europe/Paris";

struct DemoAgent {
  const char* name;
  std::vector<std::string> permissions;
  const char* meeting_class;
  const char* title;
  std::string key;
};

class Demo {
 public:
  explicit Demo(std::filesystem::path folder)
      : folder_(std::move(folder)), zone_(*time::Zone::open(kZone)) {
    const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    bold_ = colour ? "\033[1m" : "";
    plain_ = colour ? "\033[0m" : "";
  }

  Status run() {
    OA_TRY_STATUS(set_up());
    heading("Tuesday " + tuesday_.text() + " before");
    OA_TRY_STATUS(show_day());
    heading("One after the other: everyone wants 09:00");
    for (DemoAgent& agent : agents_) OA_TRY_STATUS(ask_in_turn(agent));
    heading("All at the same moment, from separate processes through MCP: everyone wants 16:00");
    OA_TRY_STATUS(ask_at_once());
    heading("Tuesday " + tuesday_.text() + " after");
    OA_TRY_STATUS(show_day());
    heading("The audit log");
    OA_TRY_STATUS(show_audit());
    heading("To set up for real");
    std::printf(
        "  openavail init\n"
        "  openavail owners add you@example.org --timezone Europe/Paris\n"
        "  openavail calendars add --owner you@example.org --type work --path ~/calendars/work\n"
        "  openavail agents register scheduler --permissions "
        "read_freebusy,create_holds,create_bookings --owners you@example.org\n"
        "  openavail keys mint --agent scheduler\n");
    return {};
  }

 private:
  void heading(const std::string& text) {
    std::printf("\n%s%s%s\n", bold_, text.c_str(), plain_);
    std::fflush(stdout);
  }

  Status claim(bool is_true, const std::string& what) {
    if (is_true) return {};
    return fail(ErrorCode::internal, "the demo claims what is not so: " + what);
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
      OA_TRY(auto hours, policy::parse_weekly_row("Mon-Fri 09:00-18:00"));
      OA_TRY(auto lunch, policy::parse_weekly_row("Mon-Fri 12:00-13:00 Lunch"));
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
    std::printf("%s's work calendar is a folder of iCalendar files: %s\n", kOwner,
                calendar.string().c_str());
    return {};
  }

  json booking_input(const DemoAgent& agent, int hour) const {
    const Instant start = zone_.at(tuesday_, hour * 3600);
    return {{"start", time::format_instant(start)},
            {"end", time::format_instant(start + std::chrono::minutes(30))},
            {"meeting_class", agent.meeting_class},
            {"title", agent.title}};
  }

  void tell(const DemoAgent& agent, bool ok, const json& body, std::int64_t ms) {
    const auto text = [&](const char* a, const char* b) {
      return body.contains(a) ? body.at(a) : body.value(b, json());
    };
    std::string verdict, reason;
    if (ok) {
      const json count = text("displaced_count", "displacedCount");
      verdict = count.is_number() && count.get<int>() > 0 ? "Preempt" : "Accept";
      reason = verdict == "Preempt" ? "displaces " + count.dump() : "booked";
    } else {
      const json error = body.at("error");
      const std::string why = error.is_object() ? error.value("reason", error.value("code", ""))
                                                : body.value("reason", error.get<std::string>());
      verdict = why == "COUNTER_PROPOSED" ? "CounterPropose" : "Reject";
      reason = why;
      const json alternatives = body.value("alternatives", json::array());
      if (!alternatives.empty()) {
        reason = text("blocking_reason", "blockingReason").get<std::string>() + ", try " +
                 alternatives.front().at("start").get<std::string>();
      }
    }
    std::printf("  %-10s %-10s %-15s %-50s %4lld ms\n", agent.name, agent.meeting_class,
                verdict.c_str(), reason.c_str(), static_cast<long long>(ms));
    std::fflush(stdout);
  }

  Status ask_in_turn(const DemoAgent& agent) {
    const auto began = std::chrono::steady_clock::now();
    service::Call call;
    call.request_id = installation_->new_request_id();
    const auto outcome =
        installation_->operations().run("create-event", booking_input(agent, 9), agent.key, call);
    tell(agent, outcome.ok, outcome.body, since(began));
    return {};
  }

  static std::int64_t since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 began)
        .count();
  }

  Status ask_at_once() {
    std::vector<McpChild> children;
    for (const DemoAgent& agent : agents_) {
      OA_TRY(auto child, McpChild::start((folder_ / "data").string(), agent.key));
      children.push_back(std::move(child));
    }
    struct Answer {
      json message;
      std::int64_t ms = 0;
    };
    std::vector<Answer> answers(agents_.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      threads.emplace_back([&, i] {
        const auto began = std::chrono::steady_clock::now();
        children[i].send(
            {{"jsonrpc", "2.0"},
             {"id", 1},
             {"method", "tools/call"},
             {"params", {{"name", "create-event"}, {"arguments", booking_input(agents_[i], 16)}}}});
        answers[i].message = children[i].receive();
        answers[i].ms = since(began);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < agents_.size(); ++i) {
      OA_TRY_STATUS(claim(answers[i].message.contains("result"), "every agent was answered"));
      const json& result = answers[i].message.at("result");
      const json body = json::parse(result.at("content").at(0).at("text").get<std::string>());
      tell(agents_[i], !result.at("isError").get<bool>(), body, answers[i].ms);
    }
    return {};
  }

  // The day as the calendar's files show it; who wins is read from there, not from our answers.
  Status show_day() {
    const Interval day = zone_.day(tuesday_);
    std::vector<std::string> lines;
    std::vector<Interval> busy;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "calendar")) {
      if (entry.path().extension() != ".ics") continue;
      std::ifstream file(entry.path());
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      OA_TRY(const auto events, calendar::read_object(bytes, {day, zone_, {kOwner}}));
      for (const auto& event : events) {
        std::string title = "(busy)";
        if (auto text = calendar::read_text(bytes, event.uid)) title = plain(text->text.title);
        if (event.has_displaced_mark && event.interval && event.interval->overlaps(day)) {
          lines.push_back(wall(*event.interval) + "  free  " + title);
        }
        for (const auto& occurrence : event.occurrences) {
          busy.push_back(occurrence.interval);
          lines.push_back(wall(occurrence.interval) + "  busy  " + title);
        }
      }
    }
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
    std::sort(busy.begin(), busy.end());
    for (std::size_t i = 1; i < busy.size(); ++i) {
      OA_TRY_STATUS(claim(!busy[i - 1].overlaps(busy[i]), "no time is taken twice"));
    }
    return {};
  }

  std::string wall(const Interval& interval) const {
    const auto clock = [&](Instant t) {
      const int minutes = zone_.wall_minutes_of(t);
      char text[8];
      std::snprintf(text, sizeof text, "%02d:%02d", minutes / 60 % 24, minutes % 60);
      return std::string(text);
    };
    return clock(interval.start) + "-" + clock(interval.end);
  }

  Status show_audit() {
    auto& admin = installation_->administration();
    OA_TRY(const auto keys, admin.signing_keys());
    OA_TRY(auto trusted, audit::trusted_keys_from_pem(keys.front().public_key_pem));
    audit::ExportVerifier verifier(std::move(trusted), {true, std::nullopt});
    std::int64_t wrong = 0;
    OA_TRY_STATUS(admin.each_audit({}, false, [&](const service::AuditRow& row) {
      const json fields = json::parse(row.row.canonical);
      if (fields.at("kind") == "decision") {
        std::printf("  %3lld  %-8s %-32s %s\n", static_cast<long long>(row.row.seq),
                    fields.at("action").get<std::string>().c_str(),
                    fields.at("rule_fired").get<std::string>().c_str(),
                    fields.at("decision_id").get<std::string>().c_str());
      }
      wrong += static_cast<std::int64_t>(
          verifier.feed(audit::export_line(row.row, row.owner_email)).size());
      return true;
    }));
    OA_TRY_STATUS(claim(wrong == 0 && verifier.verified() > 0, "every signature verifies"));
    std::printf("  %lld rows, every signature verifies\n",
                static_cast<long long>(verifier.verified()));
    return {};
  }

  std::filesystem::path folder_;
  time::Zone zone_;
  time::LocalDate tuesday_;
  const char* bold_;
  const char* plain_;
  std::unique_ptr<Installation> installation_;
  std::vector<DemoAgent> agents_{
      {"coffee", {"read_freebusy", "create_bookings"}, "Tentative", "Coffee chat", ""},
      {"viewer", {"read_freebusy"}, "Regular", "Never written", ""},
      {"team", {"read_freebusy", "create_bookings"}, "Regular", "Team sync", ""},
      {"sales", {"read_freebusy", "create_bookings", "preempt"}, "Important", "Customer call", ""},
      {"ops", {"read_freebusy", "create_bookings"}, "Critical", "Incident review", ""}};
};

}  // namespace

int run_demo(bool keep) {
  std::string pattern = (std::filesystem::temp_directory_path() / "openavail-demo-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    std::fprintf(stderr, "openavail: no temporary folder could be made\n");
    return 1;
  }
  Status done;
  {
    Demo demo(pattern);
    done = demo.run();
  }
  std::error_code ignored;
  if (keep) {
    std::printf("\nkept: %s\n", pattern.c_str());
  } else {
    std::filesystem::remove_all(pattern, ignored);
  }
  if (done) return 0;
  std::fprintf(stderr, "openavail: %s\n", done.error().message().c_str());
  return 1;
}

}  // namespace openavail::cmd
