// Write JSON values as coco/json_text.py does: compact, keys sorted, numbers as the shortest text.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json.hpp"

namespace labelhouse {

// Whether texts/url_secrets.without_secrets might change a text. It may only ever be wrong in saying yes.
inline bool may_be_cut(std::string_view text) {
  bool slashes = false, mark = false;
  for (size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '=': case '@': case '\\': return true;
      case '%': case '&': {
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        if (text[at] == '&' ? next == '#' : (next >= '2' && next <= '4')) return true;
        break;
      }
      case '?': case '#': mark = true; break;
      case '/': slashes = slashes || (at + 1 < text.size() && text[at + 1] == '/'); break;
      default: break;
    }
  }
  return slashes && mark;
}

// Whether texts/json_secrets might change a text that stands behind a key of an object.
inline bool may_be_cut(std::string_view text, std::string_view key) {
  if (may_be_cut(text)) return true;
  bool has_mark = false;
  for (const char character : text) has_mark = has_mark || character == '?' || character == '#';
  if (!has_mark) return false;
  // A URL or a name, by its key, is cut at these marks alone.
  std::string lower(key);
  for (char& character : lower)
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  for (const std::string_view part : {"url", "uri", "href", "file", "path"})
    if (lower.find(part) != std::string::npos) return true;
  return false;
}

// The shortest digits that read back as the same double, and the power of ten of the first one.
struct Digits {
  char digits[24];
  int count = 0;
  int power = 0;
  bool negative = false;
};

inline Digits digits_of(double value) {
  Digits result;
  result.negative = std::signbit(value);
  char text[40];
  const char* end = std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific).ptr;
  const char* at = text;
  for (; at < end && *at != 'e'; ++at)
    if (*at != '.') result.digits[result.count++] = *at;
  const bool below_one = at + 1 < end && at[1] == '-';
  for (at += 2; at < end; ++at) result.power = result.power * 10 + (*at - '0');
  if (below_one) result.power = -result.power;
  return result;
}

// Append a double as Python's repr writes it.
inline void append_real(std::string& into, double value) {
  const Digits number = digits_of(value);
  if (number.negative) into.push_back('-');
  const std::string_view digits(number.digits, static_cast<size_t>(number.count));
  if (value == 0) {
    into += "0.0";
  } else if (number.power < -4 || number.power >= 16) {
    into.push_back(digits[0]);
    if (digits.size() > 1) {
      into.push_back('.');
      into += digits.substr(1);
    }
    into += number.power < 0 ? "e-" : "e+";
    const int power = number.power < 0 ? -number.power : number.power;
    if (power < 10) into.push_back('0');
    into += std::to_string(power);
  } else if (number.power < 0) {
    into += "0.";
    into.append(static_cast<size_t>(-number.power - 1), '0');
    into += digits;
  } else {
    const size_t whole = static_cast<size_t>(number.power) + 1;
    if (digits.size() <= whole) {
      into += digits;
      into.append(whole - digits.size(), '0');
      into += ".0";
    } else {
      into += digits.substr(0, whole);
      into.push_back('.');
      into += digits.substr(whole);
    }
  }
}

// msgspec, which writes nested values, spells these doubles as Python's repr does.
inline bool is_plainly_spelled(double value) {
  const double size = std::fabs(value);
  return size == 0 || (size >= 1e-4 && size < 1e16);
}

inline bool append_text(std::string& into, std::string_view value) {
  for (const char character : value)
    if (character == '"' || character == '\\' || static_cast<unsigned char>(character) < 0x20) return false;
  into.push_back('"');
  into += value;
  into.push_back('"');
  return true;
}

// Read any value, which stands behind `key`, and append it as JSON. What is spelled in another way elsewhere
// is declined, and so is what may hold secrets.
inline bool append_value(Cursor& cursor, std::string& into, int depth, std::string_view key) {
  std::string scratch;
  std::string_view text;
  switch (cursor.peek()) {
    case '"':
      if (!cursor.text(text, scratch)) return false;
      return (!may_be_cut(text, key) && append_text(into, text)) || cursor.fail(Status::declined);
    case 'n':
      into += "null";
      return cursor.null();
    case 't': case 'f': {
      bool value = false;
      if (!cursor.boolean(value)) return false;
      into += value ? "true" : "false";
      return true;
    }
    case '[': {
      if (depth >= max_depth) return cursor.fail(Status::declined);
      ++cursor.at;
      into.push_back('[');
      if (cursor.peek() == ']') {
        ++cursor.at;
      } else {
        bool is_first = true;
        do {
          if (!is_first) into.push_back(',');
          is_first = false;
          if (!append_value(cursor, into, depth + 1, {})) return false;
        } while (cursor.another(']'));
        if (cursor.status != Status::ok) return false;
      }
      into.push_back(']');
      return true;
    }
    case '{': {
      if (depth >= max_depth) return cursor.fail(Status::declined);
      ++cursor.at;
      std::vector<std::pair<std::string, std::string>> members;
      if (cursor.peek() == '}') {
        ++cursor.at;
      } else {
        do {
          if (!cursor.key(text, scratch)) return false;
          members.emplace_back(std::string(text), std::string());
          auto& [name, value] = members.back();
          if (may_be_cut(name)) return cursor.fail(Status::declined);
          if (!append_value(cursor, value, depth + 1, name)) return false;
        } while (cursor.another('}'));
        if (cursor.status != Status::ok) return false;
      }
      std::sort(members.begin(), members.end());
      into.push_back('{');
      for (size_t index = 0; index < members.size(); ++index) {
        // The last of two values of one key counts, and the order tells which that was no more.
        if (index && members[index].first == members[index - 1].first) return cursor.fail(Status::declined);
        if (index) into.push_back(',');
        if (!append_text(into, members[index].first)) return cursor.fail(Status::declined);
        into.push_back(':');
        into += members[index].second;
      }
      into.push_back('}');
      return true;
    }
    default: {
      Number number;
      if (cursor.at >= cursor.end) return cursor.fail(Status::incomplete);
      if (!cursor.number(number)) return false;
      if (number.is_integer) {
        into += std::to_string(number.integer);
      } else {
        if (!is_plainly_spelled(number.real)) return cursor.fail(Status::declined);
        append_real(into, number.real);
      }
      return true;
    }
  }
}

}  // namespace labelhouse
