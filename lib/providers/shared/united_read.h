// Several read requests as one, and each one's part of what that one read.
//
// Thread rule: plain values and free functions.
#pragma once

#include "ports/calendar_provider.h"

namespace openavail::providers {

// May `request` be united with `united`? Same zone and addresses; the window of both is at most
// limits::kSharedReadDaysMax long; and no place is claimed for two events.
bool can_be_united(const ports::ReadRequest& united, const ports::ReadRequest& request);

// Widens `united` to what both ask for.
void unite(ports::ReadRequest& united, const ports::ReadRequest& request);

bool is_same_request(const ports::ReadRequest& a, const ports::ReadRequest& b);

// What reading `request` alone would have given when `united` gave `reading`.
ports::CalendarReading part_of(const ports::ReadRequest& united,
                               const ports::CalendarReading& reading,
                               const ports::ReadRequest& request);

}  // namespace openavail::providers
