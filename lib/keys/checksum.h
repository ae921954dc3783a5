// The checksum at the end of a key's text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace openavail::keys {

// CRC-32 as in zip and PNG (reflected polynomial 0xEDB88320); of "123456789" it is 0xCBF43926.
std::uint32_t crc32(std::string_view data);

// Six base62 characters (0-9 A-Z a-z), most significant first, with leading zeros.
std::string checksum_text(std::uint32_t checksum);

}  // namespace openavail::keys
