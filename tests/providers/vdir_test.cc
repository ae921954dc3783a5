// A folder of iCalendar files as a calendar: identity, reading whole or not at all, writes that
// never replace and never leave half a file.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "providers/vdir/vdir_providers.h"

namespace openavail {
namespace {

namespace fs = std::filesystem;

Instant at(const char* text) { return *time::parse_instant(text); }

struct Fixture {
  SystemEntropy entropy;
  std::unique_ptr<ports::CalendarProviders> providers = providers::make_vdir_providers(entropy);
  fs::path folder;
  ports::CalendarConnection connection;
  std::shared_ptr<ports::CalendarProvider> calendar;

  Fixture() {
    std::string name = (fs::temp_directory_path() / "openavail-vdir-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder = name;
    connection = {CalendarId("cal_one"), "vdir", name};
    REQUIRE(providers->adopt(connection));
    calendar = *providers->open(connection);
  }
  ~Fixture() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }

  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  std::string get(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(folder / name, std::ios::binary).rdbuf();
    return text.str();
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
    return names;
  }
  Result<ports::CalendarReading> read(std::vector<ports::OwnEventRef> own = {}) const {
    return calendar->read({{at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z")},
                           time::Zone::utc(),
                           {},
                           std::move(own)});
  }
  std::string cause() const {
    const auto reading = read();
    if (reading) return "read";
    CHECK(reading.error().code() == ErrorCode::calendar_unavailable);
    CHECK(reading.error().message().find(folder.string()) == std::string::npos);
    return reading.error().details().at("cause").get<std::string>();
  }
};

std::string foreign(const std::string& uid) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:" + uid +
         "\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260610T100000Z\r\nDTEND:20260610T110000Z\r\n"
         "X-CUSTOM;X-P=1:kept\r\nSUMMARY:theirs\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

calendar::EventDraft draft(const std::string& title = "Review, part; 1\\2\nsecond line") {
  return {"booking-1@openavail",
          {at("2026-06-11T10:00:00Z"), at("2026-06-11T11:00:00Z")},
          {title, "", {{"guest@example.com", "Guest; \"G\", 1"}}},
          "owner@example.com",
          at("2026-06-01T08:00:00Z")};
}

}  // namespace

TEST_CASE("a folder without our marker, or with another's, is not this calendar") {
  const Fixture f;
  CHECK(f.cause() == "read");
  fs::remove(f.folder / ".openavail-calendar");
  CHECK(f.cause() == "changed_identity");
  f.put(".openavail-calendar", "cal_other\n");
  CHECK(f.cause() == "changed_identity");
  CHECK_FALSE(f.providers->adopt(f.connection));
  CHECK(f.providers->accept(f.connection));
  CHECK(f.cause() == "read");
  fs::remove_all(f.folder);
  CHECK(f.cause() == "unreachable");
  CHECK_FALSE(f.calendar->create(draft()));
}

TEST_CASE("what can't be read whole makes the calendar unavailable and is named to the operator") {
  const Fixture f;
  f.put("good.ics", foreign("a"));
  f.put(".hidden.ics", "nonsense");
  f.put("half.ics.tmp", "nonsense");
  REQUIRE(f.cause() == "read");
  CHECK(f.read()->external.size() == 1);
  SECTION("cut short") { f.put("bad.ics", foreign("b").substr(0, 90)); }
  SECTION("empty") { f.put("bad.ics", ""); }
  SECTION("zeros after a power loss") { f.put("bad.ics", std::string(300, '\0')); }
  SECTION("a FIFO does not hold the reader") {
    REQUIRE(mkfifo((f.folder / "bad.ics").c_str(), 0600) == 0);
  }
  SECTION("a link that leads nowhere") { fs::create_symlink("nowhere", f.folder / "bad.ics"); }
  SECTION("a link to itself") { fs::create_symlink("bad.ics", f.folder / "bad.ics"); }
  SECTION("a rule with more instances than are followed") {
    std::string rule = foreign("b");
    rule.replace(rule.find("DTSTART:2026"), 12, "DTSTART:1970");
    rule.replace(rule.find("DTEND:2026"), 10, "DTEND:1970");
    f.put("bad.ics", rule.insert(rule.find("SUMMARY"), "RRULE:FREQ=HOURLY\r\n"));
  }
  SECTION("a folder") { fs::create_directory(f.folder / "bad.ics"); }
  SECTION("larger than the limit") { f.put("bad.ics", std::string(5 * 1024 * 1024, 'x')); }
  CHECK(f.cause() == "unreadable");
  CHECK(f.read().error().operator_detail().find("bad.ics") != std::string::npos);
  const auto report = f.providers->check(
      f.connection, time::Zone::utc(), {at("2026-06-01T00:00:00Z"), at("2026-07-01T00:00:00Z")});
  REQUIRE(report);
  CHECK(report->objects == 2);
  REQUIRE(report->problems.size() == 1);
  CHECK(report->problems[0].file == "bad.ics");
}

TEST_CASE("a new event stands there once, reads back as written, and nothing else is left behind") {
  const Fixture f;
  const auto first = f.calendar->create(draft());
  REQUIRE(first);
  const auto second = f.calendar->create(draft("another title"));
  REQUIRE(second);
  CHECK(second->hash == first->hash);
  CHECK(f.files() == std::set<std::string>{".openavail-calendar", first->place});
  const ports::OwnEventRef ref{first->place, draft().uid};
  const auto fetched = f.calendar->fetch(ref);
  REQUIRE(fetched);
  CHECK(fetched->text.title == draft().text.title);
  CHECK(fetched->interval == draft().interval);
  CHECK(fetched->hash == first->hash);
  REQUIRE(fetched->text.attendees.size() == 1);
  CHECK(fetched->text.attendees[0].email == "guest@example.com");
  const auto reading = f.read({ref});
  REQUIRE(reading);
  CHECK(reading->external.empty());
  CHECK(reading->own[0].presence == ports::OwnEventState::Presence::present);
  CHECK(reading->own[0].busy);
  CHECK(reading->own_occurrences[0].size() == 1);
}

TEST_CASE("another event at our place is never replaced, and a copy with our UID is external") {
  const Fixture f;
  const std::string place = f.calendar->place_for(draft().uid);
  f.put(place, foreign("theirs"));
  const auto made = f.calendar->create(draft());
  REQUIRE_FALSE(made);
  CHECK(made.error().details().at("outcome") == "refused");
  CHECK(f.get(place) == foreign("theirs"));
  f.put("copy.ics", foreign(draft().uid));
  const auto reading = f.read({{place, draft().uid}});
  REQUIRE(reading);
  CHECK(reading->own[0].presence == ports::OwnEventState::Presence::foreign);
  CHECK(reading->external.size() == 2);
}

TEST_CASE("a change happens only to the bytes that were read and keeps what it does not know") {
  const Fixture f;
  const ports::OwnEventRef ref{"a.ics", "mine"};
  f.put("a.ics", foreign("mine"));
  const auto hash = f.calendar->look(ref, time::Zone::utc())->hash;
  calendar::EventChange change;
  change.displaced = true;
  change.stamp = at("2026-06-02T00:00:00Z");
  const auto marked = f.calendar->change(ref, hash, change);
  REQUIRE(marked);
  CHECK(f.get("a.ics").find("X-CUSTOM;X-P=1:kept") != std::string::npos);
  CHECK(f.get("a.ics").find("SUMMARY:[Displaced] theirs") != std::string::npos);
  CHECK(f.calendar->look(ref, time::Zone::utc())->displaced_mark);
  CHECK(f.calendar->change(ref, hash, change).error().code() == ErrorCode::state_conflict);
  CHECK(f.calendar->remove(ref, hash).error().code() == ErrorCode::state_conflict);
  change.displaced = false;
  const auto restored = f.calendar->change(ref, marked->hash, change);
  REQUIRE(restored);
  CHECK(f.get("a.ics").find("SUMMARY:theirs") != std::string::npos);
  CHECK(f.calendar->look(ref, time::Zone::utc())->busy);
  CHECK(f.calendar->remove(ref, restored->hash));
  CHECK(f.calendar->remove(ref, restored->hash));
  CHECK(f.files() == std::set<std::string>{".openavail-calendar"});
}

TEST_CASE("of many that change one event from the same reading, exactly one does") {
  const Fixture f;
  const ports::OwnEventRef ref{"a.ics", "mine"};
  f.put("a.ics", foreign("mine"));
  const auto hash = f.calendar->look(ref, time::Zone::utc())->hash;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      calendar::EventChange change;
      change.title = "title " + std::to_string(i);
      change.stamp = at("2026-06-02T00:00:00Z");
      if (f.calendar->change(ref, hash, change)) ++done;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(done == 1);
}

TEST_CASE("a full disk refuses the write and leaves no half of it") {
  const Fixture f;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{10, 10};
    setrlimit(RLIMIT_FSIZE, &none);
    const auto made = f.calendar->create(draft());
    const bool refused = !made && made.error().code() == ErrorCode::calendar_unavailable &&
                         made.error().details().at("outcome") == "refused";
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(f.files() == std::set<std::string>{".openavail-calendar"});
}

}  // namespace openavail
