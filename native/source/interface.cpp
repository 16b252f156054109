// The C interface of the library: one call reads a text, one gives it back.
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "annotations.hpp"
#include "documents.hpp"
#include "images.hpp"

#if defined(_WIN32)
#define LABELHOUSE_EXPORT extern "C" __declspec(dllexport)
#else
#define LABELHOUSE_EXPORT extern "C" __attribute__((visibility("default")))
#endif

namespace {

struct Buffer {
  const void* address;
  int64_t bytes;
  int64_t nulls;  // unset bits, for bits
};

struct Result {
  labelhouse::Columns columns;
  labelhouse::Documents documents;
  labelhouse::Images images;
  std::atomic<int> parts_in_use{labelhouse::parts + 1};
  std::vector<Buffer> buffers;

  template <typename Value>
  void add(std::vector<Value>& values) {
    // Columns are held for long; what a vector has in reserve would be held with them.
    values.shrink_to_fit();
    buffers.push_back({values.data(), static_cast<int64_t>(values.size() * sizeof(Value)), 0});
  }
  void add(labelhouse::Bits& bits) {
    add(bits.bytes);
    buffers.back().nulls = bits.unset;
  }
  template <typename Value>
  void add(labelhouse::Column<Value>& column) {
    add(column.valid);
    add(column.values);
  }
  void add(labelhouse::Booleans& column) {
    add(column.valid);
    add(column.values);
  }
  void add(labelhouse::Texts& texts) {
    add(texts.valid);
    add(texts.offsets);
    add(texts.characters);
  }

  // The order is that of compiled/annotations.py and compiled/documents.py.
  void list() {
    labelhouse::Columns& all = columns;
    add(all.rows);
    add(all.ids);
    add(all.image_ids);
    add(all.category_ids);
    add(all.x);
    add(all.y);
    add(all.width);
    add(all.height);
    add(all.area);
    add(all.iscrowd);
    add(all.kind);
    add(all.polygons);
    add(all.polygon_offsets);
    add(all.ring_offsets);
    add(all.ring_values);
    add(all.rle_height);
    add(all.rle_width);
    add(all.rle_counts);
    add(all.num_keypoints);
    add(all.track_ids);
    add(all.uuid);
    add(all.rotation);
    add(all.manual);
    add(all.score);
    add(all.extra);
    add(all.blanks);
    add(all.content_hashes);
    add(all.row_sums);
    add(all.id_text);
    add(all.image_id_text);
    add(all.category_id_text);
    add(all.track_id_text);
    add(all.point_label);
    add(all.point_index);
    add(all.point_x);
    add(all.point_y);
    add(all.point_visibility);
    add(all.answer_label);
    add(all.name);
    add(all.origin);
    add(all.value);
    add(all.value_type);
    add(all.number);
    add(all.boolean);
    add(all.declined);
    add(all.declined_start);
    add(all.declined_end);
    for (auto* column :
         {&documents.starts, &documents.ends, &documents.category_starts, &documents.category_ends,
          &documents.image_counts, &documents.label_counts, &documents.others, &documents.key_starts,
          &documents.key_ends, &documents.value_starts, &documents.value_ends, &documents.headers})
      add(*column);
    add(documents.titles);
    add(documents.extras);
    add(images.rows);
    add(images.ids);
    add(images.keys);
    add(images.file_names);
    add(images.titles);
    add(images.media_types);
    add(images.data_hashes);
    add(images.frames);
    add(images.widths);
    add(images.heights);
    add(images.urls);
    add(images.blanks);
    add(images.row_sums);
    for (auto* column : {&images.declined, &images.declined_starts, &images.declined_ends}) add(*column);
  }
};

// What a call found: the buffers of the columns, how many records there are, and where the last one ends.
struct Found {
  const Buffer* buffers;
  int64_t count, records, end;
};

template <typename Read>
void* guarded(Found* found, Read read) {
  try {
    auto result = std::make_unique<Result>();
    if (!read(*result)) return nullptr;
    result->list();
    const auto count = static_cast<int64_t>(result->buffers.size());
    *found = {result->buffers.data(), count, result->columns.records, result->columns.end};
    return result.release();
  } catch (const std::bad_alloc&) {
    return nullptr;
  } catch (const std::length_error&) {
    return nullptr;
  }
}

}  // namespace

// Raised with every change of this interface, and of what the columns mean.
LABELHOUSE_EXPORT int labelhouse_interface() { return 2; }

// Read records that are separated by commas; if the text `may_end_early`, as many as are whole. Returns null
// for a text that is not of this form, or that there is no memory for.
LABELHOUSE_EXPORT void* labelhouse_annotations(
    const char* text, int64_t size, int may_end_early, const uint64_t* salts, int64_t max_attributes, Found* found) {
  return guarded(found, [&](Result& result) {
    labelhouse::AnnotationReader reader(salts, max_attributes);
    const auto extent = may_end_early ? labelhouse::Extent::prefix : labelhouse::Extent::text;
    return reader.read(text, text + size, text, extent, result.columns);
  });
}

// Read whole documents that are separated by commas; the same, with the buffers of the documents at the end.
LABELHOUSE_EXPORT void* labelhouse_documents(
    const char* text, int64_t size, const uint64_t* salts, int64_t max_attributes, Found* found) {
  return guarded(found, [&](Result& result) {
    return labelhouse::read_documents(
        text, text + size, salts, max_attributes, result.documents, result.images, result.columns);
  });
}

// Give the memory of a part back: 0 of the labels and documents, 1 of the labels' keypoints, 2 of their
// answers, 3 of the images. Each once.
LABELHOUSE_EXPORT void labelhouse_release(void* result, int part) {
  auto* one = static_cast<Result*>(result);
  if (part == labelhouse::parts) one->images.discard_all();
  else one->columns.discard_part(static_cast<labelhouse::Part>(part));
  if (part == 0) one->documents.discard_all();
  if (--one->parts_in_use == 0) delete one;
}
