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
inline constexpr int kProposalCandidatesMax = 20;
inline constexpr int kPreferredTimesMax = 3;
inline constexpr int kProposalsListed = 100;
inline constexpr int kDecisionsMax = 1'000;
inline constexpr int kDecisionsDefault = 100;
inline constexpr std::size_t kTitleBytesMax = 1024;
inline constexpr std::size_t kDescriptionBytesMax = 16 * 1024;
inline constexpr std::size_t kOwnerNoteBytesMax = 1024;
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
inline constexpr std::chrono::hours kProposalLife{24};
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

// Many at once, in one process
inline constexpr int kRoundPartsMax = 256;
inline constexpr std::chrono::milliseconds kRoundTimeMax{50};
inline constexpr std::size_t kRoundWaitingMax = 1'024;
inline constexpr std::size_t kOwnerRoundMax = 256;
inline constexpr std::size_t kOwnerWaitingMax = 1'024;
inline constexpr std::chrono::seconds kOwnerWait{60};
inline constexpr std::size_t kSharedReadAskersMax = 256;
inline constexpr int kSharedReadDaysMax = 100;
inline constexpr std::size_t kAccessRowsWaitingMax = 16'384;
// When that many wait, reads wait for them, for a while: otherwise they could outrun their rows.
inline constexpr std::size_t kAccessRowsAhead = 1'024;
inline constexpr std::chrono::milliseconds kAccessRowsAheadWait{1'000};
inline constexpr std::size_t kAccessRowsTogetherMax = 512;
inline constexpr std::chrono::milliseconds kAccessRowDelay{50};
inline constexpr int kAccessRowsLastTries = 3;

// Checkpoints of the audit log: after so many rows, or so long after a row, whatever comes first
inline constexpr std::int64_t kCheckpointRowsMax = 256;
inline constexpr std::chrono::seconds kCheckpointDelayMax{10};
inline constexpr std::chrono::milliseconds kCheckpointLookEvery{500};
// Retention: rows that it hides are erased after this, so many in a transaction.
inline constexpr std::chrono::hours kAuditHiddenFor{24 * 30};
inline constexpr std::int64_t kAuditErasedTogether = 10'000;
// serve changes a signing key that is older.
inline constexpr std::chrono::hours kSigningKeyLife{24 * 365};
// Of a folder that a witness keeps.
inline constexpr std::size_t kWitnessCheckpointsMax = 1'000'000;

// HTTP server (security design, H1)
inline constexpr std::size_t kHttpHeadBytesMax = 32 * 1024;
inline constexpr std::size_t kHttpHeadersMax = 100;
inline constexpr std::size_t kHttpTargetBytesMax = 8 * 1024;
inline constexpr std::size_t kHttpBodyBytesMax = 64 * 1024;
inline constexpr std::chrono::seconds kHttpHeadTimeMax{3};
inline constexpr std::chrono::seconds kHttpBodyTimeMax{10};
// A client has this long for each kHttpWriteStepBytes of its answer.
inline constexpr std::chrono::seconds kHttpWriteTimeMax{10};
inline constexpr std::size_t kHttpWriteStepBytes = 64 * 1024;
inline constexpr std::chrono::seconds kHttpIdleTimeMax{60};
// After the last answer: what a client still sends is read and thrown away, so that the answer is
// not lost to a reset.
inline constexpr std::chrono::seconds kHttpLingerTimeMax{2};
inline constexpr std::size_t kHttpLingerBytesMax = 4 * 1024 * 1024;
inline constexpr int kHttpRequestsPerConnectionMax = 1'000;
inline constexpr int kHttpConnectionsMax = 4'096;
inline constexpr int kHttpConnectionsPerAddressMax = 256;
inline constexpr int kHttpWorkersMax = 64;
// A request that waited this long while all workers were busy gets a new one.
inline constexpr std::chrono::milliseconds kHttpWorkerPatience{2};
inline constexpr int kHttpRequestsWaitingMax = 1'024;
// A burst is answered whole. When requests have waited for workers longer than the second time,
// again and again for the first one, more come than can be answered: who waits longer gets a 503.
inline constexpr std::chrono::milliseconds kHttpOverloadAfter{1'000};
inline constexpr std::chrono::milliseconds kHttpOverloadWaitMax{40};
inline constexpr int kHttpEventStreamsMax = 64;
inline constexpr std::chrono::seconds kHttpStopGrace{10};
// Descriptors that connections leave to the rest of the process: database, calendar files.
inline constexpr int kHttpDescriptorsSpared = 256;

// Rate limits, per minute: of a key (wire contract, section 1), of an address
inline constexpr int kRateSearchPerMinute = 300;
inline constexpr int kRateWritePerMinute = 120;
inline constexpr int kRateOtherPerMinute = 600;
inline constexpr int kRateAddressPerMinute = 60;
inline constexpr std::size_t kRateKeysMax = 10'000;

// /health says no when less than this is left where the data directory lies.
inline constexpr std::uint64_t kDiskFreeBytesMin = 64ull * 1024 * 1024;

// MCP
inline constexpr std::size_t kMcpPageEntriesMax = 100;
inline constexpr std::size_t kMcpCompletionsMax = 100;
inline constexpr int kMcpSubscriptionsMax = 32;  // over HTTP; each holds an event stream
inline constexpr int kMcpSubscriptionsOfAKeyMax = 4;
inline constexpr std::size_t kMcpMessagesWaitingMax = 256;  // of one event stream
inline constexpr std::chrono::milliseconds kMcpSubscriptionPoll{100};
inline constexpr std::chrono::seconds kMcpKeepAlive{15};
inline constexpr std::chrono::milliseconds kMcpProgressEvery{1'000};
// How long a person has to answer whether a booking may displace others.
inline constexpr std::chrono::minutes kMcpRequestStateLife{10};
inline constexpr std::size_t kMcpRequestStateBytesMax = 16 * 1024;
inline constexpr std::size_t kMcpUsedStatesMax = 10'000;

// HTTP client
inline constexpr std::chrono::seconds kClientConnectTimeMax{5};
inline constexpr std::chrono::seconds kClientTotalTimeMax{30};
inline constexpr std::size_t kClientReplyBytesMax = 8 * 1024 * 1024;

}  // namespace openavail::limits
