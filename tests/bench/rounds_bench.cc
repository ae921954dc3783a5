// What rounds, shared reads and the journal of reads bring: durable work done one by one against 64
// threads, on one disk. Usage: bench_rounds [DIRECTORY [SECONDS]]; a folder is made in the
// directory and removed again.
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/identifiers.h"
#include "providers/shared/shared_providers.h"
#include "providers/vdir/vdir_providers.h"
#include "service/access_journal.h"
#include "service/administration.h"
#include "service/agent_service.h"
#include "service/owner_rounds.h"
#include "store/rounds/round_store.h"
#include "store/sqlite/sqlite_store.h"

namespace {

using namespace openavail;
namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr int kThreads = 64;
constexpr int kEventsInTheSearchedFolder = 200;
constexpr std::int64_t kHourMs = 3'600'000;

// A fresh data directory with owners, each with a folder of its own.
struct Place {
  Place(const std::string& parent, int owners) {
    directory = parent + "/openavail-bench-XXXXXX";
    OA_CHECK(mkdtemp(directory.data()) != nullptr);
    auto made = audit::SigningKey::make(directory + "/signing.pem", entropy);
    OA_CHECK(made.has_value());
    signing_key = std::make_shared<const audit::SigningKey>(std::move(*made));
    auto peppered = keys::Pepper::make(directory + "/pepper", entropy);
    OA_CHECK(peppered.has_value());
    const auto store = open();
    service::Administration admin(parts(*store, *folders));
    OA_CHECK(admin.initialise(signing_key->public_key().pem()).has_value());
    for (int i = 0; i < owners; ++i) {
      const std::string email = "owner" + std::to_string(i) + "@example.org";
      OA_CHECK(admin.add_owner(email, "UTC", {}).has_value());
      service::NewCalendar calendar;
      calendar.owner_email = email;
      calendar.provider = "vdir";
      calendar.location = directory + "/" + email;
      fs::create_directory(calendar.location);
      OA_CHECK(admin.add_calendar(calendar).has_value());
      emails.push_back(email);
    }
    OA_CHECK(admin
                 .register_agent("Bench",
                                 *policy::PermissionSet::from_names(
                                     {"read_freebusy", "create_holds", "create_bookings"}),
                                 emails)
                 .has_value());
    const auto minted = admin.mint_key("Bench", "bench", *peppered);
    OA_CHECK(minted.has_value());
    key = {minted->key.ref, minted->key.version};
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }

  std::unique_ptr<ports::Store> open() {
    return std::move(*store::open_sqlite_store({directory, true}, entropy));
  }
  service::Parts parts(ports::Store& store, ports::CalendarProviders& providers) {
    return {store,
            providers,
            clock,
            entropy,
            verifier,
            [this]() -> Result<std::shared_ptr<const audit::SigningKey>> { return signing_key; },
            []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
              return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
            },
            sealer,
            [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }};
  }
  service::AgentCall call() {
    service::AgentCall made;
    made.request_id = new_uuid_v7(clock.wall_ms(), entropy);
    made.key = key;
    return made;
  }
  void fill(const std::string& email, int events) {
    for (int i = 0; i < events; ++i) {
      const std::string uid = "event" + std::to_string(i);
      char start[32], end[32];
      std::snprintf(start, sizeof start, "203512%02dT%02d0000Z", 1 + i % 28, 8 + i / 28);
      std::snprintf(end, sizeof end, "203512%02dT%02d3000Z", 1 + i % 28, 8 + i / 28);
      std::ofstream(directory + "/" + email + "/" + uid + ".ics")
          << "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\nUID:" << uid
          << "\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:" << start << "\r\nDTEND:" << end
          << "\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    }
  }

  std::string directory;
  SystemClock clock;
  SystemEntropy entropy;
  std::shared_ptr<const audit::SigningKey> signing_key;
  keys::Verifier verifier{[this] { return keys::Pepper::load(directory + "/pepper"); }, entropy};
  std::unique_ptr<ports::CalendarProviders> folders = providers::make_vdir_providers(entropy);
  sealing::Sealer sealer{directory + "/sealing_key", entropy};
  std::vector<std::string> emails;
  keys::VerifiedKey key;
};

// How often `work` succeeds in a second when so many threads repeat it.
double rate(int threads, double seconds, const std::function<bool(int, int)>& work) {
  std::atomic<int> done{0};
  std::atomic<bool> is_over{false};
  std::vector<std::thread> all;
  const auto began = SteadyClock::now();
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      for (int i = 0; !is_over; ++i) done += work(t, i) ? 1 : 0;
    });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  is_over = true;
  for (auto& thread : all) thread.join();
  const std::chrono::duration<double> lasted = SteadyClock::now() - began;
  return done / lasted.count();
}

void report(const char* what, double alone, double together) {
  std::printf("%-44s %10.0f/s %10.0f/s %8.1fx\n", what, alone, together, together / alone);
  std::fflush(stdout);
}

