#include "providers/vdir/vdir_providers.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/limits.h"
#include "calendar/object.h"
#include "crypto/digest.h"
#include "providers/vdir/folder.h"

namespace openavail::providers {
namespace {

using Presence = ports::OwnEventState::Presence;

// How often a folder is listed anew when a file vanished between the listing and its reading.
constexpr int kListingsMax = 5;

Error unreadable_file(const std::string& path, const std::string& name, const Error& error) {
  return unavailable("unreadable", "a calendar of this owner can't be read whole",
                     path + "/" + name + ": " + error.message());
}

ports::OwnEventState state_of(const ports::OwnEventRef& ref, const std::string& bytes,
                              const std::vector<calendar::ObjectEvent>& events) {
  ports::OwnEventState state;
  state.ref = ref;
  state.presence = Presence::foreign;
  for (const calendar::ObjectEvent& event : events) {
    if (event.uid != ref.uid) continue;
    state.presence = Presence::present;
    state.busy = event.is_busy;
    state.recurring = event.is_recurring;
    state.displaced_mark = event.has_displaced_mark;
    state.interval = event.interval;
    state.hash = crypto::sha256_hex(bytes);
  }
  return state;
}

class VdirCalendar final : public ports::CalendarProvider {
 public:
  VdirCalendar(ports::CalendarConnection connection, Entropy& entropy)
      : connection_(std::move(connection)), folder_(connection_.location), entropy_(entropy) {}

  Result<ports::CalendarReading> read(const ports::ReadRequest& request) override {
    OA_TRY_STATUS(folder_.check_marker(connection_.id.text()));
    for (int listings = 1;; ++listings) {
      auto reading = read_once(request);
      const bool has_moved =
          !reading && reading.error().code() == ErrorCode::not_found && listings < kListingsMax;
      if (has_moved) continue;
      if (!reading && reading.error().code() == ErrorCode::not_found) {
        return fail(unavailable("changing", "a calendar of this owner changes too quickly",
                                folder_.path() + ": files vanish while it is read, the last one: " +
                                    reading.error().operator_detail()));
      }
      // Unmounted in the middle: what was read may be half of it.
      OA_TRY_STATUS(folder_.check_marker(connection_.id.text()));
      return reading;
    }
  }

  ports::EventPlace place_for(const std::string& uid) const override {
    return uid.substr(0, uid.find('@')) + ".ics";
  }

  Result<ports::WrittenEvent> create(const calendar::EventDraft& draft) override {
    if (auto marked = folder_.check_marker(connection_.id.text()); !marked) {
      Error error = marked.error();
      nlohmann::json details = error.details();
      details["outcome"] = "refused";
      return fail(error.with_details(std::move(details)));
    }
    const ports::EventPlace place = place_for(draft.uid);
    const std::string bytes = calendar::write_object(draft);
    // What can't be read back as it was meant would make the whole calendar unreadable.
    const auto read_back = calendar::read_text(bytes, draft.uid);
    if (!read_back || read_back->interval != draft.interval) {
      return fail(unavailable("unwritable", "the event can't be written; nothing was changed",
                              folder_.path() + "/" + place + ": does not read back as written")
                      .with_details({{"cause", "unwritable"}, {"outcome", "refused"}}));
    }
    const auto made = folder_.create(place, bytes, entropy_);
    if (made) return ports::WrittenEvent{place, crypto::sha256_hex(bytes)};
    if (made.error().code() != ErrorCode::state_conflict) return fail(made.error());
    OA_TRY(const auto state, look({place, draft.uid}, time::Zone::utc()));
    if (state.presence == Presence::present) return ports::WrittenEvent{place, state.hash};
    return fail(unavailable("unwritable", "another object stands where the event would go",
                            folder_.path() + "/" + place + ": holds another event")
                    .with_details({{"cause", "unwritable"}, {"outcome", "refused"}}));
  }

  Result<ports::WrittenEvent> change(const ports::OwnEventRef& ref,
                                     const ports::ContentHash& expected,
                                     const calendar::EventChange& change) override {
    OA_TRY_STATUS(folder_.check_marker(connection_.id.text()));
    std::string hash;
    const auto replaced = folder_.replace(
        ref.place,
        [&](const std::string& present) -> Result<std::string> {
          OA_TRY_STATUS(compare(present, expected));
          auto changed = calendar::change_object(present, ref.uid, change);
          if (!changed && changed.error().code() == ErrorCode::validation_failed) {
            return fail(unreadable_file(folder_.path(), ref.place, changed.error()));
          }
          if (!changed) return changed;
          if (const auto read_back = calendar::read_text(*changed, ref.uid); !read_back) {
            return fail(unavailable("unwritable", "the event can't be written; nothing was changed",
                                    folder_.path() + "/" + ref.place +
                                        ": would not read back: " + read_back.error().message()));
          }
          hash = crypto::sha256_hex(*changed);
          return changed;
        },
        entropy_);
    if (!replaced) return fail(replaced.error());
    return ports::WrittenEvent{ref.place, hash};
  }

  Status remove(const ports::OwnEventRef& ref, const ports::ContentHash& expected) override {
    OA_TRY_STATUS(folder_.check_marker(connection_.id.text()));
    return folder_.remove(ref.place,
                          [&](const std::string& present) { return compare(present, expected); });
  }

  Result<FetchedEvent> fetch(const ports::OwnEventRef& ref) override {
    OA_TRY_STATUS(folder_.check_marker(connection_.id.text()));
    OA_TRY(const std::string bytes, folder_.read(ref.place));
    auto text = calendar::read_text(bytes, ref.uid);
    if (!text && text.error().code() == ErrorCode::validation_failed) {
      return fail(unreadable_file(folder_.path(), ref.place, text.error()));
    }
    if (!text) return fail(text.error());
    return FetchedEvent{std::move(text->text), text->interval, text->takes_time,
                        crypto::sha256_hex(bytes)};
  }

