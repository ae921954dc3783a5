// The contested slot, shown end to end on a calendar of its own in a temporary place.
#pragma once

namespace openavail::cmd {

// Prints the story; 0 only if everything that it claims was checked and is true.
int run_demo(bool keep);

}  // namespace openavail::cmd
