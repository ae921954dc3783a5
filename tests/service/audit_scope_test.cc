// Which rows of the log a key with read_audit reads: as far as its owner scope goes.
#include <set>

#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

constexpr const char* kBob = "bob@example.org";

std::vector<nlohmann::json> rows_of(const ExportPage& page) {
  std::vector<nlohmann::json> rows;
  for (const std::string& text : page.lines) {
    const auto line = nlohmann::json::parse(text);
    if (line.contains("row")) rows.push_back(line.at("row"));
  }
  return rows;
}

struct AuditHouse : AgentHouse {
  std::string janes, bobs, nobodys, own;  // a decision about each owner; about none; its own

  Agent of_jane = agent("Of Jane", {"read_audit"});
  Agent of_both = agent("Of both", {"read_audit"}, {});
  Agent of_all = agent("Of all", {"read_audit"}, {kAllOwners});

  AuditHouse() {
    REQUIRE(admin.add_owner(kBob, "UTC", {}));
    NewCalendar asked;
    asked.owner_email = kBob;
    asked.type = CalendarType::work;
    asked.provider = "vdir";
    asked.location = calendar_folder("bobs");
    REQUIRE(admin.add_calendar(asked));
    REQUIRE(admin.update_agent("Of both", {}, std::vector<std::string>{kJane, kBob}));
    scheduler().booked("10:00-11:00");
    janes = last_row().at("decision_id");
    const Agent bob = agent("Bob's", {"create_bookings"}, {kBob});
    bob.booked("10:00-11:00");
    bobs = last_row().at("decision_id");
    REQUIRE(service.meeting_classes(scheduler("Second").call()));
    nobodys = last_row().at("decision_id");
    REQUIRE(service.agent(of_jane.call()));
    own = last_row().at("decision_id");
  }
  // The rows that a reader gets, by each of the three ways. They have to agree.
  std::set<std::string> read(const Agent& reader) {
    std::set<std::string> listed, exported;
    DecisionQuery query;
    query.limit = 3;  // several pages
    for (;;) {
      const auto page = service.decisions(reader.call(), query);
      REQUIRE(page);
      for (const AuditLine& line : page->rows) listed.insert(id_of(line));
      query.cursor = page->next_cursor;
      if (!query.cursor) break;
    }
    ExportQuery from;
    from.filters.limit = 4;
    for (;;) {
      const auto page = service.export_audit(reader.call(), from);
      REQUIRE(page);
      for (const nlohmann::json& row : rows_of(*page)) exported.insert(row.at("decision_id"));
      from.after_seq = page->last_seq;
      from.until_seq = page->until_seq;
      if (page->is_complete) break;
    }
    std::set<std::string> of_interest;
    for (const std::string& id : {janes, bobs, nobodys, own}) {
      CHECK(listed.count(id) == exported.count(id));
      CHECK(static_cast<bool>(service.decision(reader.call(), DecisionId(id))) ==
            (listed.count(id) == 1));
      if (listed.count(id) == 1) of_interest.insert(id);
    }
    return of_interest;
  }
  static std::string id_of(const AuditLine& line) {
    return json::parse(line.row.canonical).at("decision_id");
  }
};

TEST_CASE("A key reads rows about its owners, and rows about none that it caused itself") {
  AuditHouse house;
  using Ids = std::set<std::string>;
  CHECK(house.read(house.of_jane) == Ids{house.janes, house.own});
  CHECK(house.read(house.of_both) == Ids{house.janes, house.bobs});
  CHECK(house.read(house.of_all) == Ids{house.janes, house.bobs, house.nobodys, house.own});
}

TEST_CASE("Filters tell nothing of owners and agents outside of the scope") {
  AuditHouse house;
  DecisionQuery query;
  for (const std::string& owner : {std::string(kBob), std::string("nobody@example.org")}) {
    query = {};
    query.owner_email = owner;
    const auto refused = house.service.decisions(house.of_jane.call(), query);
    CHECK(code_of(refused) == "owner_scope_denied");
    CHECK(refused.error().next().find("bob") == std::string::npos);
    ExportQuery from;
    from.filters = query;
    CHECK(code_of(house.service.export_audit(house.of_jane.call(), from)) == "owner_scope_denied");
  }
  for (const std::string& agent : {std::string("Bob's"), std::string("Unknown")}) {
    query = {};
    query.agent_id = agent;
    const auto found = house.service.decisions(house.of_jane.call(), query);
    REQUIRE(found);
    CHECK(found->rows.empty());
  }
  query = {};
  query.agent_id = "Scheduler";
  CHECK(house.service.decisions(house.of_jane.call(), query)->rows.size() == 1);
  query.agent_id = "Unknown";
  CHECK(code_of(house.service.decisions(house.of_all.call(), query)) == "NOT_FOUND");
  query = {};
  query.owner_email = kBob;
  CHECK_FALSE(house.service.decisions(house.of_all.call(), query)->rows.empty());
}

TEST_CASE(
    "An export says whether rows are left out; with all owners none is, nor of those to come") {
  AuditHouse house;
  CHECK(house.service.export_audit(house.of_jane.call(), {})->leaves_rows_out);
  REQUIRE(house.admin.add_owner("carl@example.org", "UTC", {}));
  const auto all = house.service.export_audit(house.of_all.call(), {});
  REQUIRE(all);
  CHECK_FALSE(all->leaves_rows_out);
  REQUIRE(all->is_complete);
  std::int64_t seq = 0;
  for (const nlohmann::json& row : rows_of(*all)) CHECK(row.at("seq") == ++seq);
  CHECK(seq == all->until_seq);
  ExportQuery from;
  from.filters.action = "accept";
  CHECK(house.service.export_audit(house.of_all.call(), from)->leaves_rows_out);
}

TEST_CASE("all stands for every owner, those to come included, and alone") {
  AgentHouse house;
  const auto made = house.admin.register_agent(
      "Everywhere", *policy::PermissionSet::from_names({"read_freebusy"}), {kAllOwners});
  REQUIRE(made);
  CHECK(made->owner_emails == std::vector<std::string>{kJane});
  REQUIRE(house.admin.add_owner(kBob, "UTC", {}));
  const auto now = house.admin.agent("Everywhere");
  CHECK(now->owner_emails.size() == 2);
  CHECK(now->agent.is_for_all_owners);
  CHECK(code_of(house.admin.update_agent(
            "Everywhere", {}, std::vector<std::string>{kAllOwners, kJane})) == "VALIDATION_FAILED");
  // Other changes keep it, naming owners ends it.
  REQUIRE(house.admin.set_agent_disabled("Everywhere", true));
  REQUIRE(house.admin.set_agent_disabled("Everywhere", false));
  CHECK(house.admin.agent("Everywhere")->agent.is_for_all_owners);
  const auto narrowed = house.admin.update_agent("Everywhere", {}, std::vector<std::string>{kBob});
  REQUIRE(narrowed);
  CHECK_FALSE(narrowed->agent.is_for_all_owners);
  CHECK(narrowed->owner_emails == std::vector<std::string>{kBob});
  REQUIRE(house.admin.remove_owner(kBob));
  CHECK(house.admin.agent("Everywhere")->owner_emails.empty());
}

}  // namespace
}  // namespace openavail::service::testing
