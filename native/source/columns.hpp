// Columns of values in the layout of Arrow: validity bits, offsets, values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace labelhouse {

// Give the memory of a vector back.
template <typename Value>
void discard(std::vector<Value>& values) {
  std::vector<Value>().swap(values);
}

class Bits {
 public:
  void push(bool value) {
    if (size_ % 8 == 0) bytes.push_back(0);
    if (value) bytes.back() = static_cast<uint8_t>(bytes.back() | (1u << (size_ % 8)));
    else ++unset;
    ++size_;
  }
  std::vector<uint8_t> bytes;
  int64_t unset = 0;

 private:
  size_t size_ = 0;
};

// Values that may be null; a null has the value 0.
template <typename Value>
struct Column {
  std::vector<Value> values;
  Bits valid;
  void push(bool is_valid, Value value) {
    values.push_back(is_valid ? value : Value{});
    valid.push(is_valid);
  }
};

struct Booleans {
  Bits values, valid;
  void push(bool is_valid, bool value) {
    values.push(is_valid && value);
    valid.push(is_valid);
  }
};

struct Texts {
  std::vector<int32_t> offsets{0};
  std::vector<char> characters;
  Bits valid;
  void push(bool is_valid, std::string_view text = {}) {
    if (is_valid) characters.insert(characters.end(), text.begin(), text.end());
    offsets.push_back(static_cast<int32_t>(characters.size()));
    valid.push(is_valid);
  }
  void discard_all() {
    discard(offsets);
    discard(characters);
    discard(valid.bytes);
  }
};

}  // namespace labelhouse
