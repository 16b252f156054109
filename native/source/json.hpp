// Read JSON from a text in memory: a cursor that never reads behind the end, and says why it stopped.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace labelhouse {

// Why a value was not taken. A record that is DECLINED may be good: another reader has to look at it.
enum class Status { ok, declined, malformed, incomplete };

constexpr int max_depth = 12;  // values nested deeper than this are declined
constexpr int64_t exact = int64_t{1} << 53;  // doubles hold integers up to this size exactly

struct Number {
  bool is_integer = false;
  int64_t integer = 0;
  double real = 0;  // the nearest double of any number
};

class Cursor {
 public:
  Cursor(const char* begin, const char* behind) : at(begin), end(behind) {}

  const char* at;
  const char* end;
  Status status = Status::ok;

  bool fail(Status why) {
    status = why;
    return false;
  }

  // The next character that is not white space; 0 at the end of the text.
  char peek() {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
    return at < end ? *at : '\0';
  }

  bool expect(char wanted) {
    const char met = peek();
    if (met == wanted) {
      ++at;
      return true;
    }
    return fail(at >= end ? Status::incomplete : Status::malformed);
  }

  // After a value in a list or an object: true if another one follows, false at the closing bracket, which
  // is consumed, or with a status.
  bool another(char closing) {
    const char met = peek();
    if (met == ',') {
      ++at;
      return true;
    }
    if (met == closing) {
      ++at;
      return false;
    }
    return fail(at >= end ? Status::incomplete : Status::malformed);
  }

  bool literal(const char* word, size_t size) {
    const size_t left = static_cast<size_t>(end - at);
    if (left < size) return fail(std::memcmp(at, word, left) == 0 ? Status::incomplete : Status::malformed);
    if (std::memcmp(at, word, size) != 0) return fail(Status::malformed);
    at += size;
    return true;
  }
  bool null() { return literal("null", 4); }
  bool boolean(bool& value) {
    value = at < end && *at == 't';
    return value ? literal("true", 4) : literal("false", 5);
  }

  // Read a number; one that neither 64 bits nor a double can hold is declined.
  bool number(Number& number) {
    const char* start = at;
    const bool negative = at < end && *at == '-';
    if (negative) ++at;
    if (at >= end) return fail(Status::incomplete);
    uint64_t digits = 0;
    const char* first = at;
    if (*at == '0') {
      ++at;
    } else {
      while (at < end && is_digit(*at)) digits = digits * 10 + static_cast<uint64_t>(*at++ - '0');
      if (at == first) return fail(Status::malformed);
    }
    const ptrdiff_t whole = at - first;
    ptrdiff_t fraction = 0;
    number.is_integer = true;
    if (at < end && *at == '.') {
      number.is_integer = false;
      const char* point = ++at;
      while (at < end && is_digit(*at)) digits = digits * 10 + static_cast<uint64_t>(*at++ - '0');
      fraction = at - point;
      if (!fraction) return fail(at >= end ? Status::incomplete : Status::malformed);
    }
    bool has_exponent = false;
    if (at < end && (*at == 'e' || *at == 'E')) {
      number.is_integer = false;
      has_exponent = true;
      ++at;
      if (at < end && (*at == '+' || *at == '-')) ++at;
      const char* power = at;
      while (at < end && is_digit(*at)) ++at;
      if (at == power) return fail(at >= end ? Status::incomplete : Status::malformed);
    }
    // A number may go on behind the end of the text.
    if (at >= end) return fail(Status::incomplete);
    if (number.is_integer) {
      if (whole > 18) return fail(Status::declined);
      number.integer = negative ? -static_cast<int64_t>(digits) : static_cast<int64_t>(digits);
      number.real = static_cast<double>(number.integer);
      return true;
    }
    // Both are exact here, so their quotient is the nearest double (Clinger 1990).
    if (!has_exponent && whole + fraction <= 18 && digits <= uint64_t{1} << 53) {
      const double magnitude = static_cast<double>(digits) / powers_of_ten[fraction];
      number.real = negative ? -magnitude : magnitude;
      return true;
    }
    return real(start, number.real) || fail(Status::declined);
  }

