#include "annotations.hpp"

#include <algorithm>

#include "hashes.hpp"
#include "spelling.hpp"

namespace labelhouse {
namespace {

constexpr std::string_view origins[] = {"classification", "relation", "attribute"};
constexpr std::string_view types[] = {"string", "number", "boolean", "null", "json"};
constexpr std::string_view kinds[] = {"none", "polygon", "rle"};
enum Type { type_string, type_number, type_boolean, type_null, type_json };
enum Key {
  key_id, key_image_id, key_category_id, key_bbox, key_area, key_iscrowd, key_segmentation, key_keypoints,
  key_num_keypoints, key_track_id, key_score, key_attributes,
};
enum Own { own_track_id = 16, own_uuid, own_rotation, own_manual, own_classifications };

constexpr int64_t most_pixels = int64_t{1} << 40;

// A text that spells an integer as normalise/scalars.INTEGER_TEXT has it.
bool spells_integer(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1)) return false;
  return std::all_of(text.begin(), text.end(), Cursor::is_digit);
}

// Whether a text is surely more than white space; others may be, in Unicode.
bool is_visible(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_id_key(std::string_view key) {
  return key == "id" || key == "image_id" || key == "category_id" || key == "track_id" || key == "encord_track_uuid";
}

}  // namespace

void AnnotationReader::Label::clear() {
  seen = blanks = 0;
  id.is_there = image_id.is_there = category_id.is_there = track_id.is_there = false;
  id.is_text = image_id.is_text = category_id.is_text = track_id.is_text = false;
  for (Real* one : {&box[0], &box[1], &box[2], &box[3], &area, &score, &rotation}) *one = Real{};
  for (Whole* one : {&iscrowd, &num_keypoints, &rle_height, &rle_width}) *one = Whole{};
  kind = Kind::none;
  has_polygons = has_keypoints = has_attributes = false;
  has_uuid = has_manual = manual = has_own_track = has_top_track = has_ids_in_extra = false;
  has_caption = has_segments = false;
  rings.clear();
  ring_values.clear();
  points.clear();
  rle_counts.clear();
  extra.clear();
  answer_count = 0;
}

void Columns::discard_part(Part part) {
  const auto discard_texts = [](Texts& texts) {
    discard(texts.valid.bytes);
    discard(texts.offsets);
    discard(texts.characters);
  };
  const auto discard_column = [](auto& column) {
    discard(column.valid.bytes);
    discard(column.values);
  };
  if (part == Part::keypoints) {
    discard(point_label);
    discard(point_index);
    for (auto* one : {&point_x, &point_y, &point_visibility}) discard(*one);
  } else if (part == Part::answers) {
    discard(answer_label);
    for (Texts* one : {&name, &origin, &value, &value_type}) discard_texts(*one);
    discard_column(number);
    discard(boolean.values.bytes);
    discard(boolean.valid.bytes);
  } else {
    for (auto* one : {&ids, &image_ids, &category_ids, &iscrowd, &rle_height, &rle_width, &num_keypoints, &track_ids})
      discard_column(*one);
    for (auto* one : {&x, &y, &width, &height, &area, &rotation, &score}) discard_column(*one);
    for (Texts* one :
         {&kind, &rle_counts, &uuid, &extra, &id_text, &image_id_text, &category_id_text, &track_id_text})
      discard_texts(*one);
    discard(ring_values);
    discard(ring_offsets);
    discard(polygon_offsets);
    for (auto* one : {&rows, &content_hashes, &declined, &declined_start, &declined_end}) discard(*one);
    discard(row_sums);
    discard(blanks);
  }
}

AnnotationReader::AnnotationReader(const uint64_t* salts, int64_t max_attributes)
    : max_attributes_(std::min<int64_t>(max_attributes, 64)) {
  std::copy(salts, salts + salt_count, salts_.begin());
}

