#include "service/cursor.h"

#include <nlohmann/json.hpp>

#include "crypto/digest.h"

namespace openavail::service {
namespace {

Result<std::string> tag_of(const Parts& parts, const std::string& payload,
                           const std::string& filters) {
  OA_TRY(const auto secret, parts.idempotency_secret());
  return crypto::to_hex(crypto::hmac_sha256(secret->view(), "cursor:" + filters + "\n" + payload));
}

}  // namespace

std::string cursor_filters(const OwnerId& owner, const ports::BookingQuery& query,
                           const ListRequest& request) {
  const nlohmann::json filters = {owner.text(),
                                  query.calendar_id ? query.calendar_id->text() : "",
                                  request.start ? request.start->unix_ms : -1,
                                  request.end ? request.end->unix_ms : -1,
                                  request.query.value_or(""),
                                  request.attendee_email.value_or("")};
  return filters.dump();
}

Result<std::string> seal_cursor(const Parts& parts, const nlohmann::json& position,
                                const std::string& filters) {
  const std::string payload = position.dump();
  OA_TRY(const std::string tag, tag_of(parts, payload, filters));
  return crypto::to_hex(payload) + "." + tag;
}

Result<nlohmann::json> open_cursor(const Parts& parts, const std::string& text,
                                   const std::string& filters) {
  const auto refused = [] {
    return fail(ErrorCode::validation_failed, "this cursor does not belong to this list",
                "start again without a cursor");
  };
  const auto dot = text.find('.');
  if (dot == std::string::npos || dot % 2 != 0) return refused();
  std::string payload;
  for (std::size_t i = 0; i < dot; i += 2) {
    const auto digit = [](char c) {
      return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return refused();
    payload += static_cast<char>(high * 16 + low);
  }
  OA_TRY(const std::string tag, tag_of(parts, payload, filters));
  if (text.substr(dot + 1) != tag) return refused();
  return nlohmann::json::parse(payload);
}

Result<std::string> make_cursor(const Parts& parts, const CursorPosition& position,
                                const std::string& filters) {
  return seal_cursor(parts,
                     {position.start.unix_ms, position.id.text(), position.window.start.unix_ms,
                      position.window.end.unix_ms},
                     filters);
}

Result<CursorPosition> parse_cursor(const Parts& parts, const std::string& text,
                                    const std::string& filters) {
  OA_TRY(const nlohmann::json fields, open_cursor(parts, text, filters));
  CursorPosition position;
  position.start = Instant{fields.at(0).get<std::int64_t>()};
  position.id = BookingId(fields.at(1).get<std::string>());
  position.window = {Instant{fields.at(2).get<std::int64_t>()},
                     Instant{fields.at(3).get<std::int64_t>()}};
  return position;
}

}  // namespace openavail::service
