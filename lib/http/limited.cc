#include "http/limited.h"

#include <utility>

namespace openavail::http {

RatePolicy policy_of(const operations::OperationInfo& operation, const RateSettings& rates) {
  using operations::RateClass;
  switch (operation.rate_class) {
    case RateClass::search:
      return {"search", rates.search};
    case RateClass::hold:
      return {"hold", rates.write};
    case RateClass::confirm:
      return {"confirm", rates.write};
    case RateClass::create:
      return {"create", rates.write};
    case RateClass::other:
      break;
  }
  return {"other", rates.other};
}

Error too_many(const std::string& what, const RateVerdict& verdict) {
  const auto seconds = verdict.retry_after.count();
  return Error(ErrorCode::rate_limited, what,
               "wait " + std::to_string(seconds) + " s, then repeat the call")
      .with_details({{"retry_after_seconds", seconds}});
}

operations::Outcome Limited::run(std::string_view name, nlohmann::json input,
                                 std::string_view api_key, service::Call call,
                                 operations::Spelling spelling) {
  const auto refused = [](const Error& error) {
    return operations::Outcome{false, operations::wire_error(error), error.code(),
                               operations::exit_code_of(error)};
  };
  call.counts_unknown_keys = true;
  const auto key = behind_.authenticate(api_key, call);
  if (!key) return refused(key.error());
  if (const auto* operation = operations::find_operation(name)) {
    const RatePolicy policy = policy_of(*operation, rates_);
    const RateVerdict verdict = per_key_.take(key->ref.text(), policy);
    if (!verdict.is_allowed) {
      return refused(too_many(
          "this key has used up its " + policy.name + " requests of this minute", verdict));
    }
  }
  return behind_.run(name, std::move(input), *key, std::move(call), spelling);
}

Result<operations::KeyHolder> Limited::holder(std::string_view api_key, const service::Call& call) {
  return behind_.holder(api_key, call);
}

}  // namespace openavail::http
