// Holding input against an operation's schema.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace openavail::operations {

// A schema made ready once, for many inputs to be held against. Thread rule: const members are safe
// from any thread.
class InputSchema {
 public:
  explicit InputSchema(nlohmann::json document);
  ~InputSchema();

  const nlohmann::json& document() const;
  // As validate().
  Status validate(const nlohmann::json& input) const;

 private:
  struct Ready;
  std::unique_ptr<const Ready> ready_;
};

// A maxLength counts bytes of UTF-8. Errors: validation_failed with at most limits::kIssuesMax
// issues[]{path (JSON Pointer), message}; an unknown member is named with the nearest known one.
Status validate(const nlohmann::json& schema, const nlohmann::json& input);

}  // namespace openavail::operations