bool AnnotationReader::read(
    const char* begin, const char* end, const char* base, Extent extent, Columns& columns) {
  Cursor cursor(begin, end);
  const bool may_end_early = extent == Extent::prefix;
  const int64_t first = columns.records;
  columns.end = begin - base;
  while (true) {
    const char met = cursor.peek();
    if (met != '{') return may_end_early && columns.records > first;
    const char* start = cursor.at;
    label_.clear();
    if (record(cursor)) {
      columns.rows.push_back(columns.records);
      store(columns);
    } else if (cursor.status == Status::declined) {
      cursor.at = start;
      cursor.status = Status::ok;
      if (!cursor.skip()) return may_end_early && columns.records > first;
      columns.declined.push_back(columns.records);
      columns.declined_start.push_back(start - base);
      columns.declined_end.push_back(cursor.at - base);
    } else {
      return cursor.status == Status::incomplete && may_end_early && columns.records > first;
    }
    ++columns.records;
    columns.end = cursor.at - base;
    const char next = cursor.peek();
    if (next == ',') {
      ++cursor.at;
      continue;
    }
    if (cursor.at >= end ? extent != Extent::array : extent != Extent::text && next == ']') break;
    return false;
  }
  return true;
}

bool AnnotationReader::record(Cursor& cursor) {
  ++cursor.at;
  if (cursor.peek() == '}') return cursor.fail(Status::declined);
  do {
    std::string_view key;
    if (!cursor.key(key, key_scratch_) || !member(cursor, key)) return false;
  } while (cursor.another('}'));
  return cursor.status == Status::ok && judge(cursor) && extra_texts(cursor);
}

bool AnnotationReader::member(Cursor& cursor, std::string_view key) {
  int known = -1;
  switch (key.size()) {
    case 2: if (key == "id") known = key_id; break;
    case 4: known = key == "bbox" ? key_bbox : key == "area" ? key_area : -1; break;
    case 5: if (key == "score") known = key_score; break;
    case 7: if (key == "iscrowd") known = key_iscrowd; break;
    case 8: known = key == "image_id" ? key_image_id : key == "track_id" ? key_track_id : -1; break;
    case 9: if (key == "keypoints") known = key_keypoints; break;
    case 10: if (key == "attributes") known = key_attributes; break;
    case 11: if (key == "category_id") known = key_category_id; break;
    case 12: if (key == "segmentation") known = key_segmentation; break;
    case 13: if (key == "num_keypoints") known = key_num_keypoints; break;
    default: break;
  }
  if (known < 0) return unknown(cursor, key);
  // The last of two values of a key counts: a reader of whole records has to look.
  if (label_.seen >> known & 1) return cursor.fail(Status::declined);
  label_.seen |= 1u << known;
  switch (known) {
    case key_id: return id(cursor, label_.id);
    case key_image_id: return id(cursor, label_.image_id);
    case key_category_id: return id(cursor, label_.category_id);
    case key_bbox: return box(cursor);
    case key_area: return real(cursor, label_.area, blank_area);
    case key_iscrowd: return flag(cursor);
    case key_segmentation: return segmentation(cursor);
    case key_keypoints: return keypoints(cursor);
    case key_num_keypoints: return whole(cursor, label_.num_keypoints, blank_num_keypoints);
    case key_track_id: return track_id(cursor);
    case key_score: return real(cursor, label_.score, blank_score);
    default: return attributes(cursor);
  }
}

bool AnnotationReader::id(Cursor& cursor, Id& id) {
  if (*cursor.at == '"') {
    std::string_view text;
    if (!cursor.text(text, scratch_)) return false;
    if (spells_integer(text) || may_be_cut(text)) return cursor.fail(Status::declined);
    id.is_there = id.is_text = true;
    id.text = text;
    id.number = -1 - static_cast<int64_t>(hash_of(text) >> 2);
    return true;
  }
  Number number;
  if (*cursor.at == 'n') return cursor.null() && cursor.fail(Status::declined);
  if (*cursor.at != '-' && !Cursor::is_digit(*cursor.at)) return cursor.fail(Status::declined);
  if (!cursor.number(number)) return false;
  if (!number.is_integer) return cursor.fail(Status::declined);
  id.is_there = true;
  id.number = number.integer;
  return true;
}

