// Every limit of the product, with its unit in its name, in one place. Each has a test.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace openavail::limits {

// Requests (wire contract, section 3)
inline constexpr int kDurationMinutesMin = 5;
inline constexpr int kDurationMinutesMax = 480;
inline constexpr int kSearchWindowDaysMax = 62;
inline constexpr int kLookaheadHoursMax = 72;
inline constexpr int kSearchResultsMax = 100;
inline constexpr int kSearchResultsDefault = 50;
inline constexpr int kListResultsMax = 100;
inline constexpr int kListResultsDefault = 50;
// Times that are asked for end with this year: libical follows rules up to 2582.
inline constexpr int kAskedYearMax = 2500;
inline constexpr int kWindowHoldHoursMax = 8;
inline constexpr int kBookingHoursMax = 24 * 31;
inline constexpr int kLiveHoldsPerAgentMax = 20;
inline constexpr int kAttendeesMax = 100;
inline constexpr int kNotificationsAckMax = 100;
inline constexpr std::size_t kTitleBytesMax = 1024;
inline constexpr std::size_t kDescriptionBytesMax = 16 * 1024;
inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kNameBytesMax = 200;
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;
inline constexpr int kBookingsInAWindowHoldOrDayMax = 10'000;

// Decisions (arbitration contract)
inline constexpr int kAlternativesMax = 5;
inline constexpr int kAlternativeDaysMax = 7;
inline constexpr int kHorizonDaysAfterRequest = 31;
inline constexpr int kOwnerMovesBeforeLock = 3;
// How long a request waits for a booking of another writer to settle: tries times nap.
inline constexpr int kUnsettledTriesMax = 400;
inline constexpr std::chrono::milliseconds kUnsettledNap{5};

// Lifetimes
inline constexpr std::chrono::hours kIdempotencyKept{24};
inline constexpr std::chrono::minutes kPendingNotificationsAge{60};
inline constexpr std::chrono::hours kNotificationsListed{24 * 7};

// Rules
inline constexpr int kRuleRowsMax = 100;

// Text from outside
inline constexpr std::size_t kIssuesMax = 20;
inline constexpr std::size_t kIssueNameBytesMax = 64;
inline constexpr int kJsonDepthMax = 32;
inline constexpr std::size_t kJsonLineBytesMax = 1024 * 1024;

// Calendars
inline constexpr std::size_t kCalendarFileBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kCalendarFilesMax = 50'000;
inline constexpr std::size_t kCalendarNestingMax = 16;  // a VALARM in a VEVENT is the third
inline constexpr int kEventDaysMax = 3'660'000;         // "for ever" is written as the year 9999
inline constexpr int kOccurrencesPerEventMax = 10'000;
inline constexpr int kIteratorStepsPerEventMax = 200'000;
inline constexpr std::size_t kOccurrencesPerReadMax = 100'000;

// Keys (security design, B)
inline constexpr std::uint32_t kArgon2MemoryKib = 19'456;
inline constexpr std::uint32_t kArgon2Passes = 2;
inline constexpr std::uint32_t kArgon2Lanes = 1;
inline constexpr std::size_t kVerifiedKeysCachedMax = 1'024;

// Processes
inline constexpr std::chrono::seconds kStdioDrain{5};
inline constexpr int kStdioRequestsInFlightMax = 64;
// Of the lines that are waiting or worked at; parsed and validated, a line takes up to a hundred
// times its size.
inline constexpr std::size_t kStdioBytesInFlightMax = 2 * kJsonLineBytesMax;
inline constexpr int kStdioWorkers = 8;
inline constexpr std::chrono::milliseconds kDatabaseBusyWait{20'000};

}  // namespace openavail::limits
