#include "mcp/subscriptions.h"

#include <algorithm>

#include "mcp/exchange.h"

namespace openavail::mcp {
namespace {

using nlohmann::json;

json notification(const std::string& method, json parameters, const json& id) {
  parameters["_meta"][kSubscriptionKey] = id;
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(parameters)}};
}

}  // namespace

bool Subscriptions::is_full(const std::string& key) const {
  const auto of_key = std::count_if(streams_.begin(), streams_.end(),
                                    [&](const Stream& stream) { return stream.key == key; });
  return streams_.size() >= static_cast<std::size_t>(limits_.open_max) ||
         of_key >= limits_.of_a_key_max;
}

RpcResult<std::optional<json>> Subscriptions::listen(const Request& request, json honoured) {
  std::unique_lock lock(mutex_);
  const std::string key = request.caller.api_key.value_or("");
  if (is_full(key)) {
    return rpc_fail(code::kInternal, "too many subscriptions are open; close one first");
  }
  const auto stream = streams_.insert(streams_.end(), {key, request.id, honoured, {}});
  lock.unlock();
  Exchange& exchange = *request.exchange;
  bool is_there = exchange.send(notification("notifications/subscriptions/acknowledged",
                                             {{"notifications", std::move(honoured)}}, request.id));
  lock.lock();
  while (is_there && !is_ending_ && !exchange.is_cancelled()) {
    if (stream->waiting.empty()) {
      // The poll notices a client that has gone.
      changed_.wait_for(lock, limits::kMcpSubscriptionPoll);
      continue;
    }
    const json message = std::move(stream->waiting.front());
    stream->waiting.pop_front();
    lock.unlock();
    is_there = exchange.send(message);
    lock.lock();
  }
  streams_.erase(stream);
  if (!is_ending_) return std::optional<json>{};
  json result = {{"_meta", {{kSubscriptionKey, request.id}}}};
  return std::optional<json>(std::move(result));
}

void Subscriptions::publish(const std::string& filter_member, const std::string& method) {
  const std::lock_guard lock(mutex_);
  for (Stream& stream : streams_) {
    const bool is_wanted =
        stream.filter.contains(filter_member) && stream.filter.at(filter_member) == true;
    // A change that is still to be told covers this one too.
    const bool is_told = std::any_of(stream.waiting.begin(), stream.waiting.end(),
                                     [&](const json& one) { return one.at("method") == method; });
    if (is_wanted && !is_told) {
      stream.waiting.push_back(notification(method, json::object(), stream.id));
    }
  }
  changed_.notify_all();
}

void Subscriptions::end_all() {
  const std::lock_guard lock(mutex_);
  is_ending_ = true;
  changed_.notify_all();
}

int Subscriptions::open() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(streams_.size());
}

}  // namespace openavail::mcp
