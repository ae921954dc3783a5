// A store that counts the write transactions that it is asked for, and refuses them when told to.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "ports/store.h"

namespace openavail::store::testing {

class WatchedStore final : public ports::Store {
 public:
  struct Watch {
    std::atomic<int> rounds{0};
    std::atomic<bool> refuses{false};
    std::function<void()> before_begin;
  };
  WatchedStore(std::unique_ptr<ports::Store> real, Watch& watch)
      : real_(std::move(real)), watch_(watch) {}

  Result<std::unique_ptr<ports::Transaction>> begin(ports::Access access) override {
    if (access == ports::Access::write) {
      ++watch_.rounds;
      if (watch_.before_begin) watch_.before_begin();
      if (watch_.refuses) return fail(ErrorCode::internal, "the lock is another's");
    }
    return real_->begin(access);
  }
  Result<std::unique_ptr<ports::OwnerLock>> lock_owner(const OwnerId& owner) override {
    return real_->lock_owner(owner);
  }
  Result<WriterId> writer() override { return real_->writer(); }
  Result<bool> writer_is_alive(const WriterId& id) override { return real_->writer_is_alive(id); }
  Result<std::vector<std::pair<std::string, std::string>>> pragmas() override {
    return real_->pragmas();
  }
  Result<std::vector<std::string>> integrity_problems() override {
    return real_->integrity_problems();
  }

 private:
  std::unique_ptr<ports::Store> real_;
  Watch& watch_;
};

}  // namespace openavail::store::testing
