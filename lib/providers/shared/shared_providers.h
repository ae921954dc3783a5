// Calendar providers that share equal reads, as waiting writers share an fsync: a read joins the
// next one that starts after it arrived. So nobody sees anything older than the own request, as
// many as wait cost one read, and nothing is kept once the last of them has its answer.
//
// Equal reads are of one calendar, with one time zone and the same owner addresses. Windows and
// events of ours may differ: they are united, and each asker gets exactly what a read of its own at
// that moment would have answered. An error is shared by those who asked for the same; where the
// united read fails and they asked for different things, each is read for itself, since limits
// depend on the window.
//
// Everything but reads goes straight to the providers behind.
//
// Thread rule: as ports::CalendarProviders.
#pragma once

#include <cstddef>
#include <memory>

#include "base/limits.h"
#include "ports/calendar_provider.h"

namespace openavail::providers {

class SharedProviders final : public ports::CalendarProviders {
 public:
  // `askers_max`: so many share one read; more share the one after it.
  explicit SharedProviders(std::unique_ptr<ports::CalendarProviders> behind,
                           std::size_t askers_max = limits::kSharedReadAskersMax);
  ~SharedProviders() override;

  Result<std::shared_ptr<ports::CalendarProvider>> open(
      const ports::CalendarConnection& connection) override;
  Status adopt(const ports::CalendarConnection& connection) override;
  Status release(const ports::CalendarConnection& connection) override;
  Status accept(const ports::CalendarConnection& connection) override;
  Result<CheckReport> check(const ports::CalendarConnection& connection, const time::Zone& zone,
                            const Interval& window) override;

  // Requests that wait for a read to start, over all calendars; for tests and metrics.
  std::size_t waiting() const;

 private:
  class Lines;
  class Calendar;
  std::unique_ptr<ports::CalendarProviders> behind_;
  std::shared_ptr<Lines> lines_;
};

}  // namespace openavail::providers
