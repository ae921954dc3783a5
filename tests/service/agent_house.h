// An installation with an owner, a calendar folder and agents: Monday 2027-01-18, 08:00 UTC. All
// times of these tests lie in that January.
#pragma once

#include <algorithm>

#include "base/limits.h"
#include "service/admin_house.h"
#include "service/agent_service.h"

namespace openavail::service::testing {

using nlohmann::json;

inline constexpr const char* kJane = "jane@example.org";

// "19 09:00", or "09:00" on the 18th.
inline Instant at(const std::string& text) {
  const std::string full = text.size() == 5 ? "18 " + text : text;
  const auto parsed =
      time::parse_instant("2027-01-" + full.substr(0, 2) + "T" + full.substr(3) + ":00Z");
  REQUIRE(parsed);
  return *parsed;
}

// "19 09:00-10:00", or "09:00-10:00".
inline Interval slot(const std::string& text) {
  const auto dash = text.find('-');
  const std::string from = text.substr(0, dash);
  const std::string day = from.size() == 5 ? "18 " : from.substr(0, 3);
  return {at(from), at(day + text.substr(dash + 1))};
}

inline std::string ical_time(Instant t) {
  std::string text = time::format_instant(t);
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '-' || c == ':'; }),
             text.end());
  return text;
}