bool AnnotationReader::double_of(Cursor& cursor, double& value) {
  const char first = cursor.peek();
  if (cursor.at >= cursor.end) return cursor.fail(Status::incomplete);
  if (first != '-' && !Cursor::is_digit(first)) return cursor.fail(Status::declined);
  Number number;
  if (!cursor.number(number)) return false;
  if (number.is_integer && (number.integer > exact || number.integer < -exact)) return cursor.fail(Status::declined);
  value = number.real;
  return true;
}

bool AnnotationReader::real(Cursor& cursor, Real& real, uint32_t blank) {
  if (*cursor.at == 'n') {
    label_.blanks |= 1u << blank;
    return cursor.null();
  }
  real.is_there = true;
  return double_of(cursor, real.value);
}

bool AnnotationReader::whole(Cursor& cursor, Whole& whole, uint32_t blank) {
  if (*cursor.at == 'n') {
    label_.blanks |= 1u << blank;
    return cursor.null();
  }
  if (*cursor.at != '-' && !Cursor::is_digit(*cursor.at)) return cursor.fail(Status::declined);
  Number number;
  if (!cursor.number(number)) return false;
  if (!number.is_integer) return cursor.fail(Status::declined);
  whole.is_there = true;
  whole.value = number.integer;
  return true;
}

bool AnnotationReader::flag(Cursor& cursor) {
  if (*cursor.at == 't' || *cursor.at == 'f') {
    bool value = false;
    if (!cursor.boolean(value)) return false;
    label_.iscrowd = {true, value};
    label_.extra.emplace_back("iscrowd", value ? "true" : "false");
    return true;
  }
  if (!whole(cursor, label_.iscrowd, blank_iscrowd)) return false;
  return (label_.iscrowd.value >> 1) == 0 || cursor.fail(Status::declined);
}

// Read the numbers of a list from behind its opening bracket to behind its closing one.
bool AnnotationReader::numbers(Cursor& cursor, std::vector<double>& into) {
  if (cursor.peek() == ']') {
    ++cursor.at;
    return true;
  }
  do {
    double value = 0;
    if (!double_of(cursor, value)) return false;
    into.push_back(value);
  } while (cursor.another(']'));
  return cursor.status == Status::ok;
}

bool AnnotationReader::box(Cursor& cursor) {
  if (*cursor.at == 'n') {
    label_.blanks |= 1u << blank_bbox;
    return cursor.null();
  }
  if (*cursor.at != '[') return cursor.fail(Status::declined);
  ++cursor.at;
  std::vector<double>& four = label_.ring_values;
  const size_t before = four.size();
  if (!numbers(cursor, four)) return false;
  if (four.size() != before + 4) return cursor.fail(Status::declined);
  for (size_t side = 0; side < 4; ++side) label_.box[side] = {true, four[before + side]};
  four.resize(before);
  return (label_.box[2].value >= 0 && label_.box[3].value >= 0) || cursor.fail(Status::declined);
}

bool AnnotationReader::segmentation(Cursor& cursor) {
  if (*cursor.at == 'n') {
    label_.blanks |= 1u << blank_segmentation;
    return cursor.null();
  }
  if (*cursor.at == '{') return mask(cursor);
  if (*cursor.at != '[') return cursor.fail(Status::declined);
  ++cursor.at;
  label_.has_polygons = true;
  if (cursor.peek() == ']') {
    ++cursor.at;
    return true;
  }
  size_t points = 0;
  do {
    const char first = cursor.peek();
    if (cursor.at >= cursor.end) return cursor.fail(Status::incomplete);
    if (first != '[') return cursor.fail(Status::declined);
    ++cursor.at;
    const size_t before = label_.ring_values.size();
    if (!numbers(cursor, label_.ring_values)) return false;
    const size_t count = label_.ring_values.size() - before;
    if (count == 0 || count % 2) return cursor.fail(Status::declined);
    points += count == 2;
    label_.rings.push_back(static_cast<int32_t>(count));
  } while (cursor.another(']'));
  if (cursor.status != Status::ok) return false;
  label_.kind = Kind::polygon;
  // A list of points, which other tools write for one ring.
  return points < 2 || points != label_.rings.size() || cursor.fail(Status::declined);
}

