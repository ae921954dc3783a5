#include "base/identifiers.h"
#include "base/limits.h"
#include "service/admin_change.h"
#include "service/reading.h"

namespace openavail::service {
namespace {

ports::CalendarConnection connection_of(const ports::Calendar& c) {
  return {c.id, c.provider, c.location};
}

Result<time::Zone> zone_of(const ports::Calendar& calendar, const ports::Owner& owner) {
  if (calendar.timezone) return time::Zone::open(*calendar.timezone);
  if (owner.timezone) return time::Zone::open(*owner.timezone);
  return time::Zone::utc();
}

}  // namespace

Result<ports::Calendar> Administration::add_calendar(const NewCalendar& asked) {
  OA_TRY_STATUS(check_zone(asked.timezone));
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const ports::Owner owner, owner_of(*tx, asked.owner_email));
  OA_TRY(auto present, tx->calendars(owner.id));
  for (const ports::Calendar& c : present) {
    if (c.type != asked.type) continue;
    return fail(ErrorCode::state_conflict,
                "the owner has a " + std::string(to_text(asked.type)) + " calendar already",
                "choose another --type, or remove that one first");
  }
  ports::Calendar calendar;
  calendar.id = CalendarId(new_opaque_id("cal_", parts_.entropy));
  calendar.owner_id = owner.id;
  calendar.type = asked.type;
  calendar.provider = asked.provider;
  calendar.location = asked.location;
  calendar.timezone = asked.timezone;
  calendar.is_primary = asked.is_primary || present.empty();
  OA_TRY(calendar.created_at, tx->now(Instant{parts_.clock.wall_ms()}));
  if (calendar.is_primary) {
    for (ports::Calendar& c : present) {
      c.is_primary = false;
      OA_TRY_STATUS(tx->update_calendar(c));
    }
  }
  OA_TRY_STATUS(tx->insert_calendar(calendar));
  OA_TRY_STATUS(tx->bump_owner_revision(owner.id));
  OA_TRY_STATUS(
      record_admin(parts_, *tx, "calendars.add", {{"calendar", calendar.id.text()}}, owner.id));
  OA_TRY_STATUS(parts_.providers.adopt(connection_of(calendar)));
  if (auto committed = tx->commit(); !committed) {
    // The folder is not ours after all.
    static_cast<void>(parts_.providers.release(connection_of(calendar)));
    return fail(committed.error());
  }
  return calendar;
}

Result<std::vector<CalendarStatus>> Administration::calendars(
    const std::optional<std::string>& owner_email) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::read));
  std::vector<ports::Owner> owners;
  if (owner_email) {
    OA_TRY(const ports::Owner owner, owner_of(*tx, *owner_email));
    owners.push_back(owner);
  } else {
    OA_TRY(owners, tx->owners());
  }
  std::vector<CalendarStatus> all;
  for (const ports::Owner& owner : owners) {
    OA_TRY(const auto calendars, tx->calendars(owner.id));
    for (const ports::Calendar& calendar : calendars) {
      all.push_back({calendar,
                     owner.email,
                     !calendar.is_suspended,
                     calendar.is_suspended ? "suspended: openavail calendars check --accept" : "",
                     {}});
    }
  }
  return all;
}

Result<std::vector<CalendarStatus>> Administration::check_calendars(
    const std::optional<std::string>& owner_email, bool accept) {
  OA_TRY(auto all, calendars(owner_email));
  // As far as the widest search reads.
  const Instant today{parts_.clock.wall_ms()};
  const Interval to_come{
      today, today + std::chrono::hours(24) *
                         (limits::kSearchWindowDaysMax + limits::kHorizonDaysAfterRequest)};
  for (CalendarStatus& status : all) {
    OA_TRY(auto tx, parts_.store.begin(accept ? ports::Access::write : ports::Access::read));
    OA_TRY(const auto owner, tx->find_owner(status.calendar.owner_id));
    if (!owner) continue;
    // Anew: what was listed may have changed since, and accepting writes the whole row.
    OA_TRY(const auto present, tx->find_calendar(status.calendar.id));
    if (!present) continue;
    status.calendar = *present;
    OA_TRY(const time::Zone zone, zone_of(status.calendar, *owner));
    if (accept) {
      OA_TRY_STATUS(parts_.providers.accept(connection_of(status.calendar)));
      OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
      status.calendar.is_suspended = false;
      OA_TRY_STATUS(tx->update_calendar(status.calendar));
      OA_TRY_STATUS(tx->set_meta(acceptance_name(status.calendar.id), std::to_string(now.unix_ms)));
      OA_TRY_STATUS(tx->bump_owner_revision(owner->id));
      OA_TRY_STATUS(record_admin(parts_, *tx, "calendars.accept",
                                 {{"calendar", status.calendar.id.text()}}, owner->id));
      OA_TRY_STATUS(tx->commit());
    }
    tx.reset();
    auto report = parts_.providers.check(connection_of(status.calendar), zone, to_come);
    status.is_usable = report.has_value() && !status.calendar.is_suspended;
    if (!report) {
      status.problem = report.error().operator_detail();
    } else {
      status.report = std::move(*report);
      status.problem = status.calendar.is_suspended ? "suspended" : "";
      if (!status.report.problems.empty()) {
        status.is_usable = false;
        status.problem = std::to_string(status.report.problems.size()) + " unreadable files";
      }
    }
  }
  return all;
}

Status Administration::remove_calendar(const std::string& owner_email, CalendarType type) {
  OA_TRY(auto tx, parts_.store.begin(ports::Access::write));
  OA_TRY(const ports::Owner owner, owner_of(*tx, owner_email));
  OA_TRY(const auto present, tx->calendars(owner.id));
  for (const ports::Calendar& calendar : present) {
    if (calendar.type != type) continue;
    OA_TRY(const Instant now, tx->now(Instant{parts_.clock.wall_ms()}));
    OA_TRY(const int future, tx->count_future_bookings(calendar.id, now));
    if (future > 0) {
      return fail(ErrorCode::state_conflict,
                  "the calendar has " + std::to_string(future) + " bookings to come",
                  "cancel them first");
    }
    OA_TRY_STATUS(tx->remove_calendar(calendar.id));
    OA_TRY_STATUS(tx->bump_owner_revision(owner.id));
    OA_TRY_STATUS(record_admin(parts_, *tx, "calendars.remove", {{"calendar", calendar.id.text()}},
                               owner.id));
    OA_TRY_STATUS(tx->commit());
    return parts_.providers.release(connection_of(calendar));
  }
  return fail(ErrorCode::not_found, "the owner has no " + std::string(to_text(type)) + " calendar",
              "openavail calendars list shows them");
}

}  // namespace openavail::service
