// Many requests for one owner at once, in one process: tiers, shared reads, and that nobody waits
// for a calendar while it holds the store.
#include <algorithm>
#include <atomic>
#include <deque>
#include <set>

#include "base/limits.h"
#include "service/crowd_house.h"

namespace openavail::service::testing {
namespace {

using nlohmann::json;

std::string outcome_of(const Result<BookingAnswer>& answer) {
  if (answer) return answer->displaced.empty() ? "booked" : "displaced another";
  const json& details = answer.error().details();
  return details.is_object() ? details.value("blocking_reason", answer.error().wire_code())
                             : answer.error().wire_code();
}

// A request that is in its round and reads until it is let go; others wait behind it.
struct HeldUp {
  // `next_read` is called in the first read after the one that is held up.
  explicit HeldUp(
      CrowdHouse& crowd_house, std::function<void()> next_read = [] {})
      : house(crowd_house) {
    house.eyes.before_read = [this, next_read] {
      const int number = ++reads;
      if (number == 1) {
        is_inside = true;
        while (!is_over) std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
      if (number == 2) next_read();
    };
    thread = std::thread([this] {
      outcome = outcome_of(house.book(minutes(60 * 24 * 5, 60 * 24 * 5 + 30), "Regular"));
    });
    wait_until([this] { return is_inside.load(); });
    reads_before = house.eyes.reads;
  }
  // Starts a booking and returns when it waits.
  void then(const Interval& interval, const std::string& meeting_class) {
    const std::size_t place = outcomes.size();
    outcomes.emplace_back();
    others.emplace_back([this, place, interval, meeting_class] {
      const std::string result = outcome_of(house.book(interval, meeting_class));
      const std::lock_guard guard(mutex);
      outcomes[place] = result;
    });
    wait_until([&] { return house.rounds.waiting(house.jane) == place + 1; });
  }
  void let_go() {
    is_over = true;
    thread.join();
    for (auto& other : others) other.join();
    CHECK(outcome == "booked");
  }

  CrowdHouse& house;
  std::atomic<int> reads{0};
  std::atomic<bool> is_inside{false}, is_over{false};
  int reads_before = 0;
  std::string outcome;
  std::mutex mutex;
  std::deque<std::string> outcomes;
  std::thread thread;
  std::vector<std::thread> others;
};

TEST_CASE("of two that wait for one slot the higher tier gets it, and displaces nobody") {
  for (const bool high_comes_first : {false, true}) {
    CrowdHouse house;
    HeldUp held(house);
    held.then(minutes(60, 90), high_comes_first ? "Critical" : "Tentative");
    held.then(minutes(60, 90), high_comes_first ? "Tentative" : "Critical");
    held.let_go();
    CHECK(held.outcomes[high_comes_first ? 0 : 1] == "booked");
    CHECK(held.outcomes[high_comes_first ? 1 : 0] == "NO_CAPACITY");
    for (const json& row : house.rows()) CHECK(row.at("action") != "preempt");
  }
}

TEST_CASE("who waits together hardly needs a read of its own") {
  CrowdHouse house;
  HeldUp held(house, [&house] {
    // The first read of the next round takes so long that all others come meanwhile.
    static_cast<void>(eventually([&house] { return house.providers.waiting() == 11; }));
  });
  for (int i = 0; i < 12; ++i) held.then(minutes(60 * i, 60 * i + 30), "Regular");
  held.let_go();
  for (const std::string& outcome : held.outcomes) CHECK(outcome == "booked");
  // The first to read reads alone, the others together. What they record for each other needs no
  // more.
  CHECK(house.eyes.reads - held.reads_before <= 2);
}

TEST_CASE("a booking of a neighbour that appears while the calendars are read is seen") {
  CrowdHouse house;
  const auto plain = house.neighbour_store(std::chrono::seconds{5});
  AgentService neighbour(house.neighbour_parts(*plain));
  bool is_first = true;
  house.eyes.before_read = [&] {
    if (!std::exchange(is_first, false)) return;
    calendar::EventText text;
    text.title = "theirs";
    CHECK(neighbour.book(house.call(), {{kJane, {}}, minutes(60, 120), "Regular", text}));
  };
  CHECK(outcome_of(house.book(minutes(90, 150), "Regular")) == "NO_CAPACITY");
}

TEST_CASE("what is settled or taken back while the calendars are read needs no other reading") {
  CrowdHouse house;
  const auto before = house.book(minutes(60, 120), "Regular");
  REQUIRE(before);
  const int reads = house.eyes.reads;
  bool is_first = true;
  house.eyes.before_read = [&] {
    if (!std::exchange(is_first, false)) return;
    REQUIRE(house.service->cancel(house.call(), before->booking_id));
  };
  CHECK(outcome_of(house.book(minutes(60, 120), "Regular")) == "booked");
  CHECK(house.eyes.reads == reads + 1);
  for (const json& row : house.rows()) CHECK(row.at("action") != "cancelled_externally");
}

TEST_CASE(
    "an owner that keeps moving is locked, and the store is free while its calendar is read") {
  CrowdHouse house;
  const auto plain = house.neighbour_store(std::chrono::milliseconds{30});
  AgentService neighbour(house.neighbour_parts(*plain));
  int reads = 0, refused = 0;
  bool store_was_free = false, owner_was_locked = false;
  house.eyes.before_read = [&] {
    ++reads;
    calendar::EventText text;
    text.title = "theirs";
    const int start = 600 + 60 * reads;
    if (!neighbour.book(house.call(), {{kJane, {}}, minutes(start, start + 30), "Regular", text})) {
      ++refused;
      owner_was_locked = !plain->lock_owner(house.jane);
      store_was_free = plain->begin(ports::Access::write).has_value();
    }
  };
  CHECK(outcome_of(house.book(minutes(60, 90), "Regular")) == "booked");
  CHECK(reads == limits::kOwnerMovesBeforeLock + 1);
  CHECK(refused == 1);
  CHECK(owner_was_locked);
  CHECK(store_was_free);
}

TEST_CASE("recovery asks the calendar without holding the store") {
  CrowdHouse house;
  const auto plain = house.neighbour_store(std::chrono::milliseconds{30});
  const auto made = house.book(minutes(60, 90), "Regular");
  REQUIRE(made);
  {
    // As a process that died in the middle left it.
    auto tx = house.store.begin(ports::Access::write);
    ports::Booking booking = (*tx)->find_booking(made->booking_id).value().value();
    booking.id = BookingId("left-behind");
    booking.state = ports::BookingState::writing;
    booking.writer = WriterId("dead");
    booking.interval = booking.written = minutes(120, 150);
    booking.event_place = "left-behind.ics";
    booking.event_uid = "left-behind@openavail";
    REQUIRE((*tx)->insert_booking(booking));
    REQUIRE((*tx)->commit());
  }
  int looks = 0;
  house.eyes.before_look = [&] {
    ++looks;
    CHECK(plain->begin(ports::Access::write));
  };
  CHECK(outcome_of(house.book(minutes(120, 150), "Regular")) == "booked");
  CHECK(looks == 1);
  CHECK((*house.store.begin(ports::Access::read))
            ->find_booking(BookingId("left-behind"))
            .value()
            ->state == ports::BookingState::failed);
}

// --- the race ---

struct Tally {
  std::mutex mutex;
  std::set<std::string> decisions;  // that answers named
  std::map<std::string, int> answers;

