// Owning wrappers and small readers over libical, for this room's .cc files alone.
#pragma once

#include <libical/ical.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "time/instant.h"
#include "time/zone.h"

namespace openavail::calendar {

// libical keeps global state (error handling, zone caches): one caller at a time.
std::unique_lock<std::mutex> lock_libical();

struct ComponentFree {
  void operator()(icalcomponent* c) const { icalcomponent_free(c); }
};
using Component = std::unique_ptr<icalcomponent, ComponentFree>;

Error unreadable(const std::string& what);

// How much of an object libical gets to see: all of it, or what deciding rests on.
enum class Extent { whole, deciding };

// A whole, balanced VCALENDAR without parse errors. Errors: validation_failed.
Result<Component> parse_calendar(const std::string& bytes, Extent extent);

// The system's zone of that name; also behind the paths and prefixes that producers write around
// IANA names.
std::optional<time::Zone> iana_zone(const std::string& tzid);

// The VEVENTs below, in file order.
std::vector<icalcomponent*> events_in(icalcomponent* calendar);

std::string uid_of(icalcomponent* event);

bool is_transparent(icalcomponent* event);

// Shown as displaced by us. The words alone are no mark: an agent may have written them.
bool has_displaced_mark(icalcomponent* event);

// A day and time of day that exist; libical's own check looks at the year alone.
bool is_valid_time(const icaltimetype& value);

// Where a wall time lives: an IANA zone, a VTIMEZONE of the file, UTC, or nowhere (floating, DATE).
class TimeReader {
 public:
  TimeReader(icalcomponent* calendar, const time::Zone& owner_zone)
      : calendar_(calendar), owner_zone_(owner_zone) {}

  // A value with the zone that its property names. Errors: validation_failed (no
  // such day or time, unknown TZID, VTIMEZONE that is not whole).
  struct Wall {
    icaltimetype value;             // local wall clock, without libical's zone
    bool is_date = false;
    bool is_utc = false;
    std::optional<time::Zone> zone;  // IANA, or the owner's for floating and DATE
    icaltimezone* custom = nullptr;  // from a VTIMEZONE of the file
  };
  Result<Wall> read(icalproperty* property, const icaltimetype& value);
  // The same place in time as `like`, with another wall clock.
  static Wall with_value(const Wall& like, const icaltimetype& value);
  static Instant to_instant(const Wall& wall);
  // `t` on the wall clock of `like`'s zone.
  static icaltimetype to_wall(Instant t, const Wall& like);

 private:
  struct Place {
    std::optional<time::Zone> zone;
    icaltimezone* custom = nullptr;
  };
  Result<Place> place_of(const std::string& tzid);

  icalcomponent* calendar_;
  time::Zone owner_zone_;
  std::map<std::string, Place> places_;  // by TZID: a file can name one a hundred thousand times
};

}  // namespace openavail::calendar
