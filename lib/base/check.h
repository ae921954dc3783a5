// OA_CHECK(condition): a broken invariant ends the process, in release builds too. It is for
// what our own code promises, never for input: bad input is an Error.
#pragma once

namespace openavail {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace openavail

#define OA_CHECK(condition)                                                         \
  do {                                                                              \
    if (!(condition)) [[unlikely]]                                                  \
      ::openavail::check_failed(#condition, __FILE__, __LINE__);                    \
  } while (false)
