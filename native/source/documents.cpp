#include "documents.hpp"

#include <algorithm>
#include <string>

namespace labelhouse {
namespace {

constexpr size_t most_keys = 64;

class DocumentReader {
 public:
  DocumentReader(const char* begin, const char* end, AnnotationReader& reader, Documents& documents, Columns& columns)
      : cursor_(begin, end), base_(begin), reader_(reader), documents_(documents), columns_(columns) {}

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
    for (auto* column : {&documents_.image_counts, &documents_.image_starts, &documents_.image_ends,
                         &documents_.category_starts, &documents_.category_ends, &documents_.label_counts})
      column->push_back(-1);
    keys_.clear();
    ++cursor_.at;
    if (cursor_.peek() == '}') {
      ++cursor_.at;
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
    return cursor_.status == Status::ok;
  }

  bool images() {
    if (cursor_.at >= cursor_.end || *cursor_.at != '[') return false;
    ++cursor_.at;
    int64_t count = 0;
    if (cursor_.peek() == ']') {
      documents_.image_starts.back() = documents_.image_ends.back() = place();
      ++cursor_.at;
    } else {
      documents_.image_starts.back() = place();
      do {
        if (cursor_.peek() != '{' || !cursor_.skip()) return false;
        documents_.image_ends.back() = place();
        ++count;
      } while (cursor_.another(']'));
    }
    documents_.image_counts.back() = count;
    return cursor_.status == Status::ok;
  }

  bool labels() {
    if (cursor_.at >= cursor_.end || *cursor_.at != '[') return false;
    ++cursor_.at;
    const int64_t before = columns_.records;
    if (cursor_.peek() != ']') {
      if (!reader_.read(cursor_.at, cursor_.end, base_, Extent::array, columns_)) return false;
      cursor_.at = base_ + columns_.end;
      cursor_.peek();
    }
    documents_.label_counts.back() = columns_.records - before;
    return cursor_.expect(']');
  }

  Cursor cursor_;
  const char* base_;
  AnnotationReader& reader_;
  Documents& documents_;
  Columns& columns_;
  std::vector<std::string_view> keys_;
  std::string scratch_;
};

}  // namespace

void Documents::discard_all() {
  for (auto* column : {&starts, &ends, &image_counts, &image_starts, &image_ends, &category_starts, &category_ends,
                       &label_counts, &others, &key_starts, &key_ends, &value_starts, &value_ends})
    discard(*column);
}

bool read_documents(
    const char* begin, const char* end, AnnotationReader& reader, Documents& documents, Columns& columns) {
  return DocumentReader(begin, end, reader, documents, columns).read();
}

}  // namespace labelhouse
