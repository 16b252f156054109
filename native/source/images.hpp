// Images of COCO JSON as columns of the table images.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "annotations.hpp"
#include "columns.hpp"
#include "json.hpp"

namespace labelhouse {

// Bits of an image's `blanks`: keys that are null.
enum ImageBlank { blank_width, blank_height, blank_coco_url, blank_image_title, blank_video_title };

struct Images {
  std::vector<int64_t> rows;  // the index of each image among the records of the text
  Column<int64_t> ids, frames, widths, heights;
  Texts keys, file_names, titles, media_types, data_hashes, urls;
  std::vector<uint32_t> blanks;
  std::vector<uint64_t> row_sums;  // of the columns that are here; the caller adds position and blanks
  // Records of another form: their index among the records of the text, and where they lie in it.
  std::vector<int64_t> declined, declined_starts, declined_ends;
  int64_t records = 0;

  void discard_all();
};

class ImageReader {
 public:
  explicit ImageReader(const uint64_t* salts);

  // Read the record that begins at the cursor. `base` is where offsets count from. Returns false if it has no
  // end. One that is not of the ordinary form is declined, as is one that is no good JSON.
  bool read(Cursor& cursor, const char* base, Images& images);

 private:
  struct Text {
    bool is_there = false, is_null = false;
    std::string text;
  };
  struct Size {
    bool is_there = false;
    int64_t value = 0;
  };
  struct Image {
    uint32_t seen = 0, blanks = 0;
    int64_t id = 0;
    Size width, height;
    Text file_name, url, image_title, video_title;
    // What the file name says: coco/file_names.py has its forms.
    std::string_view media_type, data_hash;
    std::string key;
    bool has_frame = false;
    int64_t frame = 0;
  };

  bool record(Cursor& cursor);
  bool member(Cursor& cursor, std::string_view key);
  bool text(Cursor& cursor, Text& text);
  bool size(Cursor& cursor, Size& size, uint32_t blank);
  bool judge();
  void parse_file_name();
  void store(Images& images);

  std::array<uint64_t, salt_count> salts_;
  Image image_;
  std::string scratch_, key_scratch_;
};

}  // namespace labelhouse
