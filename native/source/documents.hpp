// Small documents of a list: where their parts lie in the text, and their images and labels as columns.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "annotations.hpp"
#include "columns.hpp"
#include "images.hpp"
#include "json.hpp"

namespace labelhouse {

// What is known of the values of a document besides its sections; a declined one has no title and no extra.
enum Header : int64_t { header_declined, header_taken, header_of_encord };

// Where each document, its categories, as a whole value, and each other value lie; -1 where there is none.
struct Documents {
  std::vector<int64_t> starts, ends, category_starts, category_ends;
  std::vector<int64_t> image_counts, label_counts;  // -1 without the section
  std::vector<int64_t> others, key_starts, key_ends, value_starts, value_ends;
  std::vector<int64_t> headers;  // a Header each
  Texts titles, extras;  // the description in `info`, and all other values as one JSON object

  void discard_all();
};

// Read whole documents that are separated by commas. Returns false for a text that is of another form, and
// where a key occurs twice or is spelled with an escape.
bool read_documents(
    const char* begin, const char* end, const uint64_t* salts, int64_t max_attributes, Documents& documents,
    Images& images, Columns& columns);

}  // namespace labelhouse