// The sum of compressed run lengths (rleToString of pycocotools); false for any other text.
bool AnnotationReader::run_lengths(std::string_view text, int64_t& pixels) {
  int64_t value = 0, before_last = 0, last = 0, runs = 0;
  int shift = 0;
  pixels = 0;
  for (const char character : text) {
    const int group = character - 48;
    if (group < 0 || group > 63 || shift >= 40) return false;
    value |= static_cast<int64_t>(group & 0x1F) << shift;
    shift += 5;
    if (group & 0x20) continue;
    if (group & 0x10) value -= int64_t{1} << shift;
    if (runs > 2) value += before_last;
    if (value > most_pixels || value < -most_pixels) return false;
    pixels += value;
    if (pixels > most_pixels || pixels < -most_pixels) return false;
    before_last = last;
    last = value;
    ++runs;
    value = 0;
    shift = 0;
  }
  return shift == 0;
}

bool AnnotationReader::mask(Cursor& cursor) {
  ++cursor.at;
  bool has_size = false, has_counts = false;
  int64_t pixels = 0;
  if (cursor.peek() == '}') return cursor.fail(Status::declined);
  do {
    std::string_view key;
    if (!cursor.key(key, scratch_)) return false;
    const bool is_size = key == "size";
    if (!(is_size ? !has_size : key == "counts" && !has_counts)) return cursor.fail(Status::declined);
    const char first = *cursor.at;
    if (first == '"' && !is_size) {
      std::string_view text;
      if (!cursor.text(text, scratch_)) return false;
      // `[012]` has the form of the other kind of counts.
      const bool is_list = text.size() > 1 && text.front() == '[' && text.back() == ']' &&
                           std::all_of(text.begin() + 1, text.end() - 1, Cursor::is_digit);
      if (is_list || !run_lengths(text, pixels)) return cursor.fail(Status::declined);
      label_.rle_counts = text;
      has_counts = true;
      continue;
    }
    if (first != '[') return cursor.fail(Status::declined);
    ++cursor.at;
    std::string& counts = label_.rle_counts;
    if (!is_size) counts = "[";
    int64_t size[2] = {0, 0};
    size_t met = 0;
    if (cursor.peek() == ']') {
      ++cursor.at;
    } else {
      do {
        Number number;
        const char digit = cursor.peek();
        if (cursor.at >= cursor.end) return cursor.fail(Status::incomplete);
        if (!Cursor::is_digit(digit)) return cursor.fail(Status::declined);
        if (!cursor.number(number)) return false;
        if (!number.is_integer || number.integer > most_pixels) return cursor.fail(Status::declined);
        if (is_size) {
          if (met == 2) return cursor.fail(Status::declined);
          size[met] = number.integer;
        } else {
          if (met) counts.push_back(',');
          counts += std::to_string(number.integer);
          pixels += number.integer;
          if (pixels > most_pixels) return cursor.fail(Status::declined);
        }
        ++met;
      } while (cursor.another(']'));
      if (cursor.status != Status::ok) return false;
    }
    if (is_size) {
      if (met != 2 || size[0] > int64_t{1} << 20 || size[1] > int64_t{1} << 20) return cursor.fail(Status::declined);
      label_.rle_height = {true, size[0]};
      label_.rle_width = {true, size[1]};
      has_size = true;
    } else {
      counts.push_back(']');
      has_counts = true;
    }
  } while (cursor.another('}'));
  if (cursor.status != Status::ok) return false;
  label_.kind = Kind::rle;
  const bool is_whole = has_size && has_counts && pixels == label_.rle_height.value * label_.rle_width.value;
  return is_whole || cursor.fail(Status::declined);
}

