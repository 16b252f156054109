#include "images.hpp"

#include <algorithm>

#include "hashes.hpp"
#include "spelling.hpp"

namespace labelhouse {
namespace {

enum Key : uint32_t { key_id, key_file_name, key_width, key_height, key_url, key_image_title, key_video_title, key_none };

constexpr std::string_view keys[] = {
    "id", "file_name", "width", "height", "coco_url", "image_title", "video_title"};

struct Folder {
  std::string_view name, media_type;
};
constexpr Folder folders[] = {
    {"images", "image"}, {"videos", "video"}, {"dicom", "dicom"}, {"nifti", "nifti"}, {"pdfs", "pdf"}};

constexpr size_t most_digits = 18;
constexpr std::string_view frame_ending = ".jpg";

bool is_alphabetic(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
}
bool is_alphanumeric(char character) { return is_alphabetic(character) || Cursor::is_digit(character); }
bool is_one_of(char character, std::string_view set) { return set.find(character) != std::string_view::npos; }

// Whether texts/url_secrets.may_hold_secrets may say so of a text.
bool has_marks(std::string_view text) { return text.find_first_of("?#@=\\%&") != std::string_view::npos; }

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char one) { return static_cast<unsigned char>(one) < 0x20; });
}

// The length of a URL without its query, if texts/url_patterns.PLAIN_URL matches it; 0 if not.
size_t plain_length(std::string_view url) {
  size_t at = 0;
  if (url.empty() || !is_alphabetic(url[0])) return 0;
  for (at = 1; at < url.size() && (is_alphanumeric(url[at]) || is_one_of(url[at], "+.-")); ++at) {}
  if (at < 2 || at > 31 || url.substr(at, 3) != "://") return 0;
  at += 3;
  const size_t host = at;
  while (at < url.size() && (is_alphanumeric(url[at]) || is_one_of(url[at], ".-_"))) ++at;
  if (at == host) return 0;
  if (at < url.size() && url[at] == ':') {
    const size_t port = ++at;
    while (at < url.size() && Cursor::is_digit(url[at])) ++at;
    if (at == port || at - port > 5) return 0;
  }
  if (at >= url.size() || url[at] != '/') return 0;
  for (++at; at < url.size() && (is_alphanumeric(url[at]) || is_one_of(url[at], "._~!$()*,:/-")); ++at) {}
  if (at == url.size()) return at;
  if (url[at] != '?' && url[at] != '#') return 0;
  for (const char character : url.substr(at))
    if (character <= ' ' || character > '~') return 0;
  return at;
}

}  // namespace

void Images::discard_all() {
  for (auto* column : {&rows, &declined, &declined_starts, &declined_ends}) discard(*column);
  for (auto* column : {&ids, &frames, &widths, &heights}) {
    discard(column->values);
    discard(column->valid.bytes);
  }
  for (auto* texts : {&keys, &file_names, &titles, &media_types, &data_hashes, &urls}) texts->discard_all();
  discard(blanks);
  discard(row_sums);
}

ImageReader::ImageReader(const uint64_t* salts) { std::copy(salts, salts + salt_count, salts_.begin()); }

bool ImageReader::read(Cursor& cursor, const char* base, Images& images) {
  const char* start = cursor.at;
  image_ = Image();
  if (record(cursor)) {
    images.rows.push_back(images.records);
    store(images);
  } else {
    cursor.at = start;
    cursor.status = Status::ok;
    if (!cursor.skip()) return false;
    images.declined.push_back(images.records);
    images.declined_starts.push_back(start - base);
    images.declined_ends.push_back(cursor.at - base);
  }
  ++images.records;
  return true;
}

bool ImageReader::record(Cursor& cursor) {
  if (!cursor.expect('{') || cursor.peek() == '}') return false;
  do {
    std::string_view key;
    if (!cursor.key(key, key_scratch_) || !member(cursor, key)) return false;
  } while (cursor.another('}'));
  return cursor.status == Status::ok && judge();
}

bool ImageReader::member(Cursor& cursor, std::string_view key) {
  const auto known = static_cast<uint32_t>(std::find(std::begin(keys), std::end(keys), key) - std::begin(keys));
  if (known == key_none || (image_.seen & (1u << known))) return false;
  image_.seen |= 1u << known;
  switch (known) {
    case key_id: {
      Number number;
      if (*cursor.at != '-' && !Cursor::is_digit(*cursor.at)) return false;
      if (!cursor.number(number) || !number.is_integer) return false;
      image_.id = number.integer;
      return true;
    }
    case key_file_name: return text(cursor, image_.file_name);
    case key_width: return size(cursor, image_.width, blank_width);
    case key_height: return size(cursor, image_.height, blank_height);
    case key_url: return text(cursor, image_.url);
    case key_image_title: return text(cursor, image_.image_title);
    default: return text(cursor, image_.video_title);
  }
}

