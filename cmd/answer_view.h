// Answers of operations as a person reads them: tables and fields in the owner's zone. Everything
// here prints in the table form only; JSON goes out as it is.
//
// Thread rule: free functions; they write to standard output and standard error.
#pragma once

#include <nlohmann/json.hpp>

#include "cmd/terminal.h"
#include "time/zone.h"

namespace openavail::cmd {

// What prints one operation's answer.
using View = void (*)(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);

void view_search(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
void view_hold(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
void view_release(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
// Of book and confirm.
void view_booking(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
void view_cancel(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
void view_bookings(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
void view_simulation(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
// A refusal's alternatives and next free time; its message was printed before.
void view_refusal(const Globals& globals, const nlohmann::json& body, const time::Zone& zone);
// Warnings and notifications that wait, on standard error.
void view_remarks(const Globals& globals, const nlohmann::json& body);

}  // namespace openavail::cmd
