// Drive a fuzz target without libFuzzer: each file as it is and cut at many places, then mutated texts.
//
//   mutations SECONDS FILE...
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

const char* const pieces[] = {"{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\u0041", "null", "true", "-", "0",
                              "1e308", "1e999", "9007199254740993", "9223372036854775808", "0.1", "\x01", "\xff", "[]",
                              "{}", "\"id\":1", "\"segmentation\":[[0,0,1,1]]", "\"keypoints\":[1,1,2]", "\"bbox\":[0,0,1,1]"};

std::string mutated(const std::string& seed, const std::string& other, std::mt19937_64& random) {
  std::string text = seed;
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % (limit ? limit : 1)); };
  for (size_t change = 1 + below(4); change && !text.empty(); --change) {
    const size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.erase(at, 1 + below(16)); break;
      case 2: text.insert(at, pieces[below(std::size(pieces))]); break;
      case 3: text.insert(at, text.substr(below(text.size()), below(64))); break;
      case 4: if (!other.empty()) text.insert(at, other.substr(below(other.size()), below(128))); break;
      default: text.resize(at); break;
    }
  }
  return text;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  constexpr size_t longest = 4096;
  std::vector<std::string> seeds;
  for (int index = 2; index < count; ++index) {
    std::ifstream file(arguments[index], std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    run(text);
    // The records of an export, without the rest of it.
    const size_t key = text.find("\"annotations\"");
    const size_t open = key == std::string::npos ? key : text.find('[', key);
    std::string records = open == std::string::npos ? text : text.substr(open + 1);
    run(records);
    if (records.size() > longest) records.resize(longest);
    for (size_t end = 0; end < records.size(); end += 1 + records.size() / 48) run(records.substr(0, end));
    if (!records.empty()) seeds.push_back(records);
    // The first images of an export, as a document.
    const size_t images_key = text.find("\"images\"");
    const size_t images_open = images_key == std::string::npos ? images_key : text.find('[', images_key);
    if (images_open == std::string::npos) continue;
    std::string images = text.substr(images_open + 1, longest);
    images.resize(images.find(']') == std::string::npos ? images.rfind('}') + 1 : images.find(']'));
    seeds.push_back("{\"info\": {\"description\": \"a\", \"year\": null}, \"images\": [" + images + "]}");
  }
  std::mt19937_64 random(20261130);
  long rounds = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atol(arguments[1]));
  while (!seeds.empty() && std::chrono::steady_clock::now() < end) {
    for (int round = 0; round < 200; ++round, ++rounds)
      run(mutated(seeds[random() % seeds.size()], seeds[random() % seeds.size()], random));
  }
  std::printf("%d texts, %ld mutated\n", count - 2, rounds);
  return 0;
}
