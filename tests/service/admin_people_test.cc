// Owners, calendars, classes, rules and agents: each change whole, recorded, and seen by decisions.
#include "service/admin_house.h"

namespace openavail::service::testing {
namespace {

TEST_CASE("initialising a second time changes nothing") {
  AdminHouse house;
  const auto again = house.admin.initialise(house.signing_key->public_key().pem());
  REQUIRE_FALSE(again);
  CHECK(again.error().code() == ErrorCode::state_conflict);
  CHECK(house.audit().size() == 1);
  CHECK(house.admin.classes()->size() == 4);
}

TEST_CASE("what is no address, no zone or no name is refused and leaves no row") {
  AdminHouse house;
  for (const char* email :
       {"", "jane", "@example.org", "jane@", "a@b@c", "a b@c.org", "<a@b.c>", "a\n@b.c"}) {
    CAPTURE(email);
    const auto added = house.admin.add_owner(email, std::nullopt, {});
    REQUIRE_FALSE(added);
    CHECK(added.error().code() == ErrorCode::validation_failed);
  }
  CHECK_FALSE(house.admin.add_owner("jane@example.org", "Mars/Olympus", {}));
  CHECK_FALSE(house.admin.register_agent("", {}, {}));
  CHECK_FALSE(house.admin.register_agent("a\x1b[2J", {}, {}));
  CHECK_FALSE(house.admin.register_agent(std::string(201, 'a'), {}, {}));
  CHECK(house.audit().size() == 1);
}

TEST_CASE("an address belongs to one owner, whatever its case; the nearest known one is named") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {"j@example.org"}));
  const auto taken = house.admin.add_owner("J@Example.org", "Europe/Paris", {});
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code() == ErrorCode::state_conflict);
  CHECK(house.admin.owner("JANE@example.org"));
  const auto unknown = house.admin.owner("jame@example.org");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code() == ErrorCode::not_found);
  CHECK(unknown.error().next().find("jane@example.org") != std::string::npos);
}

TEST_CASE("an alias is taken away whatever its case, and is free for others then") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {"j@example.org"}));
  OwnerChange change;
  change.remove_aliases = {"J@Example.org"};
  REQUIRE(house.admin.update_owner("jane@example.org", change));
  CHECK(house.admin.owner("jane@example.org")->aliases.empty());
  CHECK(house.last_action() == "owners.update");
  REQUIRE(house.admin.add_owner("j@example.org", std::nullopt, {}));
}

TEST_CASE("a change that decisions could see moves the owner's revision") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  std::int64_t revision = house.admin.owner("jane@example.org")->revision;
  const auto moved = [&] {
    const std::int64_t before = revision;
    revision = house.admin.owner("jane@example.org")->revision;
    return revision > before;
  };
  OwnerChange change;
  change.timezone = "Europe/Paris";
  REQUIRE(house.admin.update_owner("jane@example.org", change));
  CHECK(moved());
  REQUIRE(house.admin.set_rules(std::nullopt, [](policy::RuleLayer& layer) -> Status {
    layer.buffer_minutes = policy::Field<int>::of(30);
    return {};
  }));
  CHECK(moved());
  CHECK(house.last_action() == "rules.set");
  CHECK(house.admin.effective_rules("jane@example.org")->buffer_minutes == 30);
  REQUIRE(house.admin.update_class("regular", std::nullopt, policy::Tier::high, std::nullopt,
                                   std::nullopt));
  CHECK(moved());
  CHECK_FALSE(house.admin.set_rules("jane@example.org", [](policy::RuleLayer& layer) -> Status {
    layer.slot_interval_minutes = policy::Field<int>::of(7);
    return {};
  }));
  CHECK_FALSE(moved());
}

