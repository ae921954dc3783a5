#include "mcp/progress.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

json token_in(const Request& request) {
  const json token = request.meta().value("progressToken", json());
  return token.is_string() || token.is_number_integer() ? token : json();
}

}  // namespace

Progress::Progress(const Request& request)
    : exchange_(request.exchange), token_(token_in(request)) {}

bool Progress::is_wanted(const Request& request) { return !token_in(request).is_null(); }

void Progress::report(std::int64_t done, std::optional<std::int64_t> total,
                      const std::string& message) {
  if (token_.is_null() || exchange_ == nullptr || (last_ && done <= *last_)) return;
  last_ = done;
  json parameters = {{"progressToken", token_}, {"progress", done}};
  if (total) parameters["total"] = *total;
  if (!message.empty()) parameters["message"] = message;
  exchange_->notify("notifications/progress", std::move(parameters));
}

Heartbeat::Heartbeat(const Request& request, std::string message, std::chrono::milliseconds every)
    : progress_(request), message_(std::move(message)), every_(every) {
  if (Progress::is_wanted(request)) thread_ = std::thread([this] { beat(); });
}

Heartbeat::~Heartbeat() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Heartbeat::beat() {
  std::unique_lock lock(mutex_);
  for (std::int64_t times = 1;; ++times) {
    lock.unlock();
    progress_.report(times, std::nullopt, message_);
    lock.lock();
    if (stop_.wait_for(lock, every_, [this] { return is_stopping_; })) return;
  }
}

}  // namespace openavail::mcp
