#include "documents.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "spelling.hpp"

namespace labelhouse {
namespace {

constexpr size_t most_keys = 64;

class DocumentReader {
 public:
  DocumentReader(
      const char* begin, const char* end, const uint64_t* salts, int64_t max_attributes, Documents& documents,
      Images& images, Columns& columns)
      : cursor_(begin, end), base_(begin), labels_(salts, max_attributes), image_(salts), documents_(documents),
        images_(images), columns_(columns) {}

  bool read() {
    while (true) {
      if (cursor_.peek() != '{') return false;
      documents_.starts.push_back(place());
      if (!document()) return false;
      documents_.ends.push_back(place());
      cursor_.peek();
      if (cursor_.at >= cursor_.end) return true;
      if (*cursor_.at++ != ',') return false;
    }
  }

 private:
  int64_t place() const { return cursor_.at - base_; }

  bool document() {
    const auto index = static_cast<int64_t>(documents_.starts.size()) - 1;
    for (auto* column : {&documents_.image_counts, &documents_.category_starts, &documents_.category_ends,
                         &documents_.label_counts})
      column->push_back(-1);
    keys_.clear();
    const size_t first_other = documents_.others.size();
    ++cursor_.at;
    if (cursor_.peek() == '}') {
      ++cursor_.at;
      header(first_other);
      return true;
    }
    do {
      if (cursor_.peek() != '"') return false;
      const int64_t key_start = place() + 1;
      std::string_view key;
      if (!cursor_.text(key, scratch_)) return false;
      // A key with escapes may be another key in a different spelling.
      if (key.data() != base_ + key_start || keys_.size() >= most_keys) return false;
      if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return false;
      keys_.push_back(key);
      if (!cursor_.expect(':')) return false;
      cursor_.peek();
      const int64_t start = place();
      if (key == "annotations") {
        if (!labels()) return false;
      } else if (key == "images") {
        if (!images()) return false;
      } else if (!cursor_.skip()) {
        return false;
      } else if (key == "categories") {
        documents_.category_starts.back() = start;
        documents_.category_ends.back() = place();
      } else {
        documents_.others.push_back(index);
        documents_.key_starts.push_back(key_start);
        documents_.key_ends.push_back(key_start + static_cast<int64_t>(key.size()));
        documents_.value_starts.push_back(start);
        documents_.value_ends.push_back(place());
      }
    } while (cursor_.another('}'));
    if (cursor_.status != Status::ok) return false;
    header(first_other);
    return true;
  }

  // Write the other values of a document, from the one at `first` on, as coco/json_text.py does.
  void header(size_t first) {
    extra_.clear();
    has_title_ = is_of_encord_ = false;
    const bool has_others = documents_.others.size() > first;
    const bool is_taken = !has_others || others(first);
    documents_.headers.push_back(!is_taken ? header_declined : is_of_encord_ ? header_of_encord : header_taken);
    documents_.titles.push(is_taken && has_title_, title_);
    documents_.extras.push(is_taken && has_others, extra_);
  }

  bool others(size_t first) {
    order_.clear();
    for (size_t other = first; other < documents_.others.size(); ++other) order_.push_back(other);
    std::sort(order_.begin(), order_.end(), [&](size_t one, size_t two) { return key_of(one) < key_of(two); });
    for (const size_t other : order_) {
      const std::string_view key = key_of(other);
      if (may_be_cut(key)) return false;
      extra_.push_back(extra_.empty() ? '{' : ',');
      if (!append_text(extra_, key)) return false;
      extra_.push_back(':');
      const char* value = base_ + documents_.value_starts[other];
      Cursor cursor(value, cursor_.end);
      if (!append_value(cursor, extra_, 1, key)) return false;
      if (cursor.at != base_ + documents_.value_ends[other]) return false;
      if (key == "info") info(value);
    }
    extra_.push_back('}');
    return true;
  }

  std::string_view key_of(size_t other) const {
    const int64_t start = documents_.key_starts[other];
    return {base_ + start, static_cast<size_t>(documents_.key_ends[other] - start)};
  }

  // Find the description in `info`, which is good JSON, and whether the keys are those that Encord writes.
  void info(const char* value) {
    Cursor cursor(value, cursor_.end);
    if (cursor.peek() != '{') return;
    ++cursor.at;
    if (cursor.peek() == '}') return;
    size_t known = 0, keys = 0;
    bool are_null = true;
    do {
      std::string_view key;
      if (!cursor.key(key, scratch_)) return;
      ++keys;
      for (const std::string_view name : {"description", "contributor", "date_created", "url", "version", "year"})
        known += key == name;
      if (key == "description") {
        if (*cursor.at == '"') {
          std::string_view text;
          if (!cursor.text(text, scratch_)) return;
          title_ = text;
          has_title_ = true;
          continue;
        }
      } else {
        are_null = are_null && *cursor.at == 'n';
      }
      if (!cursor.skip()) return;
    } while (cursor.another('}'));
    is_of_encord_ = known == 6 && keys == 6 && are_null;
  }

  bool images() {
    if (cursor_.at >= cursor_.end || *cursor_.at != '[') return false;
    ++cursor_.at;
    const int64_t before = images_.records;
    if (cursor_.peek() == ']') {
      ++cursor_.at;
    } else {
      do {
        if (cursor_.peek() != '{' || !image_.read(cursor_, base_, images_)) return false;
      } while (cursor_.another(']'));
    }
    documents_.image_counts.back() = images_.records - before;
    return cursor_.status == Status::ok;
  }

  bool labels() {
    if (cursor_.at >= cursor_.end || *cursor_.at != '[') return false;
    ++cursor_.at;
    const int64_t before = columns_.records;
    if (cursor_.peek() != ']') {
      if (!labels_.read(cursor_.at, cursor_.end, base_, Extent::array, columns_)) return false;
      cursor_.at = base_ + columns_.end;
      cursor_.peek();
    }
    documents_.label_counts.back() = columns_.records - before;
    return cursor_.expect(']');
  }

  Cursor cursor_;
  const char* base_;
  AnnotationReader labels_;
  ImageReader image_;
  Documents& documents_;
  Images& images_;
  Columns& columns_;
  std::vector<std::string_view> keys_;
  std::vector<size_t> order_;
  std::string scratch_, extra_, title_;
  bool has_title_ = false, is_of_encord_ = false;
};

}  // namespace

void Documents::discard_all() {
  for (auto* column : {&starts, &ends, &category_starts, &category_ends, &image_counts, &label_counts,
                        &others, &key_starts, &key_ends, &value_starts, &value_ends, &headers})
    discard(*column);
  titles.discard_all();
  extras.discard_all();
}

bool read_documents(
    const char* begin, const char* end, const uint64_t* salts, int64_t max_attributes, Documents& documents,
    Images& images, Columns& columns) {
  return DocumentReader(begin, end, salts, max_attributes, documents, images, columns).read();
}

}  // namespace labelhouse
