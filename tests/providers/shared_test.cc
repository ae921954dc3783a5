// Shared reads: what an asker gets is exactly what a read of its own would have given, nobody gets
// anything older than the own request, and as many as wait cost one read.
#include <rapidcheck.h>
#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "providers/shared/shared_providers.h"
#include "providers/shared/united_read.h"
#include "providers/vdir/vdir_providers.h"

namespace openavail {
namespace {

namespace fs = std::filesystem;
using providers::SharedProviders;

constexpr std::int64_t kHourMs = 3'600'000;
const Instant kStart = *time::parse_instant("2026-06-01T00:00:00Z");

Instant hour(int n) { return kStart + Millis{n * kHourMs}; }

ports::ReadRequest asking(int from_hour, int to_hour, std::vector<ports::OwnEventRef> own = {}) {
  return {
      {hour(from_hour), hour(to_hour)}, time::Zone::utc(), {"jane@example.org"}, std::move(own)};
}

bool is_equal(const ports::OwnEventState& a, const ports::OwnEventState& b) {
  return a.ref.place == b.ref.place && a.ref.uid == b.ref.uid && a.presence == b.presence &&
         a.busy == b.busy && a.recurring == b.recurring && a.displaced_mark == b.displaced_mark &&
         a.interval == b.interval && a.hash == b.hash;
}

bool is_equal(const ports::CalendarReading& a, const ports::CalendarReading& b) {
  return a.external == b.external && a.own_occurrences == b.own_occurrences &&
         std::equal(a.own.begin(), a.own.end(), b.own.begin(), b.own.end(),
                    [](const auto& x, const auto& y) { return is_equal(x, y); });
}

// --- a folder with a bit of everything ---

struct Folder {
  SystemEntropy entropy;
  std::string path = (fs::temp_directory_path() / "openavail-shared-XXXXXX").string();
  std::unique_ptr<ports::CalendarProviders> plain = providers::make_vdir_providers(entropy);
  ports::CalendarConnection connection;
  std::vector<ports::OwnEventRef> refs;  // of all objects, a missing one and one with another UID

