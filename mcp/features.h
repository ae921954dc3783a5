// What a server offers, apart from the wire: tools, resources, prompts, completion. One set serves
// calendars, another the conformance suite's fixtures; the protocol knows neither.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "mcp/message.h"

namespace openavail::mcp {

// Results are whole but for what the protocol adds in the modern era (`resultType` where it is
// missing, the server's name). Thread rule: implementations are safe from any thread.
class Features {
 public:
  virtual ~Features() = default;

  virtual nlohmann::json server_info() const = 0;  // name, title, version
  virtual nlohmann::json capabilities(Era era) const = 0;
  virtual std::string instructions(const Caller& caller) const = 0;
  // How long clients may keep lists, in milliseconds.
  virtual int list_ttl_ms() const = 0;

  // Every tool, as the text of a JSON array that stays where it is.
  virtual std::string_view tool_list(const Request& request) = 0;
  // Every entry, in a stable order; the protocol makes pages of them. Errors: those of the caller's
  // authorisation.
  virtual RpcResult<nlohmann::json> resources(const Request& request) = 0;
  virtual RpcResult<nlohmann::json> resource_templates(const Request& request) = 0;
  virtual RpcResult<nlohmann::json> prompts(const Request& request) = 0;

  virtual RpcResult<nlohmann::json> call_tool(const Request& request) = 0;
  virtual RpcResult<nlohmann::json> read_resource(const Request& request) = 0;
  virtual RpcResult<nlohmann::json> get_prompt(const Request& request) = 0;
  virtual RpcResult<nlohmann::json> complete(const Request& request) = 0;

  // Whether messages may precede this request's result: HTTP then answers with a stream.
  virtual bool may_send(const Request& request) const = 0;
  // The input schema of a tool with parameters that are mirrored in headers; null for all others.
  virtual nlohmann::json mirrored_schema(const std::string& tool) const = 0;
  // What `subscriptions/listen` can honour here, of what its filter asks for.
  virtual nlohmann::json honoured(const nlohmann::json& filter) const = 0;
  // A response that a client posted; only servers that ask clients wait for any.
  virtual void take_response(const nlohmann::json& message) { static_cast<void>(message); }
};

}  // namespace openavail::mcp