bool AnnotationReader::keypoints(Cursor& cursor) {
  if (*cursor.at == 'n') {
    label_.blanks |= 1u << blank_keypoints;
    return cursor.null();
  }
  if (*cursor.at != '[') return cursor.fail(Status::declined);
  ++cursor.at;
  label_.has_keypoints = true;
  label_.points.clear();
  if (!numbers(cursor, label_.points)) return false;
  if (label_.points.empty()) label_.blanks |= 1u << blank_no_keypoints;
  if (label_.points.size() % 3) return cursor.fail(Status::declined);
  for (size_t place = 2; place < label_.points.size(); place += 3) {
    const double visibility = label_.points[place];
    if (visibility != 0 && visibility != 1 && visibility != 2) return cursor.fail(Status::declined);
  }
  return true;
}

// track_id beside the attributes. It stays in `extra` too: an export has to know which key it had.
bool AnnotationReader::track_id(Cursor& cursor) {
  label_.has_top_track = label_.has_ids_in_extra = true;
  if (*cursor.at == '"') {
    std::string_view text;
    if (!cursor.text(text, scratch_)) return false;
    std::string spelled;
    const bool is_taken = is_visible(text) && !spells_integer(text) && !may_be_cut(text);
    if (!is_taken || !append_text(spelled, text)) return cursor.fail(Status::declined);
    label_.track_id.is_there = label_.track_id.is_text = true;
    label_.track_id.text = text;
    label_.track_id.number = -1 - static_cast<int64_t>(hash_of(text) >> 2);
    label_.extra.emplace_back("track_id", std::move(spelled));
    return true;
  }
  if (!id(cursor, label_.track_id)) return false;
  label_.extra.emplace_back("track_id", std::to_string(label_.track_id.number));
  return true;
}

bool AnnotationReader::attributes(Cursor& cursor) {
  if (*cursor.at == 'n') {
    label_.blanks |= 1u << blank_attributes;
    return cursor.null();
  }
  if (*cursor.at != '{') return cursor.fail(Status::declined);
  ++cursor.at;
  label_.has_attributes = true;
  if (cursor.peek() == '}') {
    ++cursor.at;
    label_.blanks |= 1u << blank_no_attributes;
    return true;
  }
  int64_t keys = 0;
  do {
    std::string_view key;
    ++keys;
    if (!cursor.key(key, key_scratch_) || !attribute(cursor, key)) return false;
  } while (cursor.another('}'));
  if (cursor.status != Status::ok) return false;
  return keys + static_cast<int64_t>(label_.answer_count) <= max_attributes_ || cursor.fail(Status::declined);
}

bool AnnotationReader::attribute(Cursor& cursor, std::string_view key) {
  int known = -1;
  uint32_t blank = 0;
  if (key == "track_id") known = own_track_id, blank = blank_own_track_id;
  else if (key == "encord_track_uuid") known = own_uuid, blank = blank_own_uuid;
  else if (key == "rotation") known = own_rotation, blank = blank_own_rotation;
  else if (key == "manual_annotation") known = own_manual, blank = blank_own_manual;
  else if (key == "classifications") known = own_classifications;
  else if (key == "angle" || key == "instance_id" || key == "#relation") return cursor.fail(Status::declined);
  if (known < 0) return answer(cursor, key, 2);
  if (label_.seen >> known & 1) return cursor.fail(Status::declined);
  label_.seen |= 1u << known;
  const char first = *cursor.at;
  if (known == own_classifications) {
    if (first != '{') return cursor.fail(Status::declined);
    ++cursor.at;
    if (cursor.peek() == '}') {
      ++cursor.at;
      label_.blanks |= 1u << blank_no_classifications;
      return true;
    }
    do {
      std::string_view name;
      if (!cursor.key(name, key_scratch_) || !answer(cursor, name, name == "#relation" ? 1 : 0)) return false;
    } while (cursor.another('}'));
    return cursor.status == Status::ok;
  }
  if (first == 'n') {
    label_.blanks |= 1u << blank;
    return cursor.null();
  }
  if (known == own_uuid) {
    std::string_view text;
    if (first != '"') return cursor.fail(Status::declined);
    if (!cursor.text(text, scratch_)) return false;
    if (may_be_cut(text)) return cursor.fail(Status::declined);
    label_.has_uuid = true;
    label_.uuid = text;
    return true;
  }
  if (known == own_manual) {
    if (first != 't' && first != 'f') return cursor.fail(Status::declined);
    label_.has_manual = true;
    return cursor.boolean(label_.manual);
  }
  if (known == own_rotation) {
    label_.rotation.is_there = true;
    return double_of(cursor, label_.rotation.value);
  }
  if (label_.has_top_track) return cursor.fail(Status::declined);
  label_.has_own_track = true;
  if (!id(cursor, label_.track_id)) return false;
  return !label_.track_id.is_text || is_visible(label_.track_id.text) || cursor.fail(Status::declined);
}

