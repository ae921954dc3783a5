#include "store/store_suite.h"

#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

namespace openavail::store::testing {

std::unique_ptr<ports::Transaction> write(ports::Store& store) {
  auto begun = store.begin(ports::Access::write);
  if (!begun) FAIL(begun.error().message() << ": " << begun.error().operator_detail());
  return std::move(*begun);
}

std::unique_ptr<ports::Transaction> read(ports::Store& store) {
  auto begun = store.begin(ports::Access::read);
  if (!begun) FAIL(begun.error().message() << ": " << begun.error().operator_detail());
  return std::move(*begun);
}

ports::Owner make_owner(const std::string& id, const std::string& email) {
  ports::Owner owner;
  owner.id = OwnerId(id);
  owner.email = email;
  owner.created_at = hour(0);
  return owner;
}

ports::Calendar make_calendar(const std::string& id, const std::string& owner,
                              ports::CalendarType type) {
  ports::Calendar calendar;
  calendar.id = CalendarId(id);
  calendar.owner_id = OwnerId(owner);
  calendar.type = type;
  calendar.provider = "vdir";
  calendar.location = "/calendars/" + id;
  calendar.created_at = hour(0);
  return calendar;
}

ports::Agent make_agent(const std::string& id, const std::string& name) {
  ports::Agent agent;
  agent.id = AgentId(id);
  agent.name = name;
  agent.permissions.add(policy::Permission::read_freebusy);
  agent.permissions.add(policy::Permission::preempt);
  agent.created_at = hour(0);
  return agent;
}

ports::Booking make_booking(const std::string& id, const Interval& interval) {
  ports::Booking booking;
  booking.id = BookingId(id);
  booking.owner_id = OwnerId("own_1");
  booking.calendar_id = CalendarId("cal_1");
  booking.class_id = ClassId("cls_1");
  booking.agent_id = AgentId("agt_1");
  booking.interval = interval;
  booking.written = interval;
  booking.created_at = hour(0);
  booking.writer = WriterId("writer");
  booking.event_place = id + ".ics";
  booking.event_uid = id + "@openavail";
  booking.decision_id = DecisionId("dec_" + id);
  booking.correlation_id = "cor_" + id;
  return booking;
}

ports::Hold make_hold(const std::string& id, const Interval& interval, Instant until) {
  ports::Hold hold;
  hold.id = HoldId(id);
  hold.owner_id = OwnerId("own_1");
  hold.agent_id = AgentId("agt_1");
  hold.class_id = ClassId("cls_1");
  hold.calendar_id = CalendarId("cal_1");
  hold.interval = interval;
  hold.duration = interval.length();
  hold.until = until;
  hold.created_at = hour(0);
  hold.decision_id = DecisionId("dec_" + id);
  return hold;
}

audit::Entry make_entry(std::int64_t seq) {
  audit::Entry entry;
  entry.decision_id = DecisionId("dec_" + std::to_string(seq));
  entry.seq = seq;
  entry.kind = seq % 2 == 0 ? audit::Kind::decision : audit::Kind::access;
  entry.action = seq % 2 == 0 ? "accept" : "search";
  entry.agent_id = AgentId(seq % 3 == 0 ? "agt_2" : "agt_1");
  entry.actor = "agent";
  if (seq % 4 != 0) entry.calendar_owner = OwnerId("own_1");
  entry.timestamp = hour(seq);
  return entry;
}

audit::SealedRow make_row(std::int64_t seq) {
  audit::SealedRow row;
  row.seq = seq;
  row.canonical = "{\"seq\":" + std::to_string(seq) + ",\"text\":\"\xC3\xA9\"}";
  row.leaf_hash = std::string(32, static_cast<char>(seq % 256));
  row.leaf_hash[0] = '\0';
  row.signature = std::string(64, '\xFF');
  row.row_signature = std::string(64, static_cast<char>(0));
  row.signing_key_id = SigningKeyId("sig_1");
  return row;
}

void populate(ports::Store& store) {
  auto tx = write(store);
  REQUIRE(tx->insert_owner(make_owner("own_1", "Ada@Example.com")));
  auto calendar = make_calendar("cal_1", "own_1", ports::CalendarType::work);
  calendar.is_primary = true;
  REQUIRE(tx->insert_calendar(calendar));
  REQUIRE(tx->insert_class({ClassId("cls_1"), "Regular", policy::Tier::normal,
                            policy::PreemptPolicy::reschedulable, ""}));
  REQUIRE(tx->insert_agent(make_agent("agt_1", "Planner")));
  REQUIRE(tx->insert_signing_key({SigningKeyId("sig_1"), "PEM", hour(0), std::nullopt}));
  REQUIRE(tx->commit());
}

namespace {

void transaction_suite(const StoreFactory& factory) {
  SECTION("a transaction that is not committed leaves nothing") {
    const auto store = factory();
    {
      auto tx = write(*store);
      REQUIRE(tx->set_meta("a", "1"));
      REQUIRE(tx->meta("a").value() == "1");
    }
    REQUIRE_FALSE(read(*store)->meta("a").value());
  }
  SECTION("a reader sees one state, whatever is committed beside it") {
    const auto store = factory();
    auto reader = read(*store);
    auto tx = write(*store);
    REQUIRE(tx->set_meta("a", "1"));
    REQUIRE(tx->commit());
    REQUIRE_FALSE(reader->meta("a").value());
    reader.reset();
    REQUIRE(read(*store)->meta("a").value() == "1");
  }
  SECTION("after a refusal the same statement works again in the same transaction") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    auto refused = tx->insert_owner(make_owner("own_2", "ada@example.com"));
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code() == ErrorCode::state_conflict);
    REQUIRE(tx->insert_owner(make_owner("own_3", "grace@example.com")));
    REQUIRE(tx->commit());
    REQUIRE(read(*store)->find_owner_by_address("grace@example.com").value().has_value());
  }
  SECTION("the installation's time never goes back, and only a write transaction moves it") {
    const auto store = factory();
    {
      auto tx = write(*store);
      REQUIRE(tx->now(hour(5)).value() == hour(5));
      REQUIRE(tx->commit());
    }
    REQUIRE(read(*store)->now(hour(9)).value() == hour(9));
    auto tx = write(*store);
    REQUIRE(tx->now(hour(2)).value() == hour(5));
    REQUIRE(tx->now(hour(6)).value() == hour(6));
    tx.reset();  // rolled back
    REQUIRE(read(*store)->now(hour(2)).value() == hour(5));
  }
  SECTION("meta keeps the last value") {
    const auto store = factory();
    auto tx = write(*store);
    REQUIRE(tx->set_meta("organisation", "a"));
    REQUIRE(tx->set_meta("organisation", "b"));
    REQUIRE(tx->meta("organisation").value() == "b");
    REQUIRE_FALSE(tx->meta("other").value());
  }
  SECTION("this process is a writer that is alive, an unheard-of one is not") {
    const auto store = factory();
    const auto id = store->writer();
    REQUIRE(id);
    REQUIRE(store->writer().value() == *id);
    REQUIRE(store->writer_is_alive(*id).value());
    REQUIRE_FALSE(store->writer_is_alive(WriterId("nobody")).value());
  }
  SECTION("one thread at a time holds an owner's lock; another owner's is another lock") {
    const auto store = factory();
    populate(*store);
    int inside = 0, most = 0;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          const auto lock = store->lock_owner(OwnerId("own_1"));
          if (!lock) continue;
          {
            const std::lock_guard guard(mutex);
            most = std::max(most, ++inside);
          }
          std::this_thread::yield();
          const std::lock_guard guard(mutex);
          --inside;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(most == 1);
    const auto first = store->lock_owner(OwnerId("own_1"));
    CHECK(first);
    CHECK(store->lock_owner(OwnerId("own_2")));
    CHECK(store->begin(ports::Access::write));
  }
  SECTION("a whole database has no integrity problems") {
    const auto store = factory();
    populate(*store);
    REQUIRE(store->integrity_problems().value().empty());
    REQUIRE_FALSE(store->pragmas().value().empty());
  }
}

}  // namespace

void run_store_suite(const StoreFactory& factory) {
  transaction_suite(factory);
  people_suite(factory);
  ledger_suite(factory);
  audit_suite(factory);
  audit_tree_suite(factory);
  parts_suite(factory);
}

}  // namespace openavail::store::testing
