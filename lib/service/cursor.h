// Cursors of lists: opaque, bound to the filters by an HMAC, resume behind the last row seen (wire
// contract, section 3, Shapes).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "ports/store.h"
#include "service/answers.h"
#include "service/context.h"

namespace openavail::service {

// Any position as a cursor, and back. Errors: validation_failed for a damaged or foreign one.
Result<std::string> seal_cursor(const Parts& parts, const nlohmann::json& position,
                                const std::string& filters);
Result<nlohmann::json> open_cursor(const Parts& parts, const std::string& text,
                                   const std::string& filters);

struct CursorPosition {
  Instant start;
  BookingId id;
  Interval window;  // as resolved for the first page, so that "now" does not move between pages
};

// What a cursor is bound to. Windows that the caller left out are not part of it.
std::string cursor_filters(const OwnerId& owner, const ports::BookingQuery& query,
                           const ListRequest& request);

Result<std::string> make_cursor(const Parts& parts, const CursorPosition& position,
                                const std::string& filters);
// Errors: validation_failed for a damaged or foreign cursor.
Result<CursorPosition> parse_cursor(const Parts& parts, const std::string& text,
                                    const std::string& filters);

}  // namespace openavail::service