  void add(const std::string& answer, const std::string& decision = "") {
    const std::lock_guard guard(mutex);
    ++answers[answer];
    if (!decision.empty()) decisions.insert(decision);
  }
};

void one_of_many(CrowdHouse& house, Tally& tally, int thread, int times) {
  const char* classes[] = {"Tentative", "Regular", "Important", "Critical"};
  std::uint32_t dice = static_cast<std::uint32_t>(thread) * 2'654'435'761u + 1;
  const auto roll = [&dice](int sides) {
    dice = dice * 1'664'525u + 1'013'904'223u;
    return static_cast<int>((dice >> 16) % static_cast<std::uint32_t>(sides));
  };
  for (int i = 0; i < times; ++i) {
    const int start = 60 + 30 * roll(20);
    const Interval interval = minutes(start, start + 60);
    const std::string meeting_class = classes[roll(4)];
    const int kind = roll(6);
    if (kind == 0) {
      const auto found = house.search(minutes(60, 60 * 12));
      tally.add(found ? "found" : found.error().wire_code());
      continue;
    }
    Result<BookingAnswer> booked = [&]() -> Result<BookingAnswer> {
      if (kind > 1) return house.book(interval, meeting_class);
      HoldRequest request;
      request.target.owner_email = kJane;
      request.meeting_class = meeting_class;
      request.interval = interval;
      OA_TRY(const auto hold, house.service->hold(house.call(), request));
      return house.service->confirm(house.call(), {hold.hold_id, interval, {}});
    }();
    if (booked) {
      tally.add("booked", booked->audit_row_id.text());
      if (roll(3) == 0) {
        const auto cancelled = house.service->cancel(house.call(), booked->booking_id);
        tally.add(cancelled ? "cancelled" : cancelled.error().wire_code());
      }
    } else {
      const json& details = booked.error().details();
      tally.add(booked.error().wire_code(),
                details.is_object() ? details.value("audit_row_id", "") : "");
    }
  }
}

TEST_CASE("64 threads on one owner: nobody is booked twice, all are answered, all is signed") {
  CrowdOptions options;
  options.journal.emplace();
  CrowdHouse house(options);
  constexpr int kThreads = 64, kTimes = 6;
  const std::size_t rows_before = house.rows().size();
  Tally tally;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] { one_of_many(house, tally, t, kTimes); });
  }
  for (auto& thread : threads) thread.join();
  house.journal->stop();

