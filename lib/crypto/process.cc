#include "crypto/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/check.h"

namespace openavail::crypto {

void harden_process() {
  const rlimit none{0, 0};
  OA_CHECK(setrlimit(RLIMIT_CORE, &none) == 0);  // lowering a limit is always allowed
  OA_CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

}  // namespace openavail::crypto
