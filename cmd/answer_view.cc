#include "cmd/answer_view.h"

#include <cstdio>
#include <utility>

#include "cmd/owner_zone.h"
#include "cmd/text.h"

namespace openavail::cmd {
namespace {

using nlohmann::json;
using Fields = std::vector<std::pair<std::string, std::string>>;

// The times of our own answers always parse; anything else would be a broken invariant, and is
// shown as the epoch rather than ending a command whose work is done.
Instant instant_of(const json& object, const char* name) {
  return time::parse_instant(object.value(name, "")).value_or(Instant{});
}

Interval interval_of(const json& object) {
  return {instant_of(object, "start"), instant_of(object, "end")};
}

std::string span_of(const json& object, const time::Zone& zone) {
  return local_span(zone, interval_of(object)) + " " + zone.name();
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? plain(found->get_ref<const std::string&>()) : found->dump();
}

void add(Fields& fields, const char* name, const std::string& value) {
  if (!value.empty()) fields.emplace_back(name, value);
}

// Rows with start and end as --start and --end take them.
json slot_rows(const json& slots, const time::Zone& zone) {
  json rows = json::array();
  for (const json& slot : slots) {
    const Interval interval = interval_of(slot);
    rows.push_back({{"start", local_instant(zone, interval.start)},
                    {"end", local_instant(zone, interval.end)},
                    {"day", weekday_of(zone, interval.start)}});
  }
  return rows;
}

void print_slots(const Globals& globals, const json& slots, const time::Zone& zone) {
  print_list(globals, slot_rows(slots, zone), {"start", "end", "day"});
}

void say_next_available(const Globals& globals, const json& body, const time::Zone& zone) {
  const auto next = body.find("next_available");
  if (next == body.end() || !next->is_object()) return;
  const Interval interval = interval_of(*next);
  say(globals, "next free: " + local_span(zone, interval) + " " + zone.name() + " (--start " +
                   local_instant(zone, interval.start) + " --end " +
                   local_instant(zone, interval.end) + ")");
}

}  // namespace

void view_search(const Globals& globals, const json& body, const time::Zone& zone) {
  const json& candidates = body.at("candidates");
  json rows = slot_rows(candidates, zone);
  bool any_displaces = false;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const json& candidate = candidates[i];
    rows[i]["risk"] = candidate.at("risk");
    if (!candidate.contains("preemptable")) continue;
    any_displaces = true;
    const json& occupant = candidate.at("preemptable");
    rows[i]["displaces"] = occupant.value("occupying_class", "") + " (" +
                           occupant.value("occupying_priority_tier", "") + ")";
  }
  std::vector<std::string> columns{"start", "end", "day", "risk"};
  if (any_displaces) columns.push_back("displaces");
  print_list(globals, rows, columns);
  const std::string found = body.at("available_candidate_count").dump();
  const bool is_curated = body.value("candidates_truncated", false);
  say(globals,
      (is_curated ? std::to_string(candidates.size()) + " of " + found + ", the best of each day"
                  : found + " found") +
          "; times of " + zone.name());
}

void view_hold(const Globals& globals, const json& body, const time::Zone& zone) {
  const json& held = body.at("held_window");
  const std::string id = text_of(body, "hold_id");
  const Instant until = instant_of(body, "expires_at");
  print_fields({{"hold", id},
                {"held", span_of(held, zone)},
                {"scope", text_of(body, "hold_scope")},
                {"calendar", text_of(body, "resolved_calendar_type")},
                {"until", weekday_of(zone, until) + " " + local_instant(zone, until) + " (" +
                              text_of(body, "expires_in_seconds") + " s)"}});
  const bool is_window = text_of(body, "hold_scope") == "window";
  const Interval interval = interval_of(held);
  say(globals,
      is_window
          ? "next: openavail confirm " + id + " --start … --end … --title … (inside the window)"
          : "next: openavail confirm " + id + " --start " + local_instant(zone, interval.start) +
                " --end " + local_instant(zone, interval.end) + " --title …");
}

void view_release(const Globals&, const json& body, const time::Zone&) {
  print_fields({{"released", text_of(body, "hold_id")}});
}

