// Calendar providers that do what the real ones do, until a test steps in between: it may run
// something before or after a step, or have the step fail as a provider would.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "ports/calendar_provider.h"

namespace openavail::service::testing {

// How a call ends for its caller. `unknown_written` reaches the calendar, `unknown_lost` does not:
// the caller sees the same error.
enum class Outcome { passes, refused, unknown_written, unknown_lost };

struct Steps {
  std::function<void()> before_read, after_read, before_create, after_create;
  Outcome create = Outcome::passes;
  bool reads = true;     // read() and fetch() work
  bool looks = true;     // look() works
  std::string unseen;    // but on the calendar at this place, if one is named
  bool changes = true;   // change() and remove() work
  int changes_lost = 0;  // and fail so many times first
};

inline Error provider_error(const std::string& cause, const std::string& outcome = {}) {
  nlohmann::json details = {{"cause", cause}};
  if (!outcome.empty()) details["outcome"] = outcome;
  return Error(ErrorCode::calendar_unavailable, "the calendar can't be used", "try again later")
      .with_details(std::move(details))
      .with_operator_detail("secret/place of the calendar");
}

class SteppingProvider final : public ports::CalendarProvider {
 public:
  SteppingProvider(std::shared_ptr<ports::CalendarProvider> real, std::string place, Steps& steps)
      : real_(std::move(real)), place_(std::move(place)), steps_(steps) {}

  Result<ports::CalendarReading> read(const ports::ReadRequest& request) override {
    run(steps_.before_read);
    if (!steps_.reads) return fail(provider_error("timeout"));
    auto reading = real_->read(request);
    run(steps_.after_read);
    return reading;
  }
  ports::EventPlace place_for(const std::string& uid) const override {
    return real_->place_for(uid);
  }
  Result<ports::WrittenEvent> create(const calendar::EventDraft& draft) override {
    run(steps_.before_create);
    if (steps_.create == Outcome::refused) return fail(provider_error("unwritable", "refused"));
    if (steps_.create == Outcome::unknown_lost) return fail(provider_error("timeout", "unknown"));
    auto written = real_->create(draft);
    run(steps_.after_create);
    if (steps_.create == Outcome::unknown_written) {
      return fail(provider_error("timeout", "unknown"));
    }
    return written;
  }
  Result<ports::WrittenEvent> change(const ports::OwnEventRef& ref,
                                     const ports::ContentHash& expected,
                                     const calendar::EventChange& change) override {
    OA_TRY_STATUS(may_change());
    return real_->change(ref, expected, change);
  }
  Status remove(const ports::OwnEventRef& ref, const ports::ContentHash& expected) override {
    OA_TRY_STATUS(may_change());
    return real_->remove(ref, expected);
  }
  Result<FetchedEvent> fetch(const ports::OwnEventRef& ref) override {
    if (!steps_.reads) return fail(provider_error("timeout"));
    return real_->fetch(ref);
  }
  Result<ports::OwnEventState> look(const ports::OwnEventRef& ref,
                                    const time::Zone& zone) override {
    if (!steps_.looks || steps_.unseen == place_) return fail(provider_error("timeout"));
    return real_->look(ref, zone);
  }

 private:
  Status may_change() {
    const bool is_lost = steps_.changes_lost > 0;
    if (is_lost) --steps_.changes_lost;
    if (!steps_.changes || is_lost) return fail(provider_error("timeout"));
    return {};
  }
  // Once: what steps in calls the service again, and so comes back here.
  static void run(std::function<void()>& step) {
    if (!step) return;
    const auto once = std::exchange(step, nullptr);
    once();
  }

  std::shared_ptr<ports::CalendarProvider> real_;
  std::string place_;
  Steps& steps_;
};

class SteppingProviders final : public ports::CalendarProviders {
 public:
  explicit SteppingProviders(ports::CalendarProviders& real) : real_(real) {}

  Steps steps;
  int opens_left = -1;  // after so many, no provider is known any more; below zero: all are

  Result<std::shared_ptr<ports::CalendarProvider>> open(
      const ports::CalendarConnection& connection) override {
    if (opens_left == 0) return fail(ErrorCode::validation_failed, "there is no such provider");
    if (opens_left > 0) --opens_left;
    OA_TRY(auto provider, real_.open(connection));
    return std::shared_ptr<ports::CalendarProvider>(
        std::make_shared<SteppingProvider>(std::move(provider), connection.location, steps));
  }
  Status adopt(const ports::CalendarConnection& connection) override {
    return real_.adopt(connection);
  }
  Status release(const ports::CalendarConnection& connection) override {
    return real_.release(connection);
  }
  Status accept(const ports::CalendarConnection& connection) override {
    return real_.accept(connection);
  }
  Result<CheckReport> check(const ports::CalendarConnection& connection,
                            const time::Zone& zone, const Interval& window) override {
    return real_.check(connection, zone, window);
  }

 private:
  ports::CalendarProviders& real_;
};

}  // namespace openavail::service::testing
