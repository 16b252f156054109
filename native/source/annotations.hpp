// Labels of COCO JSON as columns of the tables annotations, keypoints and attributes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "columns.hpp"
#include "json.hpp"

namespace labelhouse {

// Columns whose names are mixed into hashes, in the order of the salts that a caller gives.
enum Salt {
  salt_bbox_x, salt_bbox_y, salt_bbox_w, salt_bbox_h, salt_area, salt_iscrowd, salt_polygons, salt_rle_height,
  salt_rle_width, salt_rle_counts, salt_num_keypoints, salt_rotation, salt_manual_annotation, salt_score, salt_extra,
  salt_keypoints, salt_annotation_id, salt_image_id, salt_category_id, salt_track_id, salt_encord_track_uuid,
  salt_content_hash, salt_annotation_id_text, salt_image_id_text, salt_category_id_text, salt_track_id_text,
  salt_name, salt_origin, salt_value, salt_value_type, salt_image_key, salt_file_name, salt_title, salt_media_type,
  salt_data_hash, salt_frame, salt_width, salt_height, salt_coco_url, salt_count
};

// Bits of `blanks`: keys that are null, then those that are empty.
enum Blank {
  blank_bbox, blank_area, blank_iscrowd, blank_segmentation, blank_keypoints, blank_num_keypoints, blank_track_id,
  blank_score, blank_attributes, blank_own_track_id, blank_own_uuid, blank_own_rotation, blank_own_manual,
  blank_no_keypoints, blank_no_classifications, blank_no_attributes
};

// Parts of the columns, whose memory is given back apart: tables are written at different times.
enum class Part { labels, keypoints, answers };
constexpr int parts = 3;

struct Columns {
  void discard_part(Part part);

  std::vector<int64_t> rows;  // the index of each label among the records of the text
  Column<int64_t> ids, image_ids, category_ids, iscrowd, rle_height, rle_width, num_keypoints, track_ids;
  Column<double> x, y, width, height, area, rotation, score;
  Texts kind, rle_counts, uuid, extra, id_text, image_id_text, category_id_text, track_id_text;
  Booleans manual;
  std::vector<int32_t> polygon_offsets{0}, ring_offsets{0};
  Bits polygons;
  std::vector<double> ring_values;
  std::vector<uint32_t> blanks;
  std::vector<int64_t> content_hashes;
  std::vector<uint64_t> row_sums;  // of the columns that are here; the caller adds position and blanks
  std::vector<int64_t> point_label, point_index;
  std::vector<double> point_x, point_y, point_visibility;
  std::vector<int64_t> answer_label;
  Texts name, origin, value, value_type;
  Column<double> number;
  Booleans boolean;
  // Records of another form: their index among the records of the text, and where they lie in it.
  std::vector<int64_t> declined, declined_start, declined_end;
  int64_t records = 0;
  int64_t end = 0;  // behind the last whole record
};

// How far to read: to the end of the text; as far as there are whole records, because the last one may be
// cut, and a closing bracket ends them; or to a closing bracket, which has to come.
enum class Extent { text, prefix, array };

class AnnotationReader {
 public:
  AnnotationReader(const uint64_t* salts, int64_t max_attributes);

  // Read records that are separated by commas, up to `end`. `base` is where offsets count from.
  bool read(const char* begin, const char* end, const char* base, Extent extent, Columns& columns);

 private:
  enum class Kind : uint8_t { none, polygon, rle };
  struct Id {
    bool is_there = false, is_text = false;
    int64_t number = 0;
    std::string text;
  };
  struct Answer {
    std::string name, value;
    int origin = 0, type = 0;
    bool has_value = false, has_number = false, has_boolean = false, boolean = false;
    double number = 0;
  };
  struct Real {
    bool is_there = false;
    double value = 0;
  };
  struct Whole {
    bool is_there = false;
    int64_t value = 0;
  };
  struct Label {
    uint32_t seen = 0, blanks = 0;
    Id id, image_id, category_id, track_id;
    std::array<Real, 4> box;
    Real area, score, rotation;
    Whole iscrowd, num_keypoints, rle_height, rle_width;
    Kind kind = Kind::none;
    bool has_polygons = false, has_keypoints = false, has_attributes = false;
    std::vector<int32_t> rings;
    std::vector<double> ring_values, points;
    std::string rle_counts, uuid;
    bool has_uuid = false, has_manual = false, manual = false, has_own_track = false, has_top_track = false;
    bool has_ids_in_extra = false, has_caption = false, has_segments = false;
    std::vector<std::pair<std::string, std::string>> extra;
    std::vector<Answer> answers;
    size_t answer_count = 0;
    void clear();
  };

  bool record(Cursor& cursor);
  bool member(Cursor& cursor, std::string_view key);
  bool id(Cursor& cursor, Id& id);
  bool real(Cursor& cursor, Real& real, uint32_t blank);
  bool whole(Cursor& cursor, Whole& whole, uint32_t blank);
  bool double_of(Cursor& cursor, double& value);
  bool numbers(Cursor& cursor, std::vector<double>& into);
  bool box(Cursor& cursor);
  bool flag(Cursor& cursor);
  bool segmentation(Cursor& cursor);
  bool mask(Cursor& cursor);
  bool run_lengths(std::string_view text, int64_t& pixels);
  bool keypoints(Cursor& cursor);
  bool track_id(Cursor& cursor);
  bool attributes(Cursor& cursor);
  bool attribute(Cursor& cursor, std::string_view key);
  bool answer(Cursor& cursor, std::string_view name, int origin);
  bool unknown(Cursor& cursor, std::string_view key);
  bool judge(Cursor& cursor);
  bool extra_texts(Cursor& cursor);
  void store(Columns& columns);

  std::array<uint64_t, salt_count> salts_;
  int64_t max_attributes_;
  Label label_;
  std::string scratch_, key_scratch_, extra_, content_extra_;
  bool has_extra_ = false, has_content_extra_ = false;
};

}  // namespace labelhouse
