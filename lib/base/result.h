// Result<T>: a value or an Error. The only way in which a function of ours reports that it could
// not do its work. A refusal by the owner's rules is not an error: it is a Decision.
//
// Thread rule: plain values; share them as you would share an int.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace openavail {

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string next = {}) {
  return tl::unexpected<Error>(Error(code, std::move(message), std::move(next)));
}

}  // namespace openavail

#define OPENAVAIL_CONCAT_INNER(a, b) a##b
#define OPENAVAIL_CONCAT(a, b) OPENAVAIL_CONCAT_INNER(a, b)

// OA_TRY(auto value, expression): binds the value or returns the error from this function.
#define OA_TRY(declaration, expression)                                                  \
  auto OPENAVAIL_CONCAT(oa_try_, __LINE__) = (expression);                               \
  if (!OPENAVAIL_CONCAT(oa_try_, __LINE__))                                              \
    return tl::unexpected<::openavail::Error>(                                           \
        std::move(OPENAVAIL_CONCAT(oa_try_, __LINE__)).error());                         \
  declaration = std::move(*OPENAVAIL_CONCAT(oa_try_, __LINE__))

// OA_TRY_STATUS(expression): returns the error from this function, if there is one.
#define OA_TRY_STATUS(expression)                                                        \
  do {                                                                                   \
    auto oa_try_status = (expression);                                                   \
    if (!oa_try_status)                                                                  \
      return tl::unexpected<::openavail::Error>(std::move(oa_try_status).error());       \
  } while (false)