bool AnnotationReader::answer(Cursor& cursor, std::string_view name, int origin) {
  if (may_be_cut(name) || static_cast<int64_t>(label_.answer_count) >= max_attributes_)
    return cursor.fail(Status::declined);
  for (size_t index = 0; index < label_.answer_count; ++index)
    if (label_.answers[index].name == name && (label_.answers[index].origin == 2) == (origin == 2))
      return cursor.fail(Status::declined);
  if (label_.answer_count == label_.answers.size()) label_.answers.emplace_back();
  Answer& answer = label_.answers[label_.answer_count++];
  answer.name = name;
  answer.origin = origin;
  answer.has_value = true;
  answer.has_number = answer.has_boolean = answer.boolean = false;
  answer.number = 0;
  switch (*cursor.at) {
    case '"': {
      std::string_view text;
      if (!cursor.text(text, scratch_)) return false;
      if (may_be_cut(text)) return cursor.fail(Status::declined);
      answer.type = type_string;
      answer.value = text;
      return true;
    }
    case 'n':
      answer.type = type_null;
      answer.has_value = false;
      return cursor.null();
    case 't': case 'f':
      answer.type = type_boolean;
      answer.has_boolean = true;
      if (!cursor.boolean(answer.boolean)) return false;
      answer.value = answer.boolean ? "true" : "false";
      return true;
    case '[': case '{':
      answer.type = type_json;
      answer.value.clear();
      return append_value(cursor, answer.value, 0, {});
    default: {
      Number number;
      if (!cursor.number(number)) return false;
      answer.type = type_number;
      answer.has_number = true;
      answer.number = number.real;
      answer.value.clear();
      if (number.is_integer) answer.value = std::to_string(number.integer);
      else append_real(answer.value, number.real);
      return true;
    }
  }
}

bool AnnotationReader::unknown(Cursor& cursor, std::string_view key) {
  // These say more of a label than that they are unknown.
  if (key == "angle" || key == "rotation" || key == "instance_id" || key == "bboxes" || key == "segmentations")
    return cursor.fail(Status::declined);
  for (const auto& met : label_.extra)
    if (met.first == key) return cursor.fail(Status::declined);
  if (label_.extra.size() >= 64) return cursor.fail(Status::declined);
  label_.has_ids_in_extra = label_.has_ids_in_extra || is_id_key(key);
  if (may_be_cut(key)) return cursor.fail(Status::declined);
  const char first = *cursor.at;
  label_.extra.emplace_back(std::string(key), std::string());
  auto& [name, value] = label_.extra.back();
  if (!append_value(cursor, value, 0, name)) return false;
  label_.has_caption = label_.has_caption || (name == "caption" && first == '"');
  label_.has_segments = label_.has_segments || (name == "segments_info" && first == '[');
  return true;
}

