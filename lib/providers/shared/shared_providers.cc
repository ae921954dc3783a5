#include "providers/shared/shared_providers.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "providers/shared/united_read.h"

namespace openavail::providers {
namespace {

using Reading = Result<ports::CalendarReading>;

// One read for several askers. The first of them does it.
struct Batch {
  explicit Batch(const ports::ReadRequest& request) : united(request) {}

  ports::ReadRequest united;
  std::size_t askers = 1;
  bool is_called = false;  // to start
  bool is_alike = true;    // all asked for the same
  std::optional<Reading> reading;
  std::condition_variable changed;
};

// What makes reads equal besides the zone and the addresses.
using CalendarKey = std::tuple<std::string, std::string, std::string>;

CalendarKey key_of(const ports::CalendarConnection& connection) {
  return {connection.id.text(), connection.provider, connection.location};
}

}  // namespace

class SharedProviders::Lines {
 public:
  explicit Lines(std::size_t askers_max) : askers_max_(askers_max) {}

  Reading read(const CalendarKey& key, ports::CalendarProvider& provider,
               const ports::ReadRequest& request) {
    std::unique_lock lock(mutex_);
    Line& line = lines_[key];
    std::shared_ptr<Batch> batch = joinable(line, request);
    if (batch) {
      batch->is_alike = batch->is_alike && is_same_request(batch->united, request);
      unite(batch->united, request);
      ++batch->askers;
      ++waiting_;
      batch->changed.wait(lock, [&] { return batch->reading.has_value(); });
    } else {
      batch = std::make_shared<Batch>(request);
      if (line.is_reading) {
        line.next.push_back(batch);
        ++waiting_;
        batch->changed.wait(lock, [&] { return batch->is_called; });
      }
      line.is_reading = true;
      lead(lock, key, *batch, provider);
    }
    lock.unlock();
    if (*batch->reading) return part_of(batch->united, **batch->reading, request);
    return batch->is_alike ? *batch->reading : provider.read(request);
  }

  std::size_t waiting() const {
    const std::lock_guard guard(mutex_);
    return waiting_;
  }

 private:
  // Batches of one calendar are read one after the other.
  struct Line {
    bool is_reading = false;
    std::vector<std::shared_ptr<Batch>> next;
  };

  std::shared_ptr<Batch> joinable(const Line& line, const ports::ReadRequest& request) const {
    const auto found = std::find_if(line.next.begin(), line.next.end(), [&](const auto& batch) {
      return batch->askers < askers_max_ && can_be_united(batch->united, request);
    });
    return found == line.next.end() ? nullptr : *found;
  }

  // Reads for a batch, which nobody can join any more, and calls the next one.
  void lead(std::unique_lock<std::mutex>& lock, const CalendarKey& key, Batch& batch,
            ports::CalendarProvider& provider) {
    lock.unlock();
    Reading reading = provider.read(batch.united);
    lock.lock();
    batch.reading = std::move(reading);
    batch.changed.notify_all();
    Line& line = lines_.at(key);
    if (line.next.empty()) {
      lines_.erase(key);
      return;
    }
    const std::shared_ptr<Batch> next = line.next.front();
    line.next.erase(line.next.begin());
    waiting_ -= next->askers;
    next->is_called = true;
    next->changed.notify_all();
  }

  const std::size_t askers_max_;
  mutable std::mutex mutex_;
  std::map<CalendarKey, Line> lines_;  // of calendars that are being read
  std::size_t waiting_ = 0;
};

class SharedProviders::Calendar final : public ports::CalendarProvider {
 public:
  Calendar(std::shared_ptr<ports::CalendarProvider> behind, std::shared_ptr<Lines> lines,
           CalendarKey key)
      : behind_(std::move(behind)), lines_(std::move(lines)), key_(std::move(key)) {}

  Result<ports::CalendarReading> read(const ports::ReadRequest& request) override {
    return lines_->read(key_, *behind_, request);
  }
  ports::EventPlace place_for(const std::string& uid) const override {
    return behind_->place_for(uid);
  }
  Result<ports::WrittenEvent> create(const calendar::EventDraft& draft) override {
    return behind_->create(draft);
  }
  Result<ports::WrittenEvent> change(const ports::OwnEventRef& ref,
                                     const ports::ContentHash& expected,
                                     const calendar::EventChange& change) override {
    return behind_->change(ref, expected, change);
  }
  Status remove(const ports::OwnEventRef& ref, const ports::ContentHash& expected) override {
    return behind_->remove(ref, expected);
  }
  Result<FetchedEvent> fetch(const ports::OwnEventRef& ref) override { return behind_->fetch(ref); }
  Result<ports::OwnEventState> look(const ports::OwnEventRef& ref,
                                    const time::Zone& zone) override {
    return behind_->look(ref, zone);
  }

 private:
  std::shared_ptr<ports::CalendarProvider> behind_;
  std::shared_ptr<Lines> lines_;
  const CalendarKey key_;
};

SharedProviders::SharedProviders(std::unique_ptr<ports::CalendarProviders> behind,
                                 std::size_t askers_max)
    : behind_(std::move(behind)), lines_(std::make_shared<Lines>(askers_max)) {}

SharedProviders::~SharedProviders() = default;

Result<std::shared_ptr<ports::CalendarProvider>> SharedProviders::open(
    const ports::CalendarConnection& connection) {
  OA_TRY(auto provider, behind_->open(connection));
  return std::shared_ptr<ports::CalendarProvider>(
      std::make_shared<Calendar>(std::move(provider), lines_, key_of(connection)));
}

Status SharedProviders::adopt(const ports::CalendarConnection& connection) {
  return behind_->adopt(connection);
}

Status SharedProviders::release(const ports::CalendarConnection& connection) {
  return behind_->release(connection);
}

Status SharedProviders::accept(const ports::CalendarConnection& connection) {
  return behind_->accept(connection);
}

Result<ports::CalendarProviders::CheckReport> SharedProviders::check(
    const ports::CalendarConnection& connection, const time::Zone& zone, const Interval& window) {
  return behind_->check(connection, zone, window);
}

std::size_t SharedProviders::waiting() const { return lines_->waiting(); }

}  // namespace openavail::providers
