// Who may do what: permissions, owner scope, and how soon their loss is felt.
#include <set>

#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

struct Operation {
  std::string name;
  std::string permission;
  std::function<std::string(const Agent&)> run;  // the code
};

// Every use case, on things that exist, so that permission alone decides.
std::vector<Operation> operations(AgentHouse& house, const HoldId& hold, const BookingId& booking) {
  AgentService& service = house.service;
  return {
      {"owner_context", "read_freebusy",
       [&](const Agent& a) { return code_of(service.owner_context(a.call(), {})); }},
      {"schedule_rules", "read_freebusy",
       [&](const Agent& a) { return code_of(service.schedule_rules(a.call(), {})); }},
      {"calendars", "read_freebusy",
       [&](const Agent& a) { return code_of(service.calendars(a.call(), {})); }},
      {"meeting_classes", "read_freebusy",
       [&](const Agent& a) { return code_of(service.meeting_classes(a.call())); }},
      {"search", "read_freebusy",
       [](const Agent& a) { return code_of(a.search("20 10:00-12:00", 30)); }},
      {"simulate", "read_freebusy",
       [](const Agent& a) { return code_of(a.simulate("20 10:00-11:00")); }},
      {"notifications", "read_freebusy",
       [&](const Agent& a) { return code_of(service.notifications(a.call())); }},
      {"acknowledge", "read_freebusy",
       [&](const Agent& a) {
         return code_of(service.acknowledge(a.call(), {NotificationId("none")}));
       }},
      {"hold", "create_holds", [](const Agent& a) { return code_of(a.hold("20 14:00-15:00")); }},
      {"release", "create_holds", [hold](const Agent& a) { return code_of(a.release(hold)); }},
      {"book", "create_bookings", [](const Agent& a) { return code_of(a.book("20 16:00-17:00")); }},
      {"confirm", "create_bookings",
       [hold](const Agent& a) { return code_of(a.confirm(hold, "10:00-11:00")); }},
      {"update", "create_bookings",
       [booking](const Agent& a) { return code_of(a.rename(booking, "New")); }},
      {"get", "read_events", [booking](const Agent& a) { return code_of(a.get(booking)); }},
      {"list", "read_events", [](const Agent& a) { return code_of(a.list()); }},
      {"cancel", "create_bookings",
       [booking](const Agent& a) { return code_of(a.cancel(booking)); }},
  };
}

struct Access : AgentHouse {
  Agent agent = scheduler();
  HoldId hold = agent.held("10:00-11:00");
  BookingId booking = agent.booked("12:00-13:00");
  std::vector<Operation> all = operations(*this, hold, booking);
};

TEST_CASE("each operation needs its permission and no other") {
  Access house;
  std::vector<std::string> names;
  for (const policy::Permission p : policy::all_permissions()) {
    names.emplace_back(policy::to_text(p));
  }
  for (const Operation& operation : house.all) {
    CAPTURE(operation.name);
    std::vector<std::string> others;
    for (const std::string& name : names) {
      if (name != operation.permission) others.push_back(name);
    }
    house.allow(house.agent, others);
    const std::size_t before = house.rows().size();
    CHECK(operation.run(house.agent) == "permission_denied:" + operation.permission);
    const auto rows = house.rows_after(before);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].at("kind") == "security");
    CHECK(rows[0].at("action") == operation.name);
    CHECK(rows[0].at("api_key_id") == house.agent.key.text());
  }
  for (const Operation& operation : house.all) {
    CAPTURE(operation.name);
    house.allow(house.agent, {operation.permission});
    const std::string code = operation.run(house.agent);
    // The hold was released before it is confirmed here.
    CHECK(code == (operation.name == "confirm" ? "HOLD_NOT_FOUND" : "accepted"));
  }
}

TEST_CASE("a revoked key, one that has run out and a disabled agent end at the very next call") {
  for (const char* way : {"revoked", "run out", "disabled"}) {
    DYNAMIC_SECTION(way) {
      Access house;
      CHECK(house.all.front().run(house.agent) == "accepted");
      std::string expected = "api_key_revoked";
      if (way == std::string("revoked")) {
        REQUIRE(house.admin.revoke_key(house.agent.key));
      } else if (way == std::string("run out")) {
        REQUIRE(house.admin.rotate_key(house.agent.key, std::chrono::seconds{60}, house.pepper));
        house.pass(std::chrono::seconds{59});
        CHECK(house.all.front().run(house.agent) == "accepted");
        house.pass(std::chrono::seconds{1});
      } else {
        REQUIRE(house.admin.set_agent_disabled("Scheduler", true));
        expected = "agent_disabled";
      }
      for (const Operation& operation : house.all) {
        CAPTURE(operation.name);
        const std::size_t before = house.rows().size();
        CHECK(operation.run(house.agent) == expected);
        const auto rows = house.rows_after(before);
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].at("kind") == "security");
        CHECK(rows[0].at("rule_fired") == expected);
        CHECK(rows[0].at("agent_id") == house.agent.id.text());
      }
      CHECK(house.stored(house.booking).state == ports::BookingState::committed);
    }
  }
}

