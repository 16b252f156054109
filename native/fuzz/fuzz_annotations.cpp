// Read any bytes as labels: no text may make the reader leave its bounds, and what it says of a text has to
// agree with itself. With clang this is a target of libFuzzer; elsewhere mutations.cpp drives it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "../source/annotations.hpp"
#include "../source/documents.hpp"

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
  require(columns.boolean.valid.bytes.size() == (columns.answer_label.size() + 7) / 8, "one bit an answer");
  require(labels + columns.declined.size() == static_cast<size_t>(columns.records), "each record once");
  require(columns.end >= 0 && static_cast<size_t>(columns.end) <= size, "the end lies in the text");
  for (size_t index = 0; index < columns.declined.size(); ++index) {
    require(columns.declined_start[index] < columns.declined_end[index], "a record has characters");
    require(static_cast<size_t>(columns.declined_end[index]) <= size, "a record lies in the text");
  }
}

void check(const labelhouse::Images& images, size_t size) {
  const size_t rows = images.rows.size();
  require(images.ids.values.size() == rows && images.row_sums.size() == rows, "one value an image");
  require(images.urls.offsets.size() == rows + 1 && images.blanks.size() == rows, "one value an image");
  require(rows + images.declined.size() == static_cast<size_t>(images.records), "each image once");
  for (size_t index = 0; index < images.declined.size(); ++index) {
    require(images.declined_starts[index] < images.declined_ends[index], "an image has characters");
    require(static_cast<size_t>(images.declined_ends[index]) <= size, "an image lies in the text");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<uint64_t> salts(labelhouse::salt_count, 12345);
  // The text ends with the memory: reading one byte more is found.
  std::vector<char> text(data, data + size);
  text.shrink_to_fit();
  const char* begin = text.data();
  for (const auto extent : {labelhouse::Extent::text, labelhouse::Extent::prefix, labelhouse::Extent::array}) {
    labelhouse::AnnotationReader reader(salts.data(), 40);
    labelhouse::Columns columns;
    if (reader.read(begin, begin + size, begin, extent, columns)) check(columns, size);
  }
  labelhouse::Columns columns;
  labelhouse::Documents documents;
  labelhouse::Images images;
  if (labelhouse::read_documents(begin, begin + size, salts.data(), 40, documents, images, columns)) {
    check(columns, size);
    check(images, size);
    require(documents.extras.offsets.size() == documents.ends.size() + 1, "one extra a document");
    require(documents.titles.offsets.size() == documents.ends.size() + 1, "one title a document");
    require(documents.headers.size() == documents.ends.size(), "one header a document");
    require(documents.image_counts.size() == documents.ends.size(), "one count a document");
    require(documents.starts.size() == documents.ends.size(), "each document ends");
    require(documents.label_counts.size() == documents.ends.size(), "one count a document");
    for (size_t index = 0; index < documents.others.size(); ++index) {
      require(documents.key_starts[index] <= documents.key_ends[index], "a key lies in the text");
      require(documents.key_ends[index] < documents.value_starts[index], "its value follows");
      require(static_cast<size_t>(documents.value_ends[index]) <= size, "a value lies in the text");
    }
  }
  return 0;
}
