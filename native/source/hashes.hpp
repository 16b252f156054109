// The hashes of hashing/row_hashes.py, to the last bit: the warehouse stores them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace labelhouse {

constexpr uint64_t golden = 0x9E3779B97F4A7C15u;

// splitmix64 (Steele, Lea, Flood 2014).
inline uint64_t mixed(uint64_t bits) {
  bits ^= bits >> 30;
  bits *= 0xBF58476D1CE4E5B9u;
  bits ^= bits >> 27;
  bits *= 0x94D049BB133111EBu;
  return bits ^ (bits >> 31);
}

inline uint64_t named(uint64_t salt, uint64_t hash) { return hash == 0 ? 0 : mixed(hash ^ salt); }

inline uint64_t bits_of(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline uint64_t hash_of(int64_t value) { return mixed(static_cast<uint64_t>(value) + golden); }
inline uint64_t hash_of(double value) { return mixed(bits_of(value) + golden); }

inline uint64_t little_endian(const unsigned char* bytes, size_t count) {
  uint64_t word = 0;
  for (size_t place = 0; place < count; ++place) word |= static_cast<uint64_t>(bytes[place]) << (8 * place);
  return word;
}

// BLAKE2b with a digest of eight bytes and no key (RFC 7693), as a number.
inline uint64_t blake2b(const unsigned char* bytes, size_t size) {
  static constexpr uint64_t start[8] = {
      0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu, 0xa54ff53a5f1d36f1u,
      0x510e527fade682d1u, 0x9b05688c2b3e6c1fu, 0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u};
  static constexpr unsigned char orders[12][16] = {
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
      {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
      {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
      {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
      {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};
  static constexpr unsigned char lanes[8][4] = {{0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15},
                                                {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14}};
  const auto turned = [](uint64_t word, int by) { return (word >> by) | (word << (64 - by)); };
  uint64_t state[8];
  std::memcpy(state, start, sizeof state);
  state[0] ^= 0x01010000u ^ 8u;
  size_t done = 0;
  do {
    const size_t left = size - done, taken = left < 128 ? left : 128;
    unsigned char block[128] = {};
    if (taken) std::memcpy(block, bytes + done, taken);
    done += taken;
    uint64_t message[16], work[16];
    for (int word = 0; word < 16; ++word) message[word] = little_endian(block + 8 * word, 8);
    std::memcpy(work, state, sizeof state);
    std::memcpy(work + 8, start, sizeof start);
    work[12] ^= done;
    if (done == size) work[14] = ~work[14];
    for (const auto& order : orders) {
      for (int lane = 0; lane < 8; ++lane) {
        uint64_t &a = work[lanes[lane][0]], &b = work[lanes[lane][1]], &c = work[lanes[lane][2]], &d = work[lanes[lane][3]];
        a += b + message[order[2 * lane]];
        d = turned(d ^ a, 32);
        c += d;
        b = turned(b ^ c, 24);
        a += b + message[order[2 * lane + 1]];
        d = turned(d ^ a, 16);
        c += d;
        b = turned(b ^ c, 63);
      }
    }
    for (int word = 0; word < 8; ++word) state[word] ^= work[word] ^ work[word + 8];
  } while (done < size);
  return state[0];
}

inline uint64_t hash_of(std::string_view text) {
  constexpr size_t most_words = 8;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (text.size() > most_words * 8) return blake2b(bytes, text.size());
  uint64_t sum = 0, place = golden;
  size_t done = 0;
  do {
    const size_t left = text.size() - done;
    sum += mixed(little_endian(bytes + done, left < 8 ? left : 8) + place);
    place += golden;
    done += 8;
  } while (done < text.size());
  return mixed(sum + text.size() + golden);
}

// The hash of a list of doubles without null.
inline uint64_t hash_of(const double* values, size_t count) {
  uint64_t sum = 0, place = golden;
  for (size_t index = 0; index < count; ++index, place += golden) sum += mixed(place + bits_of(values[index]));
  return sum;
}

}  // namespace labelhouse
