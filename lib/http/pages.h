// What is served without a key: health, the OpenAPI document, llms.txt, security.txt.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/problem.h"
#include "transport/message.h"

namespace openavail::http {

struct HealthCheck {
  std::string name;  // "audit_log", "disk", "clock"
  bool is_ok = true;
};

struct PageSettings {
  const Clock& clock;
  std::string version;
  std::string security_contact;  // "mailto:…" or "https://…"
  // Made anew at each call; cheap, or cached by who gives it.
  std::function<std::vector<HealthCheck>()> health;
};

// Thread rule: safe from any thread.
class Pages {
 public:
  explicit Pages(PageSettings settings);

  // Also true for /metrics, which the app answers by itself since it may need a key.
  bool has(std::string_view path) const;
  transport::Response answer(const transport::Request& request, std::string_view path,
                             const Exchange& exchange) const;

 private:
  transport::Response health(const Exchange& exchange) const;
  std::string security_txt() const;

  PageSettings settings_;
  std::string openapi_;  // the document, as text
};

}  // namespace openavail::http