  // Read a text. `value` is in the text read, or in `scratch` if it has escapes.
  bool text(std::string_view& value, std::string& scratch) {
    if (!expect('"')) return false;
    const char* start = at;
    while (at < end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
    if (at >= end) return fail(Status::incomplete);
    if (*at == '"') {
      value = std::string_view(start, static_cast<size_t>(at++ - start));
      return true;
    }
    scratch.assign(start, at);
    while (true) {
      if (at >= end) return fail(Status::incomplete);
      const char character = *at++;
      if (character == '"') break;
      if (static_cast<unsigned char>(character) < 0x20) return fail(Status::malformed);
      if (character != '\\') {
        scratch.push_back(character);
        continue;
      }
      if (at >= end) return fail(Status::incomplete);
      if (!escape(scratch)) return false;
    }
    value = scratch;
    return true;
  }

  // Read the key of a member of an object up to its value, which begins at the cursor.
  bool key(std::string_view& name, std::string& scratch) {
    if (peek() != '"') return fail(at >= end ? Status::incomplete : Status::malformed);
    if (!text(name, scratch) || !expect(':')) return false;
    peek();
    return at < end || fail(Status::incomplete);
  }

  // Pass over a value to its end, without looking whether it is good JSON.
  bool skip() {
    const char first = peek();
    if (at >= end) return fail(Status::incomplete);
    if (first == '"') return skip_text();
    if (first != '{' && first != '[') {
      while (at < end && !std::strchr(",]} \n\r\t", *at)) ++at;
      return at < end || fail(Status::incomplete);
    }
    int64_t open = 0;
    while (at < end) {
      const char character = *at;
      if (character == '"') {
        if (!skip_text()) return false;
        continue;
      }
      ++at;
      if (character == '{' || character == '[') ++open;
      if ((character == '}' || character == ']') && --open == 0) return true;
    }
    return fail(Status::incomplete);
  }

  static bool is_digit(char character) { return character >= '0' && character <= '9'; }

 private:
  static constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                             1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

  // The nearest double to a number that is spelled from `start` on; false beyond the range of doubles.
  bool real(const char* start, double& value) const {
    const auto parsed = std::from_chars(start, at, value);
    return parsed.ec == std::errc() && parsed.ptr == at && std::isfinite(value);
  }

  bool skip_text() {
    for (++at; at < end; ++at) {
      if (*at == '\\') {
        ++at;
      } else if (*at == '"') {
        ++at;
        return true;
      }
    }
    at = end;
    return fail(Status::incomplete);
  }

  bool hex(uint32_t& unit) {
    if (end - at < 4) return fail(Status::incomplete);
    unit = 0;
    for (int place = 0; place < 4; ++place) {
      const char digit = *at++;
      unit <<= 4;
      if (is_digit(digit)) unit |= static_cast<uint32_t>(digit - '0');
      else if (digit >= 'a' && digit <= 'f') unit |= static_cast<uint32_t>(digit - 'a' + 10);
      else if (digit >= 'A' && digit <= 'F') unit |= static_cast<uint32_t>(digit - 'A' + 10);
      else return fail(Status::malformed);
    }
    return true;
  }

  bool escape(std::string& into) {
    switch (*at++) {
      case '"': into.push_back('"'); return true;
      case '\\': into.push_back('\\'); return true;
      case '/': into.push_back('/'); return true;
      case 'b': into.push_back('\b'); return true;
      case 'f': into.push_back('\f'); return true;
      case 'n': into.push_back('\n'); return true;
      case 'r': into.push_back('\r'); return true;
      case 't': into.push_back('\t'); return true;
      case 'u': break;
      default: return fail(Status::malformed);
    }
    uint32_t point = 0;
    if (!hex(point)) return false;
    if (point >= 0xDC00 && point <= 0xDFFF) return fail(Status::declined);
    if (point >= 0xD800 && point <= 0xDBFF) {
      if (end - at < 2) return fail(Status::incomplete);
      // Half of a surrogate pair has no UTF-8 form.
      if (at[0] != '\\' || at[1] != 'u') return fail(Status::declined);
      at += 2;
      uint32_t low = 0;
      if (!hex(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return fail(Status::declined);
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    if (point < 0x80) {
      into.push_back(static_cast<char>(point));
    } else if (point < 0x800) {
      into.push_back(static_cast<char>(0xC0 | (point >> 6)));
      into.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else if (point < 0x10000) {
      into.push_back(static_cast<char>(0xE0 | (point >> 12)));
      into.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
      into.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else {
      into.push_back(static_cast<char>(0xF0 | (point >> 18)));
      into.push_back(static_cast<char>(0x80 | ((point >> 12) & 0x3F)));
      into.push_back(static_cast<char>(0x80 | ((point >> 6) & 0x3F)));
      into.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    }
    return true;
  }
};

}  // namespace labelhouse
