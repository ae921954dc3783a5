// The one door to randomness. The real one is the operating system's (getrandom); tests and the
// simulator bring a seeded one.
//
// Thread rule: implementations are safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace openavail {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills the whole span. The process ends if the system has no randomness to give.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace openavail