// An object with one event that a person made.
inline std::string event_file(const std::string& uid, const Interval& interval,
                              const std::string& more = "") {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:" + uid +
         "\r\nDTSTAMP:20270101T000000Z\r\nDTSTART:" + ical_time(interval.start) +
         "\r\nDTEND:" + ical_time(interval.end) + "\r\nSUMMARY:Private\r\n" + more +
         "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

inline calendar::EventText titled(const std::string& title) {
  calendar::EventText text;
  text.title = title;
  return text;
}

struct AgentHouse;

// One agent with one key, as a caller.
struct Agent {
  AgentHouse& house;
  AgentId id;
  KeyRef key;
  std::string name;

  AgentCall call(const std::string& idempotency_key = "") const;
  Result<BookingAnswer> book(const std::string& when, const std::string& meeting_class = "Regular",
                             const std::string& idempotency_key = "") const;
  BookingId booked(const std::string& when, const std::string& meeting_class = "Regular") const;
  Result<HoldAnswer> hold(const std::string& when, const std::string& idempotency_key = "",
                          const std::string& meeting_class = "Regular") const;
  Result<HoldAnswer> hold_window(const std::string& window, int minutes) const;
  HoldId held(const std::string& when, const std::string& meeting_class = "Regular") const;
  Result<BookingAnswer> confirm(const HoldId& hold, const std::string& when,
                                const std::string& idempotency_key = "") const;
  Status release(const HoldId& hold) const;
  Result<CancelAnswer> cancel(const BookingId& booking,
                              const std::string& idempotency_key = "") const;
  Result<BookingView> get(const BookingId& booking) const;
  Result<SimulateAnswer> simulate(const std::string& when,
                                  const std::string& meeting_class = "Regular") const;
  Result<SearchAnswer> search(const std::string& window, int minutes,
                              const std::string& meeting_class = "Regular") const;
  Result<ListAnswer> list(const ListRequest& request = {}) const;
  Result<BookingView> rename(const BookingId& booking, const std::string& title) const;
  // "booking.cancelled" and so on, oldest first.
  std::vector<std::string> told() const;
};

struct AgentHouse : AdminHouse {
  AgentService service{parts()};
  std::string work = calendar_folder("work");
  int requests = 0;

  AgentHouse() {
    clock.now_ms = at("08:00").unix_ms;
    REQUIRE(admin.add_owner(kJane, "UTC", {}));
    add_calendar(CalendarType::work, work);
  }

  void add_calendar(CalendarType type, const std::string& location) {
    NewCalendar asked;
    asked.owner_email = kJane;
    asked.type = type;
    asked.provider = "vdir";
    asked.location = location;
    REQUIRE(admin.add_calendar(asked));
  }
  Agent agent(const std::string& name, const std::vector<std::string>& permissions,
              const std::vector<std::string>& owners = {kJane}) {
    const auto set = policy::PermissionSet::from_names(permissions);
    REQUIRE(set);
    const auto made = admin.register_agent(name, *set, owners);
    REQUIRE(made);
    const auto minted = admin.mint_key(name, "test", pepper);
    REQUIRE(minted);
    return {*this, made->agent.id, minted->key.ref, name};
  }
  // May do everything but displace.
  Agent scheduler(const std::string& name = "Scheduler") {
    return agent(name, {"read_freebusy", "read_events", "create_holds", "create_bookings"});
  }
  // May displace as well.
  Agent chief(const std::string& name = "Chief") {
    return agent(name,
                 {"read_freebusy", "read_events", "create_holds", "create_bookings", "preempt"});
  }
  void allow(const Agent& agent, const std::vector<std::string>& permissions) {
    REQUIRE(admin.update_agent(agent.name, *policy::PermissionSet::from_names(permissions), {}));
  }
  void rules(const std::function<void(policy::RuleLayer&)>& change) {
    REQUIRE(admin.set_rules(std::nullopt, [&](policy::RuleLayer& layer) -> Status {
      change(layer);
      return {};
    }));
  }
  void working_hours(const std::string& row) {
    rules([&](policy::RuleLayer& layer) {
      layer.working_hours =
          policy::Field<std::vector<policy::WeeklyRow>>::of({*policy::parse_weekly_row(row)});
    });
  }
  void pass(std::chrono::seconds time) { clock.now_ms += Millis(time).count(); }

  // --- what stands in the calendar ---
  std::string path_of(const BookingId& id) const { return work + "/" + id.text() + ".ics"; }
  bool has_event(const BookingId& id) const { return std::filesystem::exists(path_of(id)); }
  std::string event(const BookingId& id) const {
    return openavail::testing::read_file(path_of(id));
  }
  void put_event(const std::string& name, const std::string& object) const {
    openavail::testing::write_file(work + "/" + name + ".ics", object);
  }
  // A person edits the event of a booking.
  void edit(const BookingId& id, const std::string& from, const std::string& to) const {
    std::string text = event(id);
    const auto place = text.find(from);
    REQUIRE(place != std::string::npos);
    openavail::testing::write_file(path_of(id), text.replace(place, from.size(), to));
  }
  void move_event(const BookingId& id, const std::string& from, const std::string& to) const {
    edit(id, "DTSTART:" + ical_time(slot(from).start), "DTSTART:" + ical_time(slot(to).start));
    edit(id, "DTEND:" + ical_time(slot(from).end), "DTEND:" + ical_time(slot(to).end));
  }
  int events() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(work)) {
      count += entry.path().extension() == ".ics" ? 1 : 0;
    }
    return count;
  }

  // --- what the store has ---
  ports::Booking stored(const BookingId& id) {
    const auto booking = (*store->begin(ports::Access::read))->find_booking(id);
    REQUIRE((booking && *booking));
    return **booking;
  }
  ports::Hold stored(const HoldId& id) {
    const auto hold = (*store->begin(ports::Access::read))->find_hold(id);
    REQUIRE((hold && *hold));
    return **hold;
  }
  std::size_t owed() { return (*store->begin(ports::Access::read))->intents(std::nullopt)->size(); }

  // --- the audit log ---
  std::vector<json> rows() {
    std::vector<json> all;
    for (const AuditRow& row : audit()) all.push_back(json::parse(row.row.canonical));
    return all;
  }
  json last_row() { return rows().back(); }
  std::vector<json> rows_after(std::size_t count) {
    const auto all = rows();
    return {all.begin() + static_cast<std::ptrdiff_t>(count), all.end()};
  }
  std::vector<std::string> actions_after(std::size_t count) {
    std::vector<std::string> actions;
    for (const json& row : rows_after(count)) actions.push_back(row.at("action"));
    return actions;
  }
  std::size_t count_actions(const std::string& action) {
    const auto all = actions_after(0);
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), action));
  }
};