  for (const auto& [answer, count] : tally.answers) {
    INFO(answer << ": " << count);
    const std::set<std::string> known = {"booked",
                                         "cancelled",
                                         "found",
                                         "ARBITRATION_REJECTED",
                                         "BOOKING_NOT_CANCELLABLE",
                                         "NO_SLOTS_AVAILABLE",
                                         "RATE_LIMITED"};
    CHECK(known.count(answer) == 1);
  }
  CHECK(tally.answers["booked"] > 0);
  auto tx = house.store.begin(ports::Access::read);
  const auto standing = (*tx)->occupying_bookings(house.jane, minutes(0, 60 * 24)).value();
  for (std::size_t i = 0; i < standing.size(); ++i) {
    CHECK(standing[i].state == ports::BookingState::committed);
    for (std::size_t k = i + 1; k < standing.size(); ++k) {
      CHECK_FALSE(standing[i].interval.overlaps(standing[k].interval));
    }
  }
  // The calendar shows exactly those as busy.
  const auto calendars = (*tx)->calendars(house.jane).value();
  const auto provider =
      *house.providers.open({calendars[0].id, calendars[0].provider, calendars[0].location});
  const auto reading = provider->read({minutes(0, 60 * 24), time::Zone::utc(), {}, {}});
  REQUIRE(reading);
  std::vector<Interval> busy, booked;
  for (const auto& occurrence : reading->external) busy.push_back(occurrence.interval);
  for (const auto& booking : standing) booked.push_back(booking.interval);
  std::sort(booked.begin(), booked.end());
  CHECK(busy == booked);

  // One row for each call with the key, each decision of an answer among them, no number missing.
  const auto rows = house.rows();
  std::map<std::string, int> by_request;
  std::set<std::string> decisions;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].at("seq") == i + 1);
    CHECK(decisions.insert(rows[i].at("decision_id")).second);
    if (i >= rows_before && rows[i].at("api_key_id").is_string()) {
      ++by_request[rows[i].at("request_id")];
    }
  }
  CHECK(static_cast<int>(by_request.size()) == house.requests);
  for (const auto& [request, count] : by_request) CHECK(count == 1);
  for (const std::string& id : tally.decisions) CHECK(decisions.count(id) == 1);
}

TEST_CASE("beside a process without rounds nobody is booked twice either") {
  CrowdHouse house;
  const auto plain = house.neighbour_store(std::chrono::seconds{20});
  AgentService neighbour(house.neighbour_parts(*plain));
  std::atomic<int> unknown{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&, t] {
      AgentService& service = t % 3 == 0 ? neighbour : *house.service;
      for (int i = 0; i < 8; ++i) {
        const int start = 60 + 30 * ((t * 5 + i * 3) % 16);
        const auto answer =
            service.book(house.call(), {{kJane, {}}, minutes(start, start + 45), "Regular", {}});
        if (!answer && answer.error().code() != ErrorCode::arbitration_rejected) ++unknown;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(unknown == 0);
  auto tx = house.store.begin(ports::Access::read);
  const auto standing = (*tx)->occupying_bookings(house.jane, minutes(0, 60 * 24)).value();
  CHECK(standing.size() > 2);
  for (std::size_t i = 1; i < standing.size(); ++i) {
    CHECK(standing[i - 1].interval.end <= standing[i].interval.start);
  }
}

}  // namespace
}  // namespace openavail::service::testing
