// Asking the client's person before a booking displaces others (modern era, elicitation): what the
// tools take, what is asked, and how an answer is read.
//
// Thread rule: pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/id.h"
#include "mcp/message.h"
#include "mcp/tool_form.h"

namespace openavail::mcp {

// True when the tool takes it and it is true; then and when it is false it is taken out of `input`.
bool take_confirm_member(const std::string& tool, nlohmann::json& input);

// Whether the client can put a form before its person.
bool can_elicit_form(const Request& request);

enum class Consent { none, given, refused };
Consent consent_in(const Request& request);

// `body` is what the operation answered: `displaced_bookings` with class and times, without text.
std::vector<BookingId> displaced_ids(const nlohmann::json& body);
nlohmann::json question(const nlohmann::json& body, const std::string& request_state);
// Errors of the tool, in the form of the wire contract, section 5.
nlohmann::json ask_your_person(const nlohmann::json& body);
nlohmann::json declined();

}  // namespace openavail::mcp