inline AgentCall Agent::call(const std::string& idempotency_key) const {
  AgentCall made;
  made.request_id = "req-" + std::to_string(++house.requests);
  if (!idempotency_key.empty()) made.idempotency_key = idempotency_key;
  made.key = {key, 1};
  return made;
}

inline Result<BookingAnswer> Agent::book(const std::string& when, const std::string& meeting_class,
                                         const std::string& idempotency_key) const {
  return house.service.book(call(idempotency_key),
                            {{}, slot(when), meeting_class, titled("Meeting at " + when)});
}
inline BookingId Agent::booked(const std::string& when, const std::string& meeting_class) const {
  const auto answer = book(when, meeting_class);
  if (!answer) FAIL(answer.error().message());
  return answer->booking_id;
}
inline Result<HoldAnswer> Agent::hold(const std::string& when, const std::string& idempotency_key,
                                      const std::string& meeting_class) const {
  HoldRequest request;
  request.meeting_class = meeting_class;
  request.interval = slot(when);
  return house.service.hold(call(idempotency_key), request);
}
inline Result<HoldAnswer> Agent::hold_window(const std::string& window, int minutes) const {
  HoldRequest request;
  request.meeting_class = "Regular";
  request.scope = ports::HoldScope::window;
  request.interval = slot(window);
  request.duration_minutes = minutes;
  return house.service.hold(call(), request);
}
inline HoldId Agent::held(const std::string& when, const std::string& meeting_class) const {
  const auto answer = hold(when, "", meeting_class);
  if (!answer) FAIL(answer.error().message());
  return answer->hold_id;
}
inline Result<BookingAnswer> Agent::confirm(const HoldId& hold, const std::string& when,
                                            const std::string& idempotency_key) const {
  return house.service.confirm(call(idempotency_key), {hold, slot(when), titled("Confirmed")});
}
inline Status Agent::release(const HoldId& hold) const {
  return house.service.release(call(), hold);
}
inline Result<CancelAnswer> Agent::cancel(const BookingId& booking,
                                          const std::string& idempotency_key) const {
  return house.service.cancel(call(idempotency_key), booking);
}
inline Result<BookingView> Agent::get(const BookingId& booking) const {
  return house.service.get(call(), booking);
}
inline Result<SimulateAnswer> Agent::simulate(const std::string& when,
                                              const std::string& meeting_class) const {
  return house.service.simulate(call(), {{}, slot(when), meeting_class});
}
inline Result<SearchAnswer> Agent::search(const std::string& window, int minutes,
                                          const std::string& meeting_class) const {
  SearchRequest request;
  request.duration_minutes = minutes;
  request.earliest_start = slot(window).start;
  request.latest_end = slot(window).end;
  request.meeting_class = meeting_class;
  return house.service.search(call(), request);
}
inline Result<ListAnswer> Agent::list(const ListRequest& request) const {
  return house.service.list(call(), request);
}
inline Result<BookingView> Agent::rename(const BookingId& booking, const std::string& title) const {
  UpdateRequest request;
  request.booking_id = booking;
  request.title = title;
  return house.service.update(call(), request);
}
inline std::vector<std::string> Agent::told() const {
  std::vector<std::string> kinds;
  const auto found = house.service.notifications(call());
  REQUIRE(found);
  for (const NotificationView& n : *found) kinds.push_back(n.kind);
  return kinds;
}

// The error's code, or what shows that there was none.
template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "accepted" : result.error().wire_code();
}
// error.reason of a rejection.
template <class T>
std::string reason_of(const Result<T>& result) {
  if (result || !result.error().details().is_object()) return "none";
  return result.error().details().value("/error/reason"_json_pointer, "none");
}
template <class T>
json details_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().details();
}

}  // namespace openavail::service::testing