// Decide whether a whole record is of the ordinary form.
bool AnnotationReader::judge(Cursor& cursor) {
  // Captions have no category, and panoptic labels have no id of their own either, if they have no shape.
  const bool has_shape = label_.box[2].is_there || label_.kind != Kind::none;
  const bool is_panoptic = label_.has_segments && !has_shape;
  const bool is_caption = label_.has_caption && !label_.has_segments && !has_shape;
  const bool has_ids = label_.image_id.is_there && (label_.id.is_there || is_panoptic) &&
                       (label_.category_id.is_there || is_caption || is_panoptic);
  // Twice as many numbers as points are pairs, not triplets.
  const auto count = static_cast<int64_t>(label_.points.size());
  const bool are_pairs = count > 0 && label_.num_keypoints.value == count / 2 && count % 2 == 0;
  const bool has_two_tracks = label_.has_top_track && label_.has_own_track;
  return (has_ids && !are_pairs && !has_two_tracks) || cursor.fail(Status::declined);
}

// Spell `extra`, and the part of it that says what a label is. Only where a value of a known key is kept in
// it, that part is without the keys that name a label (normalise/batches.extra_without).
bool AnnotationReader::extra_texts(Cursor& cursor) {
  has_extra_ = has_content_extra_ = !label_.extra.empty();
  if (!has_extra_) return true;
  std::sort(label_.extra.begin(), label_.extra.end());
  const bool has_kept = label_.has_top_track || (label_.iscrowd.is_there && std::any_of(
      label_.extra.begin(), label_.extra.end(), [](const auto& one) { return one.first == "iscrowd"; }));
  const bool is_cut = has_kept && label_.has_ids_in_extra;
  has_content_extra_ = false;
  extra_ = content_extra_ = "{";
  for (const auto& [key, value] : label_.extra) {
    if (extra_.size() > 1) extra_.push_back(',');
    if (!append_text(extra_, key)) return cursor.fail(Status::declined);
    extra_.push_back(':');
    extra_ += value;
    if (is_cut && is_id_key(key)) continue;
    if (has_content_extra_) content_extra_.push_back(',');
    append_text(content_extra_, key);
    content_extra_.push_back(':');
    content_extra_ += value;
    has_content_extra_ = true;
  }
  extra_.push_back('}');
  content_extra_.push_back('}');
  return true;
}

