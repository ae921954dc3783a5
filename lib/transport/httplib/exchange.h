// Makes the bytes of an answer, with cpp-httplib's server: ours derives from it and gives it a
// stream in memory. Of the request it is shown the method alone: framing, limits and headers were
// judged before (head.h), and what 0.11.4 does with them is what section 0 of the security design
// is about.
//
// Thread rule: one thread at a time; each worker has its own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "transport/message.h"
#include "transport/server.h"

namespace openavail::transport {

// What of the request the form of its answer depends on.
struct AnswerForm {
  bool head_only = false;  // HEAD: everything but the body
  int minor_version = 1;
  bool close = false;  // no further request will be read
};

struct Answer {
  std::string bytes;
  // Set: `bytes` is the head of an event stream, which this goes on with.
  std::function<void(EventStream&)> stream;
  bool close = false;  // AnswerForm::close, or because the handler wishes it
};

class Exchange {
 public:
  // Both outlive it.
  Exchange(const ServerSettings& settings);
  ~Exchange();

  // Calls `respond`; should it throw, the answer is a refusal with 500 that says nothing about why.
  Answer answer(const AnswerForm& form, const std::function<Response()>& respond);
  // Whether the connection ends behind it is the form's to say.
  Answer refusal(const Refusal& refusal, const AnswerForm& form);

 private:
  class Bounded;
  std::unique_ptr<Bounded> server_;
};

}  // namespace openavail::transport
