// Read any bytes as labels: no text may make the reader leave its bounds, and what it says of a text has to
// agree with itself. With clang this is a target of libFuzzer; elsewhere mutations.cpp drives it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../source/annotations.hpp"

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check(const labelhouse::Columns& columns, size_t size) {
  const size_t labels = columns.rows.size();
  require(columns.ids.values.size() == labels && columns.content_hashes.size() == labels, "one value a label");
  require(columns.polygon_offsets.size() == labels + 1, "one list of rings a label");
  require(columns.polygon_offsets.back() + 1 == static_cast<int64_t>(columns.ring_offsets.size()), "rings");
  require(columns.ring_offsets.back() == static_cast<int64_t>(columns.ring_values.size()), "numbers of rings");
  require(columns.extra.offsets.back() == static_cast<int64_t>(columns.extra.characters.size()), "characters");
  require(columns.answer_label.size() == columns.boolean.valid.bytes.size() * 8 - (8 - columns.answer_label.size() % 8) % 8,
          "answers");
  require(labels + columns.declined.size() == static_cast<size_t>(columns.records), "each record once");
  require(columns.end >= 0 && static_cast<size_t>(columns.end) <= size, "the end lies in the text");
  for (size_t index = 0; index < columns.declined.size(); ++index) {
    require(columns.declined_start[index] < columns.declined_end[index], "a record has characters");
    require(static_cast<size_t>(columns.declined_end[index]) <= size, "a record lies in the text");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<uint64_t> salts(labelhouse::salt_count, 12345);
  // The text ends with the memory: reading one byte more is found.
  std::vector<char> text(data, data + size);
  text.shrink_to_fit();
  const char* begin = text.data();
  for (const bool may_end_early : {false, true}) {
    labelhouse::AnnotationReader reader(salts.data(), 40);
    labelhouse::Columns columns;
    if (reader.read(begin, begin + size, begin, may_end_early, columns)) check(columns, size);
  }
  return 0;
}