  Result<ports::OwnEventState> look(const ports::OwnEventRef& ref,
                                    const time::Zone& zone) override {
    OA_TRY_STATUS(folder_.check_marker(connection_.id.text()));
    const auto bytes = folder_.read(ref.place);
    if (!bytes) {
      if (bytes.error().code() != ErrorCode::not_found) return fail(bytes.error());
      ports::OwnEventState absent;
      absent.ref = ref;
      return absent;
    }
    const auto events = calendar::read_object(*bytes, {{}, zone, {}});
    if (!events) return fail(unreadable_file(folder_.path(), ref.place, events.error()));
    return state_of(ref, *bytes, *events);
  }

 private:
  static Status compare(const std::string& present, const ports::ContentHash& expected) {
    if (crypto::sha256_hex(present) == expected) return {};
    return fail(ErrorCode::state_conflict, "the object changed meanwhile");
  }

  Result<ports::CalendarReading> read_once(const ports::ReadRequest& request) {
    OA_TRY(const auto names, folder_.names());
    ports::CalendarReading reading;
    reading.own_occurrences.resize(request.own.size());
    std::map<std::string, std::size_t> own_at;
    for (std::size_t i = 0; i < request.own.size(); ++i) {
      reading.own.push_back({});
      reading.own.back().ref = request.own[i];
      own_at[request.own[i].place] = i;
    }
    const calendar::ReadOptions options{request.window, request.zone, request.owner_addresses};
    std::size_t total = 0;
    for (const std::string& name : names) {
      OA_TRY(const std::string bytes, folder_.read(name));
      const auto events = calendar::read_object(bytes, options);
      if (!events) return fail(unreadable_file(folder_.path(), name, events.error()));
      const auto own = own_at.find(name);
      if (own != own_at.end()) {
        reading.own[own->second] = state_of(request.own[own->second], bytes, *events);
      }
      for (const calendar::ObjectEvent& event : *events) {
        total += event.occurrences.size();
        if (total > limits::kOccurrencesPerReadMax) {
          return fail(unavailable("unreadable", "a calendar of this owner holds too many events",
                                  folder_.path() + ": too many instances in the time asked for"));
        }
        const bool is_own = own != own_at.end() && event.uid == request.own[own->second].uid;
        auto& target = is_own ? reading.own_occurrences[own->second] : reading.external;
        target.insert(target.end(), event.occurrences.begin(), event.occurrences.end());
      }
    }
    std::sort(reading.external.begin(), reading.external.end(),
              [](const calendar::Occurrence& a, const calendar::Occurrence& b) {
                return std::tie(a.interval, a.all_day) < std::tie(b.interval, b.all_day);
              });
    return reading;
  }

  ports::CalendarConnection connection_;
  Folder folder_;
  Entropy& entropy_;
};

class VdirProviders final : public ports::CalendarProviders {
 public:
  explicit VdirProviders(Entropy& entropy) : entropy_(entropy) {}

  Result<std::shared_ptr<ports::CalendarProvider>> open(
      const ports::CalendarConnection& connection) override {
    OA_TRY_STATUS(known(connection));
    return std::shared_ptr<ports::CalendarProvider>(
        std::make_shared<VdirCalendar>(connection, entropy_));
  }

  Status adopt(const ports::CalendarConnection& connection) override {
    OA_TRY_STATUS(known(connection));
    return Folder(connection.location).put_marker(connection.id.text(), false, entropy_);
  }

  Status release(const ports::CalendarConnection& connection) override {
    OA_TRY_STATUS(known(connection));
    Folder(connection.location).remove_marker(connection.id.text());
    return {};
  }

  Status accept(const ports::CalendarConnection& connection) override {
    OA_TRY_STATUS(known(connection));
    return Folder(connection.location).put_marker(connection.id.text(), true, entropy_);
  }

  Result<CheckReport> check(const ports::CalendarConnection& connection, const time::Zone& zone,
                            const Interval& window) override {
    OA_TRY_STATUS(known(connection));
    const Folder folder(connection.location);
    OA_TRY_STATUS(folder.check_marker(connection.id.text()));
    OA_TRY(const auto names, folder.names());
    CheckReport report;
    std::size_t instances = 0;
    for (const std::string& name : names) {
      const auto bytes = folder.read(name);
      if (!bytes && bytes.error().code() == ErrorCode::not_found) continue;  // gone meanwhile
      if (!bytes) {
        ++report.objects;
        report.problems.push_back({name, bytes.error().operator_detail()});
        continue;
      }
      ++report.objects;
      const auto events = calendar::read_object(*bytes, {window, zone, {}});
      if (!events) {
        report.problems.push_back({name, events.error().message()});
        continue;
      }
      for (const calendar::ObjectEvent& event : *events) instances += event.occurrences.size();
    }
    if (instances > limits::kOccurrencesPerReadMax) {
      report.problems.push_back({"(all files)", "too many instances in the months to come"});
    }
    return report;
  }

 private:
  static Status known(const ports::CalendarConnection& connection) {
    if (connection.provider == "vdir") return {};
    return fail(ErrorCode::validation_failed, "there is no calendar provider of that name",
                "use vdir");
  }

  Entropy& entropy_;
};

}  // namespace

std::unique_ptr<ports::CalendarProviders> make_vdir_providers(Entropy& entropy) {
  return std::make_unique<VdirProviders>(entropy);
}

}  // namespace openavail::providers
