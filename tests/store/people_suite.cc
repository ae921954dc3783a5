#include <catch2/catch.hpp>

#include "store/store_suite.h"

namespace openavail::store::testing {

void people_suite(const StoreFactory& factory) {
  SECTION("an owner is found by every address, whatever the case, and addresses are unique") {
    const auto store = factory();
    auto tx = write(*store);
    auto owner = make_owner("own_1", "Ada@Example.com");
    owner.aliases = {"ada.l@example.org", "COUNTESS@example.net"};
    owner.timezone = "Europe/London";
    REQUIRE(tx->insert_owner(owner));
    for (const char* address : {"ada@example.com", "ADA.L@EXAMPLE.ORG", "countess@example.net"}) {
      const auto found = tx->find_owner_by_address(address).value();
      REQUIRE(found);
      CHECK(found->id == owner.id);
      CHECK(found->email == "Ada@Example.com");
      CHECK(found->aliases == owner.aliases);
      CHECK(found->timezone == "Europe/London");
      CHECK(found->created_at == hour(0));
    }
    REQUIRE_FALSE(tx->find_owner_by_address("nobody@example.com").value());
    auto other = make_owner("own_2", "bob@example.com");
    other.aliases = {"Countess@Example.Net"};
    const auto refused = tx->insert_owner(other);
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code() == ErrorCode::state_conflict);
  }
  SECTION("an owner's revision moves alone or with all others") {
    const auto store = factory();
    auto tx = write(*store);
    REQUIRE(tx->insert_owner(make_owner("own_1", "b@example.com")));
    REQUIRE(tx->insert_owner(make_owner("own_2", "a@example.com")));
    REQUIRE(tx->bump_owner_revision(OwnerId("own_1")));
    REQUIRE(tx->bump_all_owner_revisions());
    const auto all = tx->owners().value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].email == "a@example.com");
    CHECK(all[0].revision == 1);
    CHECK(all[1].revision == 2);
  }
  SECTION("removing an owner takes calendars, rules and scope along, and frees the address") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    auto agent = tx->find_agent(AgentId("agt_1")).value().value();
    agent.owners = {OwnerId("own_1")};
    REQUIRE(tx->update_agent(agent));
    policy::RuleLayer layer;
    layer.buffer_minutes = policy::Field<int>::of(5);
    REQUIRE(tx->set_rules(OwnerId("own_1"), layer));
    REQUIRE(tx->remove_owner(OwnerId("own_1")));
    CHECK_FALSE(tx->find_owner(OwnerId("own_1")).value());
    CHECK(tx->calendars(OwnerId("own_1")).value().empty());
    CHECK(tx->all_calendars().value().empty());
    CHECK(tx->rules(OwnerId("own_1")).value() == policy::RuleLayer{});
    CHECK(tx->find_agent(AgentId("agt_1")).value()->owners.empty());
    CHECK(tx->insert_owner(make_owner("own_2", "ada@example.com")));
  }
  SECTION("an owner has one calendar of a type, a folder one calendar, the primary comes first") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    REQUIRE(tx->insert_owner(make_owner("own_2", "bob@example.com")));
    const auto same_type =
        tx->insert_calendar(make_calendar("cal_2", "own_1", ports::CalendarType::work));
    REQUIRE_FALSE(same_type);
    CHECK(same_type.error().code() == ErrorCode::state_conflict);
    auto same_folder = make_calendar("cal_3", "own_2", ports::CalendarType::work);
    same_folder.location = "/calendars/cal_1";
    CHECK(tx->insert_calendar(same_folder).error().code() == ErrorCode::state_conflict);
    REQUIRE(tx->insert_calendar(make_calendar("cal_4", "own_1", ports::CalendarType::other)));
    auto all = tx->calendars(OwnerId("own_1")).value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == CalendarId("cal_1"));
    all[1].is_suspended = true;
    all[1].timezone = "Asia/Tokyo";
    REQUIRE(tx->update_calendar(all[1]));
    const auto changed = tx->find_calendar(CalendarId("cal_4")).value().value();
    CHECK(changed.is_suspended);
    CHECK(changed.timezone == "Asia/Tokyo");
    REQUIRE(tx->remove_calendar(CalendarId("cal_1")));
    CHECK(tx->calendars(OwnerId("own_1")).value().size() == 1);
    CHECK(tx->insert_calendar(make_calendar("cal_5", "own_1", ports::CalendarType::work)));
  }
  SECTION("classes are named without case, listed by tier, and stay readable when removed") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    const policy::MeetingClass top{ClassId("cls_2"), "Critical", policy::Tier::critical,
                                   policy::PreemptPolicy::protected_, "board"};
    REQUIRE(tx->insert_class(top));
    auto twin = top;
    twin.id = ClassId("cls_3");
    twin.name = "CRITICAL";
    CHECK(tx->insert_class(twin).error().code() == ErrorCode::state_conflict);
    const auto all = tx->classes().value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].id == top.id);
    CHECK(all[0].policy == policy::PreemptPolicy::protected_);
    CHECK(all[0].description == "board");
    REQUIRE(tx->remove_class(top.id));
    CHECK_FALSE(tx->find_class_by_name("critical").value());
    CHECK(tx->find_class(top.id).value()->name == "Critical");
    CHECK(tx->insert_class(twin));
  }
  SECTION("rules keep the difference between unset, none and a value, in both layers") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    policy::RuleLayer organisation;
    organisation.max_daily_meeting_minutes = policy::Field<int>::of(240);
    policy::RuleLayer owner;
    owner.max_daily_meeting_minutes = policy::Field<int>::none();
    REQUIRE(tx->set_rules(std::nullopt, organisation));
    REQUIRE(tx->set_rules(OwnerId("own_1"), owner));
    CHECK(tx->rules(std::nullopt).value() == organisation);
    CHECK(tx->rules(OwnerId("own_1")).value() == owner);
    CHECK(tx->rules(OwnerId("own_9")).value() == policy::RuleLayer{});
  }
  SECTION("agents are named without case and keep permissions and scope") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    CHECK(tx->insert_agent(make_agent("agt_2", "PLANNER")).error().code() ==
          ErrorCode::state_conflict);
    auto agent = tx->find_agent_by_name("planner").value().value();
    CHECK(agent.permissions == make_agent("agt_1", "").permissions);
    agent.owners = {OwnerId("own_1")};
    agent.is_disabled = true;
    REQUIRE(tx->update_agent(agent));
    const auto again = tx->agents().value();
    REQUIRE(again.size() == 1);
    CHECK(again[0].is_disabled);
    CHECK(again[0].owners == agent.owners);
  }
  SECTION("a key's version moves with every change, and it is revoked once") {
    const auto store = factory();
    populate(*store);
    auto tx = write(*store);
    ports::Key key;
    key.ref = KeyRef("0123456789AB");
    key.agent_id = AgentId("agt_1");
    key.label = "laptop";
    key.verifier = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";
    key.pepper_id = "pep_1";
    key.created_at = hour(1);
    REQUIRE(tx->insert_key(key));
    REQUIRE(tx->set_key_expiry(key.ref, hour(9)));
    REQUIRE(tx->revoke_key(key.ref, hour(3)));
    REQUIRE(tx->revoke_key(key.ref, hour(4)));
    const auto found = tx->find_key(key.ref).value().value();
    CHECK(found.version == 3);
    CHECK(found.expires_at == hour(9));
    CHECK(found.revoked_at == hour(3));
    CHECK(found.verifier == key.verifier);
    CHECK(found.label == "laptop");
    CHECK(tx->keys(AgentId("agt_1")).value().size() == 1);
    CHECK(tx->keys(AgentId("agt_2")).value().empty());
    CHECK(tx->keys(std::nullopt).value().size() == 1);
    key.ref = KeyRef("0123456789AC");
    key.agent_id = AgentId("agt_9");
    CHECK(tx->insert_key(key).error().code() == ErrorCode::state_conflict);
  }
}

}  // namespace openavail::store::testing