  Folder() {
    REQUIRE(mkdtemp(path.data()) != nullptr);
    connection = {CalendarId("cal_one"), "vdir", path};
    REQUIRE(plain->adopt(connection));
    put("single", "DTSTART:20260603T100000Z\r\nDTEND:20260603T113000Z\r\n");
    put("midnight", "DTSTART:20260604T233000Z\r\nDTEND:20260605T013000Z\r\n");
    put("allday", "DTSTART;VALUE=DATE:20260605\r\nDTEND;VALUE=DATE:20260607\r\n");
    put("daily", "DTSTART:20260601T080000Z\r\nDTEND:20260601T090000Z\r\nRRULE:FREQ=DAILY\r\n");
    put("weekly",
        "DTSTART:20260602T140000Z\r\nDTEND:20260602T150000Z\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE:20260609T140000Z\r\n");
    put("free", "DTSTART:20260603T100000Z\r\nDTEND:20260603T110000Z\r\nTRANSP:TRANSPARENT\r\n");
    put("declined",
        "DTSTART:20260603T120000Z\r\nDTEND:20260603T130000Z\r\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:jane@example.org\r\n");
    put("long", "DTSTART:20260520T000000Z\r\nDTEND:20260620T000000Z\r\n");
    refs.push_back({"absent.ics", "absent@test"});
    refs.push_back({"single.ics", "another@test"});
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  void put(const std::string& name, const std::string& lines) {
    std::ofstream(path + "/" + name + ".ics", std::ios::binary)
        << "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:" << name
        << "@test\r\nDTSTAMP:20260101T000000Z\r\n"
        << lines << "SUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    refs.push_back({name + ".ics", name + "@test"});
  }
};

int pick(int from, int to) { return *rc::gen::inRange(from, to + 1); }

ports::ReadRequest some_request(const Folder& folder) {
  const int from = pick(-100, 500);
  ports::ReadRequest request = asking(from, from + pick(0, 300));
  const int own = pick(0, 6);
  for (int i = 0; i < own; ++i) {
    request.own.push_back(
        folder.refs[static_cast<std::size_t>(pick(0, static_cast<int>(folder.refs.size()) - 1))]);
  }
  if (pick(0, 7) == 0) request.owner_addresses.clear();
  if (pick(0, 7) == 0) request.zone = *time::Zone::open("Europe/Paris");
  return request;
}

TEST_CASE("the part of a united read is what a read of one's own gives") {
  const Folder folder;
  const auto calendar = *folder.plain->open(folder.connection);
  int united_ones = 0;
  CHECK(rc::check("parts of united reads", [&] {
    const int count = pick(2, 5);
    std::vector<ports::ReadRequest> members = {some_request(folder)};
    ports::ReadRequest united = members.front();
    for (int i = 1; i < count; ++i) {
      const auto request = some_request(folder);
      if (!providers::can_be_united(united, request)) continue;
      providers::unite(united, request);
      members.push_back(request);
    }
    united_ones += members.size() > 1 ? 1 : 0;
    const auto reading = calendar->read(united);
    RC_ASSERT(reading.has_value());
    for (const auto& member : members) {
      const auto own = calendar->read(member);
      RC_ASSERT(own.has_value());
      RC_ASSERT(is_equal(providers::part_of(united, *reading, member), *own));
    }
  }));
  CHECK(united_ones > 20);
}

TEST_CASE("many threads with requests of all kinds get what the plain provider answers") {
  const Folder folder;
  SystemEntropy entropy;
  SharedProviders shared(providers::make_vdir_providers(entropy));
  const auto plain = *folder.plain->open(folder.connection);
  std::vector<ports::ReadRequest> requests;
  for (int i = 0; i < 40; ++i) {
    requests.push_back(asking((i * 37) % 400 - 50, (i * 37) % 400 + (i * 53) % 200));
    for (int own = 0; own < i % 4; ++own) {
      requests.back().own.push_back(folder.refs[static_cast<std::size_t>((i + own * 3) % 8)]);
    }
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 16; ++t) {
    threads.emplace_back([&, t] {
      const auto calendar = *shared.open(folder.connection);
      for (std::size_t i = 0; i < 40; ++i) {
        const auto& request = requests[(i + t * 7) % requests.size()];
        const auto mine = calendar->read(request);
        const auto expected = plain->read(request);
        if (!mine || !expected || !is_equal(*mine, *expected)) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(shared.waiting() == 0);
}

// --- a calendar that the test holds up ---

struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  int passes = 0;   // reads that may end
  int started = 0;  // reads that have begun
  int version = 0;  // what a read sees: the state at its begin
  bool fails = false;
  std::vector<ports::ReadRequest> requests;

  void let(int reads) {
    const std::lock_guard guard(mutex);
    passes += reads;
    changed.notify_all();
  }
  int begun() {
    const std::lock_guard guard(mutex);
    return started;
  }
  void becomes(int now) {
    const std::lock_guard guard(mutex);
    version = now;
  }
};

class GatedCalendar final : public ports::CalendarProvider {
 public:
  explicit GatedCalendar(Gate& gate) : gate_(gate) {}
  Result<ports::CalendarReading> read(const ports::ReadRequest& request) override {
    std::unique_lock lock(gate_.mutex);
    ++gate_.started;
    gate_.requests.push_back(request);
    const int seen = gate_.version;
    gate_.changed.notify_all();
    gate_.changed.wait(lock, [&] { return gate_.passes > 0; });
    --gate_.passes;
    if (gate_.fails) return fail(ErrorCode::calendar_unavailable, "it is gone");
    ports::CalendarReading reading;
    // One event in every hour of the version's length, so that each window sees it.
    for (int h = 0; h < 3'000; h += 10) {
      reading.external.push_back({{hour(h), hour(h) + Millis{seen}}, false});
    }
    reading.external.erase(
        std::remove_if(reading.external.begin(), reading.external.end(),
                       [&](const auto& o) { return !o.interval.overlaps(request.window); }),
        reading.external.end());
    return reading;
  }
  ports::EventPlace place_for(const std::string& uid) const override { return uid; }
  Result<ports::WrittenEvent> create(const calendar::EventDraft&) override { return none(); }
  Result<ports::WrittenEvent> change(const ports::OwnEventRef&, const ports::ContentHash&,
                                     const calendar::EventChange&) override {
    return none();
  }
  Status remove(const ports::OwnEventRef&, const ports::ContentHash&) override { return none(); }
  Result<FetchedEvent> fetch(const ports::OwnEventRef&) override { return none(); }
  Result<ports::OwnEventState> look(const ports::OwnEventRef&, const time::Zone&) override {
    return none();
  }

 private:
  static tl::unexpected<Error> none() { return fail(ErrorCode::not_found, "nothing here"); }
  Gate& gate_;
};

class GatedProviders final : public ports::CalendarProviders {
 public:
  explicit GatedProviders(Gate& gate) : gate_(gate) {}
  Result<std::shared_ptr<ports::CalendarProvider>> open(const ports::CalendarConnection&) override {
    return std::shared_ptr<ports::CalendarProvider>(std::make_shared<GatedCalendar>(gate_));
  }
  Status adopt(const ports::CalendarConnection&) override { return {}; }
  Status release(const ports::CalendarConnection&) override { return {}; }
  Status accept(const ports::CalendarConnection&) override { return {}; }
  Result<CheckReport> check(const ports::CalendarConnection&, const time::Zone&,
                            const Interval&) override {
    return CheckReport{};
  }

 private:
  Gate& gate_;
};

struct Crowd {
  explicit Crowd(std::size_t askers_max = limits::kSharedReadAskersMax)
      : shared(std::make_unique<GatedProviders>(gate), askers_max) {}
  ~Crowd() {
    gate.let(1'000);
    for (auto& thread : threads) thread.join();
  }
  // Starts an asker and returns when it waits, or reads.
  void ask(const ports::ReadRequest& request, const std::string& calendar = "cal_one") {
    const std::size_t before = shared.waiting();
    const int begun = gate.begun();
    const std::size_t number = threads.size();
    {
      const std::lock_guard guard(mutex);
      answers.resize(number + 1);
    }
    threads.emplace_back([this, request, number, calendar] {
      auto opened = shared.open({CalendarId(calendar), "gated", "here"});
      auto answer = (*opened)->read(request);
      const std::lock_guard guard(mutex);
      answers[number] = std::move(answer);
    });
    wait_until([&] { return shared.waiting() > before || gate.begun() > begun; });
  }
  // The version that an asker saw; -1 after an error, -2 before there is an answer.
  int seen(std::size_t number) {
    const std::lock_guard guard(mutex);
    if (!answers[number]) return -2;
    if (!*answers[number]) return -1;
    const Interval interval = answers[number]->value().external.at(0).interval;
    return static_cast<int>(interval.length().count());
  }
  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 20'000 && !holds(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    REQUIRE(holds());
  }

  Gate gate;
  SharedProviders shared;
  std::mutex mutex;
  std::vector<std::optional<Result<ports::CalendarReading>>> answers;
  std::vector<std::thread> threads;
};

TEST_CASE("who comes while a read is under way joins the next one, all of them together") {
  Crowd crowd;
  crowd.answers.reserve(16);
  crowd.gate.becomes(1);
  crowd.ask(asking(0, 24));
  crowd.gate.becomes(2);  // after the first read began: it can't have seen it
  for (int i = 0; i < 5; ++i) crowd.ask(asking(i * 24, i * 24 + 48));
  CHECK(crowd.gate.begun() == 1);
  crowd.gate.becomes(3);
  crowd.gate.let(1);
  Crowd::wait_until([&] { return crowd.gate.begun() == 2; });
  crowd.gate.becomes(4);
  crowd.ask(asking(0, 24));  // this one is too late for the second
  crowd.gate.let(1);
  Crowd::wait_until([&] { return crowd.gate.begun() == 3; });
  crowd.gate.let(1);
  Crowd::wait_until([&] { return crowd.seen(6) != -2; });
  for (std::size_t i = 1; i <= 5; ++i) {
    Crowd::wait_until([&] { return crowd.seen(i) != -2; });
    CHECK(crowd.seen(i) == 3);
  }
  CHECK(crowd.seen(0) == 1);
  CHECK(crowd.seen(6) == 4);
  CHECK(crowd.gate.begun() == 3);
  CHECK(crowd.gate.requests[1].window == Interval{hour(0), hour(4 * 24 + 48)});
  crowd.ask(asking(0, 24));  // nothing was kept
  CHECK(crowd.gate.begun() == 4);
}

TEST_CASE("an error is shared by those who asked for the same") {
  Crowd crowd;
  crowd.answers.reserve(16);
  crowd.gate.fails = true;
  crowd.ask(asking(0, 24));
  for (int i = 0; i < 3; ++i) crowd.ask(asking(0, 48));
  crowd.gate.let(2);
  for (std::size_t i = 0; i < 4; ++i) {
    Crowd::wait_until([&] { return crowd.seen(i) != -2; });
    CHECK(crowd.seen(i) == -1);
  }
  CHECK(crowd.gate.begun() == 2);
}

TEST_CASE("where a united read fails, those who asked for different things ask for themselves") {
  Crowd crowd;
  crowd.answers.reserve(16);
  crowd.gate.fails = true;
  crowd.ask(asking(0, 24));
  crowd.ask(asking(0, 48));
  crowd.ask(asking(24, 72));
  crowd.gate.let(4);
  for (std::size_t i = 0; i < 3; ++i) {
    Crowd::wait_until([&] { return crowd.seen(i) != -2; });
    CHECK(crowd.seen(i) == -1);
  }
  CHECK(crowd.gate.begun() == 4);
  const auto has_asked = [&](const ports::ReadRequest& request) {
    return std::any_of(crowd.gate.requests.begin(), crowd.gate.requests.end(),
                       [&](const auto& r) { return providers::is_same_request(r, request); });
  };
  CHECK(has_asked(asking(0, 48)));
  CHECK(has_asked(asking(24, 72)));
}

TEST_CASE("what can't be united is read one after the other, other calendars beside it") {
  Crowd crowd;
  crowd.answers.reserve(16);
  crowd.ask(asking(0, 24));
  crowd.ask(asking(0, 24));
  const int far = 24 * limits::kSharedReadDaysMax;
  crowd.ask(asking(far, far + 24));  // the hull is too long
  ports::ReadRequest abroad = asking(0, 24);
  abroad.zone = *time::Zone::open("Europe/Paris");
  crowd.ask(abroad);
  ports::ReadRequest renamed = asking(0, 24);
  renamed.owner_addresses.push_back("jane@example.com");
  crowd.ask(renamed);
  CHECK(crowd.shared.waiting() == 4);
  CHECK(crowd.gate.begun() == 1);
  crowd.ask(asking(0, 24), "cal_two");
  CHECK(crowd.gate.begun() == 2);
  crowd.gate.let(6);
  for (std::size_t i = 0; i < 6; ++i) Crowd::wait_until([&] { return crowd.seen(i) != -2; });
  CHECK(crowd.gate.begun() == 6);
}

TEST_CASE("a read is shared by so many at most") {
  Crowd crowd(2);
  crowd.answers.reserve(16);
  for (int i = 0; i < 6; ++i) crowd.ask(asking(0, 24));
  crowd.gate.let(6);
  for (std::size_t i = 0; i < 6; ++i) Crowd::wait_until([&] { return crowd.seen(i) != -2; });
  CHECK(crowd.gate.begun() == 4);  // one, two, two, one
}

TEST_CASE("one place can't be claimed for two events, nor a united window grow without end") {
  const auto one = asking(0, 24, {{"a.ics", "a"}});
  CHECK(providers::can_be_united(one, asking(0, 24, {{"b.ics", "b"}})));
  CHECK_FALSE(providers::can_be_united(one, asking(0, 24, {{"a.ics", "b"}})));
  CHECK_FALSE(providers::can_be_united(one, asking(0, 48, {{"b.ics", "b"}, {"b.ics", "b"}})));
  CHECK(providers::can_be_united(one, asking(0, 24 * limits::kSharedReadDaysMax)));
  CHECK_FALSE(providers::can_be_united(one, asking(1, 24 * limits::kSharedReadDaysMax + 1)));
  CHECK_FALSE(providers::can_be_united(one, asking(12, 12)));
}

}  // namespace
}  // namespace openavail
