// Ids as types of their own, so that an owner can't be passed for an agent. An id is opaque text;
// two ids are equal when their text is.
#pragma once

#include <compare>
#include <string>
#include <utility>

namespace openavail {

template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  auto operator<=>(const Id&) const = default;

 private:
  std::string text_;
};

using OwnerId = Id<struct OwnerTag>;                // own_…
using CalendarId = Id<struct CalendarTag>;          // cal_…
using ClassId = Id<struct ClassTag>;                // cls_…
using AgentId = Id<struct AgentTag>;                // agt_…
using KeyRef = Id<struct KeyTag>;                   // the 12 public base62 characters of a key
using BookingId = Id<struct BookingTag>;            // UUID v7
using HoldId = Id<struct HoldTag>;                  // UUID v7
using ProposalId = Id<struct ProposalTag>;          // UUID v7
using NotificationId = Id<struct NotificationTag>;  // UUID v7
using DecisionId = Id<struct DecisionTag>;          // dec_…
using SigningKeyId = Id<struct SigningKeyTag>;      // sig_…
using WriterId = Id<struct WriterTag>;              // one per process, names its lock file

}  // namespace openavail