// One booking and its sealed row, committed.
bool record_one(Place& place, ports::Store& store, const ports::Calendar& calendar,
                const ClassId& class_id, const AgentId& agent, Instant start) {
  auto tx = store.begin(ports::Access::write);
  if (!tx) return false;
  const std::string id = new_uuid_v7(place.clock.wall_ms(), place.entropy);
  audit::Entry entry;
  entry.decision_id = DecisionId("dec_" + id);
  entry.kind = audit::Kind::decision;
  entry.action = entry.rule_fired = "accept";
  entry.timestamp = Instant{place.clock.wall_ms()};
  entry.seq = (*tx)->next_audit_seq().value();
  ports::Booking booking;
  booking.id = BookingId(id);
  booking.owner_id = calendar.owner_id;
  booking.calendar_id = calendar.id;
  booking.class_id = class_id;
  booking.agent_id = agent;
  booking.state = ports::BookingState::committed;
  booking.interval = booking.written = {start, start + std::chrono::minutes(15)};
  booking.created_at = entry.timestamp;
  booking.decision_id = entry.decision_id;
  return (*tx)->append_audit(entry, place.signing_key->seal(entry)) &&
         (*tx)->insert_booking(booking) && (*tx)->commit();
}

Instant next_slot() {
  static std::atomic<std::int64_t> slots{0};
  return Instant{1'900'000'000'000 / kHourMs * kHourMs + ++slots * kHourMs / 4};
}

void database(const std::string& parent, double seconds) {
  const auto measure = [&](int threads) {
    Place place(parent, 1);
    std::unique_ptr<ports::Store> store = place.open();
    if (threads > 1) store = std::make_unique<store::RoundStore>(std::move(store), place.clock);
    auto tx = *store->begin(ports::Access::read);
    const ports::Calendar calendar = tx->all_calendars().value().at(0);
    const ClassId class_id = tx->classes().value().at(0).id;
    const AgentId agent = tx->agents().value().at(0).id;
    tx.reset();
    return rate(threads, seconds, [&](int, int) {
      return record_one(place, *store, calendar, class_id, agent, next_slot());
    });
  };
  const double alone = measure(1);
  report("the database's part: booking and signed row", alone, measure(kThreads));
}

void bookings(const std::string& parent, double seconds, int owners, const char* what) {
  const auto measure = [&](int threads) {
    Place place(parent, owners);
    std::unique_ptr<ports::Store> store = place.open();
    std::unique_ptr<ports::CalendarProviders> providers =
        providers::make_vdir_providers(place.entropy);
    service::OwnerRounds rounds;
    if (threads > 1) {
      store = std::make_unique<store::RoundStore>(std::move(store), place.clock);
      providers = std::make_unique<providers::SharedProviders>(std::move(providers));
    }
    service::Parts parts = place.parts(*store, *providers);
    if (threads > 1) parts.rounds = &rounds;
    service::AgentService service(parts);
    return rate(threads, seconds, [&](int t, int i) {
      const Instant start = next_slot();
      const auto& email = place.emails[static_cast<std::size_t>(t + i) % place.emails.size()];
      return service
          .book(place.call(),
                {{email, {}}, {start, start + std::chrono::minutes(15)}, "Regular", {}})
          .has_value();
    });
  };
  const double alone = measure(1);
  report(what, alone, measure(kThreads));
}

void reads(const std::string& parent, double seconds) {
  const auto measure = [&](int threads, bool searches) {
    Place place(parent, 1);
    place.fill(place.emails[0], kEventsInTheSearchedFolder);
    std::unique_ptr<ports::Store> store = place.open();
    std::unique_ptr<ports::CalendarProviders> providers =
        providers::make_vdir_providers(place.entropy);
    std::unique_ptr<service::AccessJournal> journal;
    if (threads > 1) {
      store = std::make_unique<store::RoundStore>(std::move(store), place.clock);
      providers = std::make_unique<providers::SharedProviders>(std::move(providers));
    }
    service::Parts parts = place.parts(*store, *providers);
    if (threads > 1) {
      journal = std::make_unique<service::AccessJournal>(parts);
      parts.journal = journal.get();
    }
    service::AgentService service(parts);
    service::SearchRequest request;
    request.duration_minutes = 30;
    request.earliest_start = *time::parse_instant("2035-12-10T08:00:00Z");
    request.latest_end = *time::parse_instant("2035-12-14T18:00:00Z");
    request.meeting_class = "Regular";
    return rate(threads, seconds, [&](int, int) {
      return searches ? service.search(place.call(), request).has_value()
                      : service.owner_context(place.call(), {}).has_value();
    });
  };
  const double alone = measure(1, true);
  report("searches, 5 days, 200 events", alone, measure(kThreads, true));
  const double context = measure(1, false);
  report("owner contexts", context, measure(kThreads, false));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string parent = argc > 1 ? argv[1] : fs::temp_directory_path().string();
  const double seconds = argc > 2 ? std::stod(argv[2]) : 5;
  std::printf("%-44s %12s %12s\n", "durable on one disk", "one by one", "64 threads");
  database(parent, seconds);
  bookings(parent, seconds, kThreads, "bookings with their files, 64 owners");
  bookings(parent, seconds, 1, "bookings with their files, one owner");
  reads(parent, seconds);
  return 0;
}