void view_booking(const Globals& globals, const json& body, const time::Zone& zone) {
  Fields fields;
  add(fields, "booked", span_of(body, zone));
  add(fields, "booking", text_of(body, "booking_id"));
  add(fields, "title", text_of(body, "title"));
  std::string attendees;
  for (const json& attendee : body.value("attendees", json::array())) {
    attendees += (attendees.empty() ? "" : ", ") + text_of(attendee, "email");
  }
  add(fields, "attendees", attendees);
  add(fields, "calendar", text_of(body, "calendar_type"));
  add(fields, "audit row", text_of(body, "audit_row_id"));
  print_fields(fields);
  const json& displaced = body.at("displaced_bookings");
  if (displaced.empty()) return;
  json rows = json::array();
  for (const json& loser : displaced) {
    rows.push_back({{"displaced", local_span(zone, interval_of(loser))},
                    {"class", loser.at("meeting_class")},
                    {"booking", loser.at("booking_id")},
                    {"title", loser.at("title")}});
  }
  std::printf("\n");
  print_list(globals, rows, {"displaced", "class", "booking", "title"});
}

void view_cancel(const Globals&, const json& body, const time::Zone&) {
  print_fields({{"cancelled", text_of(body, "booking_id")}});
}

void view_bookings(const Globals& globals, const json& body, const time::Zone& zone) {
  json rows = json::array();
  for (const json& booking : body.at("bookings")) {
    rows.push_back({{"time", local_span(zone, interval_of(booking))},
                    {"class", booking.at("meeting_class")},
                    {"status", booking.at("status")},
                    {"booking", booking.at("booking_id")},
                    {"title", booking.at("title")}});
  }
  print_list(globals, rows, {"time", "class", "status", "booking", "title"});
  if (rows.empty()) {
    say(globals, "no bookings that start in that time");
  } else {
    say(globals, "times of " + zone.name());
  }
  const std::string cursor = text_of(body, "next_cursor");
  if (!cursor.empty()) say(globals, "more: the same command with --cursor " + cursor);
}

void view_simulation(const Globals& globals, const json& body, const time::Zone& zone) {
  Fields fields;
  add(fields, "verdict", text_of(body, "decision"));
  const std::string reason = text_of(body, "reason");
  const std::string blocking = text_of(body, "blocking_reason");
  add(fields, "reason", reason);
  if (blocking != reason) add(fields, "because", blocking);
  std::string displaced;
  for (const json& id : body.at("displaced_booking_ids")) {
    displaced += (displaced.empty() ? "" : ", ") + id.get<std::string>();
  }
  add(fields, "displaces", displaced);
  add(fields, "digest", text_of(body, "situation_digest"));
  print_fields(fields);
  std::printf("\n");
  json rows = json::array();
  for (const json& row : body.at("engine_trace")) {
    const std::string detail = text_of(row, "detail");
    rows.push_back({{"check", row.at("rule")},
                    {"outcome", row.at("outcome")},
                    {"detail", detail.empty() ? json() : json(detail)}});
  }
  print_list(globals, rows, {"check", "outcome", "detail"});
  const json alternatives = body.value("alternatives", json::array());
  if (!alternatives.empty()) {
    std::printf("\n");
    say(globals, "alternatives, times of " + zone.name() + ":");
    print_slots(globals, alternatives, zone);
  }
  say_next_available(globals, body, zone);
}

void view_refusal(const Globals& globals, const json& body, const time::Zone& zone) {
  const json alternatives = body.value("alternatives", json::array());
  if (!alternatives.empty()) {
    say(globals, "alternatives, times of " + zone.name() + ":");
    print_slots(globals, alternatives, zone);
  }
  say_next_available(globals, body, zone);
}

void view_remarks(const Globals& globals, const json& body) {
  for (const json& warning : body.value("warnings", json::array())) {
    say(globals, "openavail: warning: " + spoken(text_of(warning, "message")));
  }
  const std::size_t waiting = body.value("pending_notifications", json::array()).size();
  if (waiting > 0) {
    say(globals, std::to_string(waiting) +
                     (waiting == 1 ? " notification waits" : " notifications wait") +
                     " for this agent: openavail call get-pending-notifications");
  }
}

}  // namespace openavail::cmd
