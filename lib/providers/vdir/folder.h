// The folder of a vdir calendar: files read whole, written by rename, changed only if unchanged.
// The format that vdirsyncer, khal and Radicale share: one object per .ics file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/result.h"

namespace openavail::providers {

// The dot-file that carries the calendar's id.
inline constexpr const char* kMarkerName = ".openavail-calendar";

class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}

  // Errors: calendar_unavailable, cause unreachable (no folder) or changed_identity (no marker, or
  // another calendar's).
  Status check_marker(const std::string& calendar_id) const;
  // Leaves the marker. Errors: validation_failed (no folder, not writable, marked by another
  // calendar unless `replace`).
  Status put_marker(const std::string& calendar_id, bool replace, Entropy& entropy) const;
  void remove_marker(const std::string& calendar_id) const;

  // Names of the objects: *.ics, no dot-files, sorted. Errors: calendar_unavailable.
  Result<std::vector<std::string>> names() const;

  // A whole regular file. Errors: not_found, calendar_unavailable (unreadable; names the file in
  // operator_detail).
  Result<std::string> read(const std::string& name) const;

  // Temporary file, fsync, link, fsync of the folder: never replaces. Errors: state_conflict (there
  // already), calendar_unavailable with outcome refused.
  Status create(const std::string& name, const std::string& bytes, Entropy& entropy) const;
  // `change` gets the present bytes and answers the new ones, under a lock that all of our
  // processes take. Errors: those of `change`, not_found, calendar_unavailable.
  Status replace(const std::string& name,
                 const std::function<Result<std::string>(const std::string&)>& change,
                 Entropy& entropy) const;
  // Removes if `may` agrees to the present bytes. A file that is gone is success.
  Status remove(const std::string& name,
                const std::function<Status(const std::string&)>& may) const;

  const std::string& path() const { return path_; }

 private:
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  Result<std::string> write_temporary(const std::string& bytes, Entropy& entropy) const;
  Status sync() const;

  std::string path_;
};

// calendar_unavailable with a cause; `detail` is for the operator alone.
Error unavailable(const std::string& cause, const std::string& message, const std::string& detail);

}  // namespace openavail::providers
