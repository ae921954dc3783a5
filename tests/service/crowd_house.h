// An installation put together as a server does it, so that many threads can call it at once:
// rounds, shared reads and, where a test asks for it, the journal of reads. Tests may look at each
// read of a calendar, and at each look at one event, before it is done.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "providers/shared/shared_providers.h"
#include "providers/vdir/vdir_providers.h"
#include "service/access_journal.h"
#include "service/administration.h"
#include "service/agent_service.h"
#include "service/owner_rounds.h"
#include "store/rounds/round_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/watched_store.h"
#include "vectors/support.h"

namespace openavail::service::testing {

inline constexpr const char* kJane = "jane@example.org";
inline constexpr std::int64_t kMonday = 1'800'259'200'000;  // 2027-01-18T08:00:00Z

inline Instant at_minute(int minute) { return Instant{kMonday} + std::chrono::minutes(minute); }
inline Interval minutes(int from, int to) { return {at_minute(from), at_minute(to)}; }

// For threads of a test; assertions belong to its main thread.
inline bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 30'000 && !holds(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return holds();
}
inline void wait_until(const std::function<bool()>& holds) { REQUIRE(eventually(holds)); }

struct CrowdClock final : Clock {
  std::atomic<std::int64_t> now_ms{kMonday};
  std::int64_t wall_ms() const override { return now_ms; }
  std::int64_t monotonic_ns() const override { return now_ms * 1'000'000; }
};

// What tests see of the calendars: called before each read and look, from many threads.
struct CalendarEyes {
  std::function<void()> before_read, before_look;
  std::atomic<int> reads{0};
};

class SeenCalendar final : public ports::CalendarProvider {
 public:
  SeenCalendar(std::shared_ptr<ports::CalendarProvider> real, CalendarEyes& eyes)
      : real_(std::move(real)), eyes_(eyes) {}
  Result<ports::CalendarReading> read(const ports::ReadRequest& request) override {
    ++eyes_.reads;
    if (eyes_.before_read) eyes_.before_read();
    return real_->read(request);
  }
  ports::EventPlace place_for(const std::string& uid) const override {
    return real_->place_for(uid);
  }
  Result<ports::WrittenEvent> create(const calendar::EventDraft& draft) override {
    return real_->create(draft);
  }
  Result<ports::WrittenEvent> change(const ports::OwnEventRef& ref, const ports::ContentHash& hash,
                                     const calendar::EventChange& change) override {
    return real_->change(ref, hash, change);
  }
  Status remove(const ports::OwnEventRef& ref, const ports::ContentHash& hash) override {
    return real_->remove(ref, hash);
  }
  Result<FetchedEvent> fetch(const ports::OwnEventRef& ref) override { return real_->fetch(ref); }
  Result<ports::OwnEventState> look(const ports::OwnEventRef& ref,
                                    const time::Zone& zone) override {
    if (eyes_.before_look) eyes_.before_look();
    return real_->look(ref, zone);
  }

 private:
  std::shared_ptr<ports::CalendarProvider> real_;
  CalendarEyes& eyes_;
};

class SeenProviders final : public ports::CalendarProviders {
 public:
  SeenProviders(std::unique_ptr<ports::CalendarProviders> real, CalendarEyes& eyes)
      : real_(std::move(real)), eyes_(eyes) {}
  Result<std::shared_ptr<ports::CalendarProvider>> open(
      const ports::CalendarConnection& connection) override {
    OA_TRY(auto opened, real_->open(connection));
    return std::shared_ptr<ports::CalendarProvider>(
        std::make_shared<SeenCalendar>(std::move(opened), eyes_));
  }
  Status adopt(const ports::CalendarConnection& c) override { return real_->adopt(c); }
  Status release(const ports::CalendarConnection& c) override { return real_->release(c); }
  Status accept(const ports::CalendarConnection& c) override { return real_->accept(c); }
  Result<CheckReport> check(const ports::CalendarConnection& c, const time::Zone& zone,
                            const Interval& window) override {
    return real_->check(c, zone, window);
  }

 private:
  std::unique_ptr<ports::CalendarProviders> real_;
  CalendarEyes& eyes_;
};

struct CrowdOptions {
  OwnerRoundsOptions rounds;
  std::optional<AccessJournalOptions> journal;
};

struct CrowdHouse {
  explicit CrowdHouse(const CrowdOptions& options = {}) : rounds(options.rounds) {
    REQUIRE(admin.initialise(signing_key->public_key().pem()));
    if (options.journal) journal = std::make_unique<AccessJournal>(parts(), *options.journal);
    service = std::make_unique<AgentService>(parts());
    add_owner(kJane);
    agent_key = key_of(
        "Everyone", {"read_freebusy", "read_events", "create_holds", "create_bookings", "preempt"});
  }

