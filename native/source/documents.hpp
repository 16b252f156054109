// Small documents of a list: where their parts lie in the text, and their labels as columns.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "annotations.hpp"
#include "json.hpp"

namespace labelhouse {

// Where each document, its images, its categories and each other value lie; -1 where there is none. Images are
// the elements of their array, categories the whole value.
struct Documents {
  std::vector<int64_t> starts, ends, image_counts, image_starts, image_ends, category_starts, category_ends;
  std::vector<int64_t> label_counts;  // -1 without annotations
  std::vector<int64_t> others, key_starts, key_ends, value_starts, value_ends;

  void discard_all();
};

// Read whole documents that are separated by commas. Returns false for a text that is of another form, and
// where a key occurs twice or is spelled with an escape.
bool read_documents(
    const char* begin, const char* end, AnnotationReader& reader, Documents& documents, Columns& columns);

}  // namespace labelhouse
