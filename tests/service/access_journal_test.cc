// The journal of reads: rows come after the answer, in order, each once; and when they can't come
// there are no answers either.
#include <atomic>
#include <thread>

#include "service/crowd_house.h"

namespace openavail::service::testing {
namespace {

using nlohmann::json;
using Actions = std::vector<std::string>;
constexpr std::chrono::hours kNever{24};

CrowdOptions with_journal(std::chrono::milliseconds delay, std::size_t waiting_max = 1'000) {
  CrowdOptions options;
  options.journal = AccessJournalOptions{waiting_max, delay};
  return options;
}

TEST_CASE("each kind of read is answered without a write, and its row is written later") {
  CrowdHouse house(with_journal(kNever));
  const auto booked = house.book(minutes(60, 90), "Regular");
  REQUIRE(booked);
  const std::size_t rows = house.rows().size();
  const int writes = house.watch.rounds;
  AgentService& service = *house.service;
  const Target target{kJane, {}};
  CHECK(service.owner_context(house.call(), target));
  CHECK(service.schedule_rules(house.call(), target));
  CHECK(service.calendars(house.call(), target));
  CHECK(service.meeting_classes(house.call()));
  CHECK(service.notifications(house.call()));
  CHECK(house.search(minutes(60, 300)));
  CHECK(service.simulate(house.call(), {target, minutes(120, 150), "Regular"}));
  CHECK(service.get(house.call(), booked->booking_id));
  ListRequest list;
  list.owner_email = kJane;
  CHECK(service.list(house.call(), list));
  CHECK_FALSE(service.get(house.call(), BookingId("none")));
  CHECK_FALSE(house.search(minutes(60, 70)));
  CHECK(house.watch.rounds == writes);
  CHECK(house.rows().size() == rows);
  house.journal->stop();
  CHECK(house.actions_after(rows) == Actions{"owner_context", "schedule_rules", "calendars",
                                             "meeting_classes", "notifications", "search",
                                             "simulate", "get", "list", "get", "search"});
  CHECK(house.watch.rounds == writes + 1);
  const auto all = house.rows();
  for (std::size_t i = rows; i < all.size(); ++i) {
    CHECK(all[i].at("kind") == "access");
    CHECK(all[i].at("api_key_id") == house.agent_key.text());
    CHECK(all[i].at("seq") == i + 1);
    CHECK(all[i].at("timestamp") >= all[i - 1].at("timestamp"));
  }
  CHECK(all.back().at("rule_fired") == "WINDOW_TOO_NARROW");
}

TEST_CASE("rows come by themselves soon after the answer") {
  CrowdHouse house(with_journal(std::chrono::milliseconds{1}));
  const std::size_t rows = house.rows().size();
  CHECK(house.service->meeting_classes(house.call()));
  wait_until([&] { return house.rows().size() == rows + 1; });
  CHECK(house.actions_after(rows) == Actions{"meeting_classes"});
}

TEST_CASE("when many rows wait they are written at once, and further reads wait for them") {
  CrowdOptions options = with_journal(kNever);
  options.journal->ahead = 2;
  options.journal->ahead_wait = kNever;
  CrowdHouse house(options);
  const std::size_t rows = house.rows().size();
  auto tx = house.store.begin(ports::Access::write);
  REQUIRE(tx);
  CHECK(house.service->meeting_classes(house.call()));
  CHECK(house.service->meeting_classes(house.call()));
  std::atomic<bool> is_answered{false};
  bool is_good = false;
  std::thread third([&] {
    is_good = house.service->meeting_classes(house.call()).has_value();
    is_answered = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  CHECK_FALSE(is_answered);
  CHECK(house.rows().size() == rows);
  tx->reset();
  third.join();
  CHECK(is_good);
  CHECK(house.rows().size() == rows + 2);
  house.journal->stop();
  CHECK(house.rows().size() == rows + 3);
}

TEST_CASE("without a journal the row is there before the answer") {
  CrowdHouse house;
  const std::size_t rows = house.rows().size();
  CHECK(house.search(minutes(60, 300)));
  CHECK(house.actions_after(rows) == Actions{"search"});
}

TEST_CASE("rows of one key keep their order when one of them can't wait") {
  CrowdHouse house(with_journal(kNever));
  const KeyRef other = house.key_of("Other", {"read_freebusy"});
  const std::size_t rows = house.rows().size();
  CHECK(house.service->meeting_classes(house.call(other)));
  CHECK(house.search(minutes(60, 300)));
  CHECK(house.service->meeting_classes(house.call()));
  REQUIRE(house.book(minutes(60, 90), "Regular"));
  CHECK(house.service->notifications(house.call()));
  CHECK(house.actions_after(rows) == Actions{"search", "meeting_classes", "accept"});
  house.journal->stop();
  CHECK(house.actions_after(rows) ==
        Actions{"search", "meeting_classes", "accept", "meeting_classes", "notifications"});
}

TEST_CASE("what was written with a transaction that was undone is written later, and once") {
  CrowdHouse house(with_journal(kNever));
  const std::size_t rows = house.rows().size();
  CHECK(house.service->meeting_classes(house.call()));
  CHECK(house.service->notifications(house.call()));
  for (int i = 0; i < 2; ++i) {
    auto tx = house.store.begin(ports::Access::write);
    REQUIRE(house.journal->write_waiting_of(house.agent_key, **tx));
  }
  CHECK(house.rows().size() == rows);
  {
    auto tx = house.store.begin(ports::Access::write);
    REQUIRE(house.journal->write_waiting_of(house.agent_key, **tx));
    REQUIRE(house.journal->write_waiting_of(house.agent_key, **tx));
    REQUIRE((*tx)->commit());
  }
  CHECK(house.actions_after(rows) == Actions{"meeting_classes", "notifications"});
  house.journal->stop();
  CHECK(house.actions_after(rows) == Actions{"meeting_classes", "notifications"});
}

TEST_CASE("a refusal of permission does not wait for the journal") {
  CrowdHouse house(with_journal(kNever));
  const KeyRef poor = house.key_of("Poor", {"read_freebusy"});
  const std::size_t rows = house.rows().size();
  const auto refused = house.service->get(house.call(poor), BookingId("none"));
  REQUIRE_FALSE(refused);
  CHECK(house.actions_after(rows) == Actions{"get"});
  CHECK(house.rows().back().at("kind") == "security");
}

TEST_CASE("a full queue refuses reads, says so, and is well again when it has been written") {
  CrowdHouse house(with_journal(kNever, 2));
  CHECK(house.journal->is_healthy());
  CHECK(house.service->meeting_classes(house.call()));
  CHECK(house.service->meeting_classes(house.call()));
  CHECK_FALSE(house.journal->is_healthy());
  const auto refused = house.service->meeting_classes(house.call());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::internal);
  CHECK_FALSE(refused.error().next().empty());
  const auto searched = house.search(minutes(60, 300));
  REQUIRE_FALSE(searched);
  CHECK(searched.error().code() == ErrorCode::internal);
  CHECK(house.book(minutes(60, 90), "Regular"));  // writes its own row
  house.journal->stop();
  const auto after = house.service->meeting_classes(house.call());
  REQUIRE_FALSE(after);
  CHECK(after.error().code() == ErrorCode::internal);
}

TEST_CASE(
    "when the log can't be written reads are refused until it can; nothing answered is lost") {
  CrowdHouse house(with_journal(std::chrono::milliseconds{1}));
  const std::size_t rows = house.rows().size();
  house.is_log_lost = true;
  CHECK(house.service->meeting_classes(house.call()));
  wait_until([&] { return !house.journal->is_healthy(); });
  const auto refused = house.service->notifications(house.call());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::internal);
  CHECK(refused.error().message().find("audit log") != std::string::npos);
  house.is_log_lost = false;
  wait_until([&] { return house.journal->is_healthy(); });
  CHECK(house.actions_after(rows) == Actions{"meeting_classes"});
  CHECK(house.service->notifications(house.call()));
  const std::lock_guard guard(house.mutex);
  CHECK(house.operator_lines.size() >= 1);
}

TEST_CASE("an end without a log is an end all the same, and the operator learns what was lost") {
  CrowdHouse house(with_journal(kNever));
  CHECK(house.service->meeting_classes(house.call()));
  house.is_log_lost = true;
  house.journal->stop();
  const std::lock_guard guard(house.mutex);
  REQUIRE_FALSE(house.operator_lines.empty());
  CHECK(house.operator_lines.back().find("1 audit rows") != std::string::npos);
}

TEST_CASE(
    "many threads: each read has its row, and each key's rows are in the order of its calls") {
  CrowdHouse house(with_journal(std::chrono::milliseconds{2}));
  std::vector<KeyRef> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back(house.key_of("Agent" + std::to_string(i),
                                {"read_freebusy", "create_bookings", "create_holds"}));
  }
  const std::size_t rows = house.rows().size();
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < keys.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        AgentCall call = house.call(keys[t]);
        call.request_id = std::to_string(i);
        if (i % 10 == 7) {
          static_cast<void>(house.service->release(call, HoldId("none")));
        } else if (!house.service->meeting_classes(call)) {
          ++refused;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  house.journal->stop();
  CHECK(refused == 0);
  std::map<std::string, int> next;
  const auto all = house.rows();
  for (std::size_t i = rows; i < all.size(); ++i) {
    const std::string key = all[i].at("api_key_id");
    CHECK(all[i].at("request_id") == std::to_string(next[key]++));
  }
  for (const KeyRef& key : keys) CHECK(next[key.text()] == 30);
}

}  // namespace
}  // namespace openavail::service::testing