  Parts parts() {
    return {store,
            providers,
            clock,
            entropy,
            verifier,
            [this]() -> Result<std::shared_ptr<const audit::SigningKey>> {
              if (is_log_lost) return fail(ErrorCode::internal, "the signing key can't be read");
              return signing_key;
            },
            []() -> Result<std::shared_ptr<const crypto::SecretBytes>> {
              return std::make_shared<const crypto::SecretBytes>(std::size_t{32});
            },
            sealer,
            [this](const std::string& line) {
              const std::lock_guard guard(mutex);
              operator_lines.push_back(line);
            },
            &rounds,
            journal.get()};
  }

  // As another process has it: the plain store, no rounds, no journal, no eyes on its reads.
  Parts neighbour_parts(ports::Store& plain) {
    const Parts ours = parts();
    return {plain,
            *folders,
            clock,
            entropy,
            verifier,
            ours.signing_key,
            ours.idempotency_secret,
            sealer,
            ours.operator_log};
  }
  std::unique_ptr<ports::Store> neighbour_store(std::chrono::milliseconds wait) {
    return std::move(*store::open_sqlite_store({folder.path(), false, wait}, entropy));
  }

  void add_owner(const std::string& email) {
    const auto owner = admin.add_owner(email, "UTC", {});
    REQUIRE(owner);
    if (email == kJane) jane = owner->id;
    NewCalendar calendar;
    calendar.owner_email = email;
    calendar.provider = "vdir";
    calendar.location = folder.file(email);
    std::filesystem::create_directory(calendar.location);
    REQUIRE(admin.add_calendar(calendar));
    emails.push_back(email);
  }
  KeyRef key_of(const std::string& name, const std::vector<std::string>& permissions) {
    const auto set = policy::PermissionSet::from_names(permissions);
    REQUIRE(set);
    REQUIRE(admin.register_agent(name, *set, emails));
    const auto minted = admin.mint_key(name, "test", pepper);
    REQUIRE(minted);
    return minted->key.ref;
  }

  AgentCall call() { return call(agent_key); }
  AgentCall call(const KeyRef& key) {
    AgentCall made;
    made.request_id = "req-" + std::to_string(++requests);
    made.key = {key, 1};
    return made;
  }
  Result<BookingAnswer> book(const Interval& interval, const std::string& meeting_class) {
    calendar::EventText text;
    text.title = "Meeting";
    return service->book(call(), {{kJane, {}}, interval, meeting_class, text});
  }
  Result<SearchAnswer> search(const Interval& window) {
    SearchRequest request;
    request.target.owner_email = kJane;
    request.duration_minutes = 30;
    request.earliest_start = window.start;
    request.latest_end = window.end;
    request.meeting_class = "Regular";
    return service->search(call(), request);
  }

  std::vector<nlohmann::json> rows() {
    std::vector<nlohmann::json> all;
    REQUIRE(admin.each_audit({}, [&](const AuditRow& row) {
      const auto key = audit::trusted_key(signing_key->public_key());
      REQUIRE(audit::verify_line(audit::export_line(row.row, row.owner_email), {key}));
      all.push_back(nlohmann::json::parse(row.row.canonical));
      return true;
    }));
    return all;
  }
  std::vector<std::string> actions_after(std::size_t count) {
    std::vector<std::string> actions;
    const auto all = rows();
    for (std::size_t i = count; i < all.size(); ++i) actions.push_back(all[i].at("action"));
    return actions;
  }

  openavail::testing::TemporaryFolder folder;
  SystemEntropy entropy;
  CrowdClock clock;
  std::shared_ptr<const audit::SigningKey> signing_key = std::make_shared<const audit::SigningKey>(
      std::move(*audit::SigningKey::make(folder.file("signing.pem"), entropy)));
  keys::Pepper pepper = std::move(*keys::Pepper::make(folder.file("pepper"), entropy));
  keys::Verifier verifier{[this] { return keys::Pepper::load(folder.file("pepper")); }, entropy};
  store::testing::WatchedStore::Watch watch;
  store::RoundStore store{
      std::make_unique<store::testing::WatchedStore>(
          std::move(*store::open_sqlite_store({folder.path(), true}, entropy)), watch),
      clock};
  std::unique_ptr<ports::CalendarProviders> folders = providers::make_vdir_providers(entropy);
  CalendarEyes eyes;
  providers::SharedProviders providers{
      std::make_unique<SeenProviders>(providers::make_vdir_providers(entropy), eyes)};
  OwnerRounds rounds;
  std::atomic<bool> is_log_lost{false};
  std::mutex mutex;
  std::vector<std::string> operator_lines;
  std::atomic<int> requests{0};
  OwnerId jane;
  std::vector<std::string> emails;
  KeyRef agent_key;
  std::unique_ptr<AccessJournal> journal;
  std::unique_ptr<AgentService> service;
  sealing::Sealer sealer{folder.file("sealing_key"), entropy};
  Administration admin{parts()};
};

}  // namespace openavail::service::testing
