// What every ports::Store must do, whatever it is built on. A new store is right when this suite is
// green for it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ports/store.h"

namespace openavail::store::testing {

// Each call gives an empty store of its own.
using StoreFactory = std::function<std::unique_ptr<ports::Store>()>;

// Called inside a TEST_CASE; consists of sections.
void run_store_suite(const StoreFactory& factory);

// The pieces of it.
void people_suite(const StoreFactory& factory);
void ledger_suite(const StoreFactory& factory);
void audit_suite(const StoreFactory& factory);
void audit_tree_suite(const StoreFactory& factory);
void parts_suite(const StoreFactory& factory);

// --- a small world to write into ---

inline constexpr std::int64_t kMonday =
    1'782'723'600'000;  // some instant; all others count from it
inline constexpr std::int64_t kHour = 3'600'000;

inline Instant hour(std::int64_t n) { return {kMonday + n * kHour}; }
inline Interval hours(std::int64_t from, std::int64_t to) { return {hour(from), hour(to)}; }

// An owner own_1 with calendar cal_1, class cls_1, agent agt_1 and signing key sig_1, committed.
void populate(ports::Store& store);
ports::Owner make_owner(const std::string& id, const std::string& email);
ports::Calendar make_calendar(const std::string& id, const std::string& owner,
                              ports::CalendarType type);
ports::Agent make_agent(const std::string& id, const std::string& name);
ports::Booking make_booking(const std::string& id, const Interval& interval);
ports::Hold make_hold(const std::string& id, const Interval& interval, Instant until);
audit::Entry make_entry(std::int64_t seq);
audit::SealedRow make_row(std::int64_t seq);

// A begun transaction; fails the test when there is none.
std::unique_ptr<ports::Transaction> write(ports::Store& store);
std::unique_ptr<ports::Transaction> read(ports::Store& store);

}  // namespace openavail::store::testing