void AnnotationReader::store(Columns& columns) {
  const auto label = static_cast<int64_t>(columns.ids.values.size());
  uint64_t content = 0, row = 0;
  const auto add = [&](uint64_t& sum, Salt salt, uint64_t hash) { sum += named(salts_[salt], hash); };
  const auto add_real = [&](Salt salt, const Real& real) {
    if (real.is_there) add(content, salt, hash_of(real.value));
  };
  const auto add_whole = [&](Salt salt, const Whole& whole) {
    if (whole.is_there) add(content, salt, hash_of(whole.value));
  };
  const auto push_id = [&](const Id& id, Column<int64_t>& numbers, Texts& texts, Salt salt, Salt text_salt) {
    numbers.push(id.is_there, id.number);
    if (id.is_there) add(row, salt, hash_of(id.number));
    texts.push(id.is_text, id.text);
    if (id.is_text) add(row, text_salt, hash_of(std::string_view(id.text)));
  };
  push_id(label_.id, columns.ids, columns.id_text, salt_annotation_id, salt_annotation_id_text);
  push_id(label_.image_id, columns.image_ids, columns.image_id_text, salt_image_id, salt_image_id_text);
  push_id(
      label_.category_id, columns.category_ids, columns.category_id_text, salt_category_id, salt_category_id_text);
  push_id(label_.track_id, columns.track_ids, columns.track_id_text, salt_track_id, salt_track_id_text);
  Column<double>* sides[] = {&columns.x, &columns.y, &columns.width, &columns.height};
  for (size_t side = 0; side < 4; ++side) {
    sides[side]->push(label_.box[side].is_there, label_.box[side].value);
    add_real(static_cast<Salt>(salt_bbox_x + side), label_.box[side]);
  }
  columns.area.push(label_.area.is_there, label_.area.value);
  add_real(salt_area, label_.area);
  columns.iscrowd.push(label_.iscrowd.is_there, label_.iscrowd.value);
  add_whole(salt_iscrowd, label_.iscrowd);

  columns.kind.push(true, kinds[static_cast<size_t>(label_.kind)]);
  columns.polygons.push(label_.has_polygons);
  uint64_t polygons = 0, place = golden;
  const double* values = label_.ring_values.data();
  for (const int32_t count : label_.rings) {
    polygons += mixed(place + hash_of(values, static_cast<size_t>(count)) + golden);
    place += golden;
    values += count;
    columns.ring_offsets.push_back(columns.ring_offsets.back() + count);
  }
  columns.ring_values.insert(columns.ring_values.end(), label_.ring_values.begin(), label_.ring_values.end());
  columns.polygon_offsets.push_back(static_cast<int32_t>(columns.ring_offsets.size() - 1));
  add(content, salt_polygons, polygons);
  columns.rle_height.push(label_.rle_height.is_there, label_.rle_height.value);
  columns.rle_width.push(label_.rle_width.is_there, label_.rle_width.value);
  add_whole(salt_rle_height, label_.rle_height);
  add_whole(salt_rle_width, label_.rle_width);
  columns.rle_counts.push(label_.kind == Kind::rle, label_.rle_counts);
  if (label_.kind == Kind::rle) add(content, salt_rle_counts, hash_of(std::string_view(label_.rle_counts)));

  columns.num_keypoints.push(label_.num_keypoints.is_there, label_.num_keypoints.value);
  add_whole(salt_num_keypoints, label_.num_keypoints);
  add(content, salt_keypoints, hash_of(label_.points.data(), label_.points.size()));
  for (size_t point = 0; point * 3 < label_.points.size(); ++point) {
    columns.point_label.push_back(label);
    columns.point_index.push_back(static_cast<int64_t>(point));
    columns.point_x.push_back(label_.points[3 * point]);
    columns.point_y.push_back(label_.points[3 * point + 1]);
    columns.point_visibility.push_back(label_.points[3 * point + 2]);
  }

  columns.uuid.push(label_.has_uuid, label_.uuid);
  if (label_.has_uuid) add(row, salt_encord_track_uuid, hash_of(std::string_view(label_.uuid)));
  columns.rotation.push(label_.rotation.is_there, label_.rotation.value);
  add_real(salt_rotation, label_.rotation);
  columns.manual.push(label_.has_manual, label_.manual);
  if (label_.has_manual) add(content, salt_manual_annotation, hash_of(static_cast<int64_t>(label_.manual)));
  columns.score.push(label_.score.is_there, label_.score.value);
  add_real(salt_score, label_.score);
  columns.extra.push(has_extra_, extra_);
  if (has_extra_) add(row, salt_extra, hash_of(std::string_view(extra_)));
  if (has_content_extra_) add(content, salt_extra, hash_of(std::string_view(content_extra_)));
  columns.blanks.push_back(label_.blanks);

  for (size_t index = 0; index < label_.answer_count; ++index) {
    const Answer& answer = label_.answers[index];
    const std::string_view origin = origins[answer.origin], type = types[answer.type];
    columns.answer_label.push_back(label);
    columns.name.push(true, answer.name);
    columns.origin.push(true, origin);
    columns.value.push(answer.has_value, answer.value);
    columns.value_type.push(true, type);
    columns.number.push(answer.has_number, answer.number);
    columns.boolean.push(answer.has_boolean, answer.boolean);
    uint64_t sum = 0;
    add(sum, salt_name, hash_of(std::string_view(answer.name)));
    add(sum, salt_origin, hash_of(origin));
    if (answer.has_value) add(sum, salt_value, hash_of(std::string_view(answer.value)));
    add(sum, salt_value_type, hash_of(type));
    content += mixed(sum);
  }

  content = mixed(content);
  columns.content_hashes.push_back(static_cast<int64_t>(content));
  add(row, salt_content_hash, hash_of(static_cast<int64_t>(content)));
  // A missing and an empty list of rings have the same hash, but are not the same JSON.
  columns.row_sums.push_back(row + (label_.has_polygons ? 1 : 0));
}

}  // namespace labelhouse