TEST_CASE("what is taken away while the calendars are read is felt before anything is decided") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  std::string expected;
  SECTION("the key") {
    house.providers.steps.after_read = [&] { REQUIRE(house.admin.revoke_key(agent.key)); };
    expected = "api_key_revoked";
  }
  SECTION("the permission") {
    house.providers.steps.after_read = [&] { house.allow(agent, {"read_freebusy"}); };
    expected = "permission_denied:create_bookings";
  }
  SECTION("the owner") {
    house.providers.steps.after_read = [&] {
      REQUIRE(house.admin.update_agent("Scheduler", {}, std::vector<std::string>{}));
    };
    expected = "owner_scope_denied";
  }
  CHECK(code_of(agent.book("10:00-11:00")) == expected);
  CHECK(house.events() == 0);
}

TEST_CASE("preempt that is taken away while the calendars are read displaces nothing") {
  AgentHouse house;
  const Agent lesser = house.scheduler();
  const Agent chief = house.chief();
  lesser.booked("10:00-11:00", "Tentative");
  house.providers.steps.after_read = [&] { house.allow(chief, {"create_bookings"}); };
  CHECK(details_of(chief.book("10:00-11:00", "Critical")).at("blocking_reason") ==
        "PERMISSION_DENIED_PREEMPT");
}

TEST_CASE("an agent acts for the owners in its scope; with one it need not say which") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto context_of = [&](const std::optional<std::string>& owner) {
    return house.service.owner_context(agent.call(), {owner, {}});
  };
  CHECK(context_of({}));
  CHECK(context_of("JANE@example.org"));
  REQUIRE(house.admin.add_owner("omar@example.org", "UTC", {}));
  CHECK(code_of(context_of("omar@example.org")) == "owner_scope_denied");
  CHECK(house.last_row().at("kind") == "security");
  CHECK(context_of("omar@example.org").error().message() ==
        context_of("nobody@example.org").error().message());
  REQUIRE(house.admin.update_agent("Scheduler", {},
                                   std::vector<std::string>{kJane, "omar@example.org"}));
  const auto several = context_of({});
  CHECK(code_of(several) == "VALIDATION_FAILED");
  CHECK(several.error().message().find(kJane) != std::string::npos);
  CHECK(several.error().message().find("omar@example.org") != std::string::npos);
  CHECK(context_of(kJane));
  const auto scope = context_of(kJane)->agent.owner_scope;
  CHECK(std::set(scope.begin(), scope.end()) == std::set<std::string>{kJane, "omar@example.org"});
  REQUIRE(house.admin.update_agent("Scheduler", {}, std::vector<std::string>{}));
  CHECK(code_of(context_of({})) == "owner_scope_denied");
  CHECK(code_of(context_of(kJane)) == "owner_scope_denied");
}

TEST_CASE("every request for an owner without a zone or a primary calendar is CALENDAR_NOT_FOUND") {
  AgentHouse house;
  REQUIRE(house.admin.add_owner("omar@example.org", std::nullopt, {}));
  const Agent agent =
      house.agent("Omars", {"read_freebusy", "read_events", "create_holds", "create_bookings"},
                  {"omar@example.org"});
  const std::set<std::string> of_an_owner = {
      "owner_context", "schedule_rules", "calendars", "search", "simulate", "hold", "book", "list"};
  const auto all = operations(house, HoldId("none"), BookingId("none"));
  const auto fails = [&] {
    std::size_t count = 0;
    for (const Operation& operation : all) {
      if (of_an_owner.count(operation.name) == 0) continue;
      CAPTURE(operation.name);
      CHECK(operation.run(agent) == "CALENDAR_NOT_FOUND");
      ++count;
    }
    CHECK(count == of_an_owner.size());
  };
  fails();
  NewCalendar calendar;
  calendar.owner_email = "omar@example.org";
  calendar.provider = "vdir";
  calendar.location = house.calendar_folder("omar");
  REQUIRE(house.admin.add_calendar(calendar));
  fails();  // a calendar, and still no zone
  OwnerChange change;
  change.timezone = "Europe/Paris";
  REQUIRE(house.admin.update_owner("omar@example.org", change));
  CHECK(agent.book("20 10:00-11:00"));
}

TEST_CASE("a key's text opens the door once it is right; a wrong one leaves a row without a key") {
  AgentHouse house;
  const Agent agent = house.scheduler();
  const auto minted = house.admin.mint_key("Scheduler", "door", house.pepper);
  REQUIRE(minted);
  const std::string text(minted->text.reveal());
  const std::size_t before = house.rows().size();
  const auto verified = house.service.authenticate(text, {});
  REQUIRE(verified);
  CHECK(verified->ref == minted->key.ref);
  CHECK(house.rows().size() == before);  // its use will have the row
  CHECK(code_of(house.service.authenticate("no key", {})) == "unknown_api_key");
  const json row = house.last_row();
  CHECK(row.at("kind") == "security");
  CHECK(row.at("api_key_id").is_null());
  CHECK(row.at("agent_id").is_null());
}

}  // namespace
}  // namespace openavail::service::testing
