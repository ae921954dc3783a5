// Audit rows of reads, written in groups (arbitration contract, Audit row): a read hands its row
// over and is answered; a thread of the journal's own writes what has gathered, together. The queue
// has a limit. When it is full, or the log can't be written, rows are refused and with them the
// reads, until writing works again; what was handed over before is kept and tried again. What a
// killed process had not written yet is lost, so there is a setting for doing without (audit.access
// = sync: no journal).
//
// A row gets its decision id from the reader; number, time and seal when it is written. So numbers
// and times grow together, and rows of one key keep their order: before a row that is written at
// once, those of its key that still wait are written in the same transaction.
//
// Thread rule: safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "audit/entry.h"
#include "base/limits.h"
#include "service/context.h"

namespace openavail::service {

struct AccessJournalOptions {
  std::size_t waiting_max = limits::kAccessRowsWaitingMax;
  std::chrono::milliseconds delay = limits::kAccessRowDelay;  // for others to gather
  std::size_t ahead = limits::kAccessRowsAhead;
  std::chrono::milliseconds ahead_wait = limits::kAccessRowsAheadWait;
};

class AccessJournal {
 public:
  // Starts the thread. `parts` are those of the services; what they refer to must outlive it.
  explicit AccessJournal(const Parts& parts, AccessJournalOptions options = {});
  ~AccessJournal();
  AccessJournal(const AccessJournal&) = delete;
  AccessJournal& operator=(const AccessJournal&) = delete;

  // `entry` has its decision id. May wait (AccessJournalOptions::ahead). Errors: internal (full;
  // the log can't be written; stopped).
  Status add(audit::Entry entry);

  // Writes what still waits of a key in a write transaction that is about to record a row of it.
  // Errors: internal.
  Status write_waiting_of(const KeyRef& key, ports::Transaction& tx);

  // False while rows are refused; /health says so.
  bool is_healthy() const;

  // Writes what waits and ends; later rows are refused. The destructor does it too.
  void stop();

 private:
  struct Waiting {
    audit::Entry entry;
    // A transaction has written it already, if it was committed.
    bool may_be_written = false;
  };

  void run();
  void write_all(std::unique_lock<std::mutex>& lock);
  Status write_some(std::size_t count);
  Status why_refused() const;

  Parts parts_;
  const AccessJournalOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable written_;
  std::deque<Waiting> waiting_;             // only the thread takes from it
  std::map<KeyRef, std::size_t> count_of_;  // by key, of those that wait
  bool is_failing_ = false;
  bool is_stopping_ = false;
  std::thread writer_;
};

}  // namespace openavail::service
