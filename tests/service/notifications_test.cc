// Notifications: whose they are, how long they are told, and how they are put away.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

struct Told : AgentHouse {
  Agent agent = scheduler();
  Agent chief_agent = chief();

  NotificationId displaced(const std::string& when) {
    agent.booked(when);
    REQUIRE(chief_agent.book(when, "Important"));
    return service.notifications(agent.call())->back().id;
  }
};

TEST_CASE("reading notifications does not consume them, acknowledging does, and only one's own") {
  Told house;
  const NotificationId first = house.displaced("10:00-11:00");
  const NotificationId second = house.displaced("12:00-13:00");
  CHECK(house.agent.told().size() == 2);
  CHECK(house.agent.told().size() == 2);
  CHECK(house.service.acknowledge(house.chief_agent.call(), {first}) == 0);
  CHECK(house.agent.told().size() == 2);
  CHECK(house.service.acknowledge(house.agent.call(), {first}) == 1);
  CHECK(house.last_row().at("action") == "acknowledge");
  CHECK(house.last_row().at("kind") == "decision");  // it changed something
  const auto left = house.service.notifications(house.agent.call());
  REQUIRE(left->size() == 1);
  CHECK(left->at(0).id == second);
  CHECK(house.service.acknowledge(house.agent.call(),
                                  {first, second, NotificationId("no-such-id")}) == 1);
  CHECK(house.agent.told().empty());
}

TEST_CASE("they are listed for seven days, and come with answers for an hour") {
  Told house;
  house.displaced("10:00-11:00");
  const keys::VerifiedKey key = house.agent.call().key;
  const std::size_t rows = house.rows().size();
  CHECK(house.service.pending(key).size() == 1);
  CHECK(house.rows().size() == rows);  // no use of a key of its own
  house.pass(minutes{60});
  CHECK(house.service.pending(key).size() == 1);
  house.pass(minutes{1});
  CHECK(house.service.pending(key).empty());
  CHECK(house.agent.told().size() == 1);
  house.pass(hours{24 * 7} - minutes{61});
  CHECK(house.agent.told().size() == 1);
  house.pass(minutes{1});
  CHECK(house.agent.told().empty());
}

TEST_CASE("acknowledged ones no longer come with answers") {
  Told house;
  const NotificationId id = house.displaced("10:00-11:00");
  REQUIRE(house.service.acknowledge(house.agent.call(), {id}));
  CHECK(house.service.pending(house.agent.call().key).empty());
}

TEST_CASE("a key that may do nothing any more is told nothing") {
  Told house;
  house.displaced("10:00-11:00");
  const keys::VerifiedKey key = house.agent.call().key;
  SECTION("its agent is disabled") { REQUIRE(house.admin.set_agent_disabled("Scheduler", true)); }
  SECTION("it is revoked") { REQUIRE(house.admin.revoke_key(key.ref)); }
  SECTION("it has run out") {
    REQUIRE(house.admin.rotate_key(key.ref, minutes{10}, house.pepper));
    house.pass(minutes{10});
  }
  CHECK(house.service.pending(key).empty());
}

}  // namespace
}  // namespace openavail::service::testing
