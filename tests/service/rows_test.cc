// Every use of a key makes exactly one row that carries the key's reference.
#include "service/agent_house.h"

namespace openavail::service::testing {
namespace {

struct Rows : AgentHouse {
  // Runs one use and answers its one row.
  json row_of(const Agent& agent, const std::function<void()>& use) {
    const std::size_t before = rows().size();
    use();
    json found;
    int count = 0;
    for (const json& row : rows_after(before)) {
      if (row.at("api_key_id") != agent.key.text()) continue;
      found = row;
      ++count;
    }
    CHECK(count == 1);
    REQUIRE(found.is_object());
    CHECK(found.at("agent_id") == agent.id.text());
    CHECK(found.at("actor") == "agent");
    CHECK(found.at("request_id") == "req-" + std::to_string(requests));
    return found;
  }
};

struct Wanted {
  std::string kind, action, rule;
};
void check(const json& row, const Wanted& wanted) {
  CAPTURE(row.dump());
  CHECK(row.at("kind") == wanted.kind);
  CHECK(row.at("action") == wanted.action);
  if (!wanted.rule.empty()) CHECK(row.at("rule_fired") == wanted.rule);
}

TEST_CASE("each use case leaves one row, accepted or refused, decided or read") {
  Rows house;
  const Agent agent = house.scheduler();
  const auto leaves = [&](const Wanted& wanted, const std::function<void()>& use) {
    CAPTURE(wanted.action);
    check(house.row_of(agent, use), wanted);
  };
  BookingId booking;
  HoldId hold;
  leaves({"decision", "accept", ""}, [&] { booking = agent.booked("10:00-11:00"); });
  leaves({"decision", "counter", ""}, [&] { CHECK_FALSE(agent.book("10:00-11:00")); });
  leaves({"access", "book", "INVALID_MEETING_CLASS"},
         [&] { CHECK_FALSE(agent.book("12:00-13:00", "Urgent")); });
  leaves({"access", "book", "PAST_TIME"}, [&] { CHECK_FALSE(agent.book("07:00-08:00")); });
  leaves({"decision", "accept", ""}, [&] { hold = agent.held("12:00-13:00"); });
  leaves({"decision", "counter", ""}, [&] { CHECK_FALSE(agent.hold("12:00-13:00")); });
  leaves({"access", "hold", "WINDOW_TOO_NARROW"},
         [&] { CHECK_FALSE(agent.hold_window("14:00-14:10", 30)); });
  leaves({"access", "confirm", "SLOT_OUTSIDE_HOLD"},
         [&] { CHECK_FALSE(agent.confirm(hold, "12:00-12:30")); });
  leaves({"decision", "accept", ""}, [&] { CHECK(agent.confirm(hold, "12:00-13:00")); });
  leaves({"access", "confirm", "HOLD_ALREADY_PROMOTED"},
         [&] { CHECK_FALSE(agent.confirm(hold, "12:00-13:00")); });
  leaves({"access", "release", "HOLD_ALREADY_PROMOTED"}, [&] { CHECK_FALSE(agent.release(hold)); });
  hold = agent.held("14:00-15:00");
  leaves({"decision", "release", ""}, [&] { CHECK(agent.release(hold)); });
  leaves({"decision", "update", ""}, [&] { CHECK(agent.rename(booking, "New")); });
  leaves({"access", "update", "VALIDATION_FAILED"}, [&] {
    UpdateRequest empty;
    empty.booking_id = booking;
    CHECK_FALSE(house.service.update(agent.call(), empty));
  });
  leaves({"access", "get", ""}, [&] { CHECK(agent.get(booking)); });
  leaves({"access", "get", "BOOKING_NOT_FOUND"},
         [&] { CHECK_FALSE(agent.get(BookingId("0190a5b4-0000-7000-8000-000000000000"))); });
  leaves({"access", "list", ""}, [&] { CHECK(agent.list()); });
  leaves({"access", "list", "VALIDATION_FAILED"}, [&] {
    ListRequest request;
    request.cursor = "no cursor";
    CHECK_FALSE(agent.list(request));
  });
  leaves({"access", "search", ""}, [&] { CHECK(agent.search("14:00-15:00", 30)); });
  leaves({"access", "search", ""}, [&] { CHECK_FALSE(agent.search("10:00-11:00", 60)); });
  leaves({"access", "search", "PAST_TIME"}, [&] { CHECK_FALSE(agent.search("06:00-07:00", 30)); });
  leaves({"access", "simulate", ""}, [&] { CHECK(agent.simulate("10:00-11:00")); });
  leaves({"access", "simulate", "VALIDATION_FAILED"},
         [&] { CHECK_FALSE(agent.simulate("11:00-10:00")); });
  leaves({"access", "owner_context", ""},
         [&] { CHECK(house.service.owner_context(agent.call(), {})); });
  leaves({"access", "schedule_rules", ""},
         [&] { CHECK(house.service.schedule_rules(agent.call(), {})); });
  leaves({"access", "calendars", ""}, [&] { CHECK(house.service.calendars(agent.call(), {})); });
  leaves({"access", "meeting_classes", ""},
         [&] { CHECK(house.service.meeting_classes(agent.call())); });
  leaves({"access", "notifications", ""},
         [&] { CHECK(house.service.notifications(agent.call())); });
  leaves({"decision", "acknowledge", ""},
         [&] { CHECK(house.service.acknowledge(agent.call(), {NotificationId("none")})); });
  leaves({"decision", "cancel", ""}, [&] { CHECK(agent.cancel(booking)); });
  leaves({"access", "cancel", "BOOKING_NOT_CANCELLABLE"},
         [&] { CHECK_FALSE(agent.cancel(booking)); });
}

TEST_CASE("a call that never reached a use case leaves its row too") {
  Rows house;
  const Agent agent = house.scheduler();
  const Error invalid(ErrorCode::validation_failed, "the input is not valid");
  check(house.row_of(agent,
                     [&] {
                       CHECK(house.service.refuse(agent.call(), "create-event", invalid).code() ==
                             ErrorCode::validation_failed);
                     }),
        {"access", "create-event", "VALIDATION_FAILED"});
  REQUIRE(house.admin.set_agent_disabled("Scheduler", true));
  check(house.row_of(agent,
                     [&] {
                       CHECK(house.service.refuse(agent.call(), "create-event", invalid).code() ==
                             ErrorCode::agent_disabled);
                     }),
        {"security", "create-event", "agent_disabled"});
}

TEST_CASE("a write that fails has the decision's row alone; what followed has no key") {
  Rows house;
  const Agent agent = house.scheduler();
  house.providers.steps.create = Outcome::refused;
  check(house.row_of(agent, [&] { CHECK_FALSE(agent.book("10:00-11:00")); }),
        {"decision", "accept", ""});
  house.providers.steps.create = Outcome::unknown_lost;
  check(house.row_of(agent, [&] { CHECK_FALSE(agent.book("10:00-11:00")); }),
        {"decision", "accept", ""});
  // Recovery's row of the lost one has no key either.
  check(house.row_of(agent, [&] { CHECK(agent.simulate("10:00-11:00")); }),
        {"access", "simulate", ""});
  CHECK(house.count_actions("write_failed") == 2);
}

TEST_CASE("a decision is written with what the rules said, and every row verifies") {
  Rows house;
  house.working_hours("Mon-Fri 09:00-17:00");
  const Agent agent = house.scheduler();
  const json row = house.row_of(agent, [&] { CHECK_FALSE(agent.book("17:00-18:00")); });
  CHECK(row.at("requested_interval").at("start") == "2027-01-18T17:00:00Z");
  CHECK(row.at("decided_interval").is_null());
  CHECK(row.at("calendar_owner") == house.admin.owner(kJane)->id.text());
  CHECK(row.at("situation_digest").is_string());
  REQUIRE_FALSE(row.at("trace").empty());
  CHECK(row.at("trace")[1].at("outcome") == "fail");
  for (const AuditRow& each : house.audit()) {
    CHECK(audit::verify_line(audit::export_line(each.row, each.owner_email),
                             {audit::trusted_key(house.signing_key->public_key())}));
  }
}

TEST_CASE("a decision that could not be recorded is not claimed by the row of its refusal") {
  Rows house;
  const Agent agent = house.scheduler();
  const Agent chief = house.chief();
  agent.booked("10:00-11:00", "Tentative");
  // The provider of the calendar is no longer known: after the decision, before its record.
  house.providers.opens_left = 1;
  const json row =
      house.row_of(chief, [&] { CHECK_FALSE(chief.book("10:00-11:00", "Important")); });
  check(row, {"access", "book", "VALIDATION_FAILED"});
  CHECK(row.at("booking_id").is_null());
  CHECK(row.at("decided_interval").is_null());
  CHECK(row.at("displaced_booking_ids").empty());
  CHECK(row.at("situation_digest").is_null());
  CHECK(row.at("trace").empty());
  CHECK(house.events() == 1);
}

}  // namespace
}  // namespace openavail::service::testing