TEST_CASE("an owner has one calendar of each type, and one of them is primary") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  NewCalendar asked;
  asked.owner_email = "jane@example.org";
  asked.provider = "vdir";
  asked.location = house.calendar_folder("work");
  const auto work = house.admin.add_calendar(asked);
  REQUIRE(work);
  CHECK(work->is_primary);
  asked.location = house.calendar_folder("second");
  const auto second = house.admin.add_calendar(asked);
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == ErrorCode::state_conflict);
  CHECK(std::filesystem::is_empty(asked.location));
  asked.type = CalendarType::personal;
  asked.is_primary = true;
  REQUIRE(house.admin.add_calendar(asked));
  const auto all = house.admin.calendars("jane@example.org");
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->at(0).calendar.type == CalendarType::personal);
  CHECK(all->at(0).calendar.is_primary);
  CHECK_FALSE(all->at(1).calendar.is_primary);
  CHECK(house.last_action() == "calendars.add");
}

TEST_CASE("a folder that can't be adopted leaves no calendar; a removed one can be added again") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  NewCalendar asked;
  asked.owner_email = "jane@example.org";
  asked.provider = "vdir";
  asked.location = house.folder.file("missing");
  const std::size_t rows = house.audit().size();
  REQUIRE_FALSE(house.admin.add_calendar(asked));
  CHECK(house.admin.calendars(std::nullopt)->empty());
  CHECK(house.audit().size() == rows);
  asked.location = house.calendar_folder("work");
  REQUIRE(house.admin.add_calendar(asked));
  REQUIRE(house.admin.remove_calendar("jane@example.org", CalendarType::work));
  CHECK(std::filesystem::is_empty(asked.location));
  REQUIRE(house.admin.add_calendar(asked));
}

TEST_CASE("a check finds the lost marker and the broken file; accepting brings the folder back") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  NewCalendar asked;
  asked.owner_email = "jane@example.org";
  asked.provider = "vdir";
  asked.location = house.calendar_folder("work");
  REQUIRE(house.admin.add_calendar(asked));
  CHECK(house.admin.check_calendars(std::nullopt, false)->at(0).is_usable);
  std::filesystem::remove(asked.location + "/.openavail-calendar");
  CHECK_FALSE(house.admin.check_calendars(std::nullopt, false)->at(0).is_usable);
  CHECK(house.admin.check_calendars(std::nullopt, true)->at(0).is_usable);
  CHECK(house.last_action() == "calendars.accept");
  openavail::testing::write_file(asked.location + "/broken.ics", "BEGIN:VCALENDAR\r\n");
  const auto broken = house.admin.check_calendars(std::nullopt, false);
  REQUIRE(broken);
  CHECK_FALSE(broken->at(0).is_usable);
  REQUIRE(broken->at(0).report.problems.size() == 1);
  CHECK(broken->at(0).report.problems.at(0).file.find("broken.ics") != std::string::npos);
}

TEST_CASE("an agent's scope is replaced whole, and an unknown owner leaves it as it was") {
  AdminHouse house;
  REQUIRE(house.admin.add_owner("jane@example.org", std::nullopt, {}));
  REQUIRE(house.admin.add_owner("omar@example.org", std::nullopt, {}));
  REQUIRE(house.admin.register_agent("Scheduler", {}, {"jane@example.org", "JANE@example.org"}));
  CHECK(house.admin.agent("scheduler")->owner_emails ==
        std::vector<std::string>{"jane@example.org"});
  CHECK_FALSE(house.admin.update_agent(
      "Scheduler", std::nullopt, std::vector<std::string>{"omar@example.org", "who@example.org"}));
  CHECK(house.admin.agent("scheduler")->owner_emails ==
        std::vector<std::string>{"jane@example.org"});
  REQUIRE(house.admin.update_agent("Scheduler", std::nullopt,
                                   std::vector<std::string>{"omar@example.org"}));
  CHECK(house.admin.agent("scheduler")->owner_emails ==
        std::vector<std::string>{"omar@example.org"});
  REQUIRE(house.admin.set_agent_disabled("Scheduler", true));
  CHECK(house.admin.agent("scheduler")->agent.is_disabled);
  CHECK(house.last_action() == "agents.disable");
}

}  // namespace
}  // namespace openavail::service::testing