bool ImageReader::text(Cursor& cursor, Text& text) {
  text.is_null = *cursor.at == 'n';
  if (text.is_null) return cursor.null();
  std::string_view value;
  if (*cursor.at != '"' || !cursor.text(value, scratch_)) return false;
  text.is_there = true;
  text.text = value;
  return true;
}

bool ImageReader::size(Cursor& cursor, Size& size, uint32_t blank) {
  if (*cursor.at == 'n') {
    image_.blanks |= 1u << blank;
    return cursor.null();
  }
  Number number;
  if (!Cursor::is_digit(*cursor.at) || !cursor.number(number) || !number.is_integer || number.integer <= 0) return false;
  size = {true, number.integer};
  return true;
}

// Decide whether a whole record is of the ordinary form: no value of it is cut, kept in `extra` or doubtful.
bool ImageReader::judge() {
  Image& image = image_;
  if (!(image.seen & (1u << key_id)) || image.file_name.text.empty()) return false;
  if (has_marks(image.file_name.text) || has_controls(image.file_name.text)) return false;
  if (has_marks(image.url.text)) {
    const size_t length = plain_length(image.url.text);
    if (!length) return false;
    image.url.text.resize(length);
  }
  if (image.url.is_null) image.blanks |= 1u << blank_coco_url;
  parse_file_name();
  // The title of the other kind of media is kept in `extra`.
  const bool is_video = image.media_type == "video";
  const uint32_t other = is_video ? key_image_title : key_video_title;
  if (image.seen & (1u << other)) return false;
  const Text& title = is_video ? image.video_title : image.image_title;
  if (title.is_null) image.blanks |= 1u << (is_video ? blank_video_title : blank_image_title);
  return !may_be_cut(title.text);
}

void ImageReader::parse_file_name() {
  const std::string_view name = image_.file_name.text;
  image_.media_type = "image";
  image_.key = name;
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return;
  const auto* folder = std::find_if(
      std::begin(folders), std::end(folders), [&](const Folder& one) { return one.name == name.substr(0, slash); });
  if (folder == std::end(folders)) return;
  const std::string_view below = name.substr(slash + 1);
  const size_t second = below.find('/');
  const std::string_view unit = below.substr(0, second);
  const bool has_rest = second != std::string_view::npos;
  std::string_view rest = has_rest ? below.substr(second + 1) : std::string_view();
  if (unit.empty() || (has_rest && rest.empty())) return;
  if (folder->name == "images") {
    const size_t dot = unit.rfind('.');
    if (has_rest || dot == std::string_view::npos || dot == 0) return;
    image_.data_hash = unit.substr(0, dot);
    image_.key = image_.data_hash;
    return;
  }
  if (!has_rest) return;
  if (folder->name == "videos") {
    if (rest.find('/') != std::string_view::npos || rest.size() <= frame_ending.size()) return;
    if (rest.substr(rest.size() - frame_ending.size()) != frame_ending) return;
    rest.remove_suffix(frame_ending.size());
  }
  const size_t behind = rest.rfind('/');
  const std::string_view last = behind == std::string_view::npos ? rest : rest.substr(behind + 1);
  image_.has_frame = !last.empty() && last.size() <= most_digits && std::all_of(last.begin(), last.end(), Cursor::is_digit);
  if (image_.has_frame)
    for (const char digit : last) image_.frame = image_.frame * 10 + (digit - '0');
  image_.media_type = folder->media_type;
  image_.data_hash = unit;
  image_.key.assign(unit);
  image_.key.push_back('/');
  image_.key += rest;
}

void ImageReader::store(Images& images) {
  const Image& image = image_;
  uint64_t sum = 0;
  const auto push_number = [&](Column<int64_t>& column, Salt salt, bool is_there, int64_t value) {
    column.push(is_there, value);
    if (is_there) sum += named(salts_[salt], hash_of(value));
  };
  const auto push_text = [&](Texts& column, Salt salt, bool is_there, std::string_view text) {
    column.push(is_there, text);
    if (is_there) sum += named(salts_[salt], hash_of(text));
  };
  const Text& title = image.media_type == "video" ? image.video_title : image.image_title;
  push_number(images.ids, salt_image_id, true, image.id);
  push_text(images.keys, salt_image_key, true, image.key);
  push_text(images.file_names, salt_file_name, true, image.file_name.text);
  push_text(images.titles, salt_title, title.is_there, title.text);
  push_text(images.media_types, salt_media_type, true, image.media_type);
  push_text(images.data_hashes, salt_data_hash, !image.data_hash.empty(), image.data_hash);
  push_number(images.frames, salt_frame, image.has_frame, image.frame);
  push_number(images.widths, salt_width, image.width.is_there, image.width.value);
  push_number(images.heights, salt_height, image.height.is_there, image.height.value);
  push_text(images.urls, salt_coco_url, image.url.is_there, image.url.text);
  images.blanks.push_back(image.blanks);
  images.row_sums.push_back(sum);
}

}  // namespace labelhouse
