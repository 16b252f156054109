// The C interface of the library: one call reads a text, one gives it back.
#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "annotations.hpp"

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
  std::atomic<int> parts_in_use{labelhouse::parts};
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

  // The order is that of compiled/annotations.py.
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
    add(all.counts);
  }
};

}  // namespace

// Raised with every change of this interface, and of what the columns mean.
LABELHOUSE_EXPORT int labelhouse_interface() { return 1; }

// Read `segments` parts of a text, each of records separated by commas; part i is from starts[i] to ends[i].
// Returns null for a text that is not of this form, or that there is no memory for.
LABELHOUSE_EXPORT void* labelhouse_annotations(
    const char* text, const int64_t* starts, const int64_t* ends, int64_t segments, int may_end_early,
    const uint64_t* salts, int64_t max_attributes, const void** buffers, int64_t* count, int64_t* records,
    int64_t* end) {
  try {
    auto result = std::make_unique<Result>();
    labelhouse::AnnotationReader reader(salts, max_attributes);
    for (int64_t part = 0; part < segments; ++part)
      if (!reader.read(text + starts[part], text + ends[part], text, may_end_early != 0, result->columns))
        return nullptr;
    result->list();
    *buffers = result->buffers.data();
    *count = static_cast<int64_t>(result->buffers.size());
    *records = result->columns.records;
    *end = result->columns.end;
    return result.release();
  } catch (const std::bad_alloc&) {
    return nullptr;
  } catch (const std::length_error&) {
    return nullptr;
  }
}

// Give the memory of a part back: 0 of the labels, 1 of their keypoints, 2 of their answers. Each once.
LABELHOUSE_EXPORT void labelhouse_release(void* result, int part) {
  auto* one = static_cast<Result*>(result);
  one->columns.discard_part(static_cast<labelhouse::Part>(part));
  if (--one->parts_in_use == 0) delete one;
}
