// Counts the words in all files below some directories, and prints the twenty commonest.
//
// Shows try_map(): a file that can not be read costs its own words, and those of no other file. A word is a
// longest run of ASCII letters, taken in lower case, whatever the locale is. Files whose names end in .gz are
// unpacked. Only regular files count, and symbolic links are not followed. Exit code 1: something could not
// be read.

#include <algorithm>
#include <array>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <qmr/qmr.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fs = std::filesystem;
namespace io = boost::iostreams;

struct Count {
    std::uint64_t num_bytes = 0;
    std::unordered_map<std::string, std::uint64_t> words;

    // The result travels back from the worker nodes by this.
    template <class Archive>
    void serialize(Archive& archive) {
        archive(num_bytes, words);
    }
};

// What is done on a worker node, for each file.
Count count_file(const std::string& path) {
    std::filebuf file;
    if (file.open(path, std::ios::in | std::ios::binary) == nullptr)
        throw std::runtime_error(std::generic_category().message(errno));
    io::filtering_istreambuf text;
    if (path.ends_with(".gz")) text.push(io::gzip_decompressor());
    text.push(file);

    Count count;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) ++count.words[word];
        word.clear();
    };
    std::array<char, 65536> block;
    try {
        while (const std::streamsize size = text.sgetn(block.data(), block.size())) {
            count.num_bytes += static_cast<std::uint64_t>(size);
            for (const char* letter = block.data(); letter != block.data() + size; ++letter) {
                const char lower = static_cast<char>(*letter | 0x20);
                if (lower >= 'a' && lower <= 'z')
                    word += lower;
                else
                    end_word();
            }
        }
    } catch (const io::gzip_error&) {
        throw std::runtime_error("not gzip data, or damaged");
    }
    end_word();
    return count;
}

void complain(const fs::path& path, const std::string& reason) {
    std::cerr << "word_count: cannot read " << path << ": " << reason << '\n';
}

// Adds what is below the directory. Gives the number of directories that could not be read.
std::size_t list_files(const fs::path& directory, std::vector<std::string>& files) {
    std::size_t num_unread = 0;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code gone;
        const fs::file_type type = entry->symlink_status(gone).type();
        if (type == fs::file_type::directory) num_unread += list_files(entry->path(), files);
        if (type == fs::file_type::regular) files.push_back(entry->path());
    }
    if (!error) return num_unread;
    complain(directory, error.message());
    return num_unread + 1;
}

void print(std::size_t num_files, const Count& all, std::size_t num_unread) {
    std::uint64_t num_words = 0;
    for (const auto& [word, count] : all.words) num_words += count;
    std::cout << "files    " << num_files << "\nunread   " << num_unread << "\nbytes    " << all.num_bytes
              << "\nwords    " << num_words << "\ndistinct " << all.words.size() << "\n\n";

    using Line = std::pair<std::string, std::uint64_t>;
    std::vector<Line> lines(20);
    const auto end = std::ranges::partial_sort_copy(all.words, lines, [](const auto& a, const auto& b) {
                         return a.second != b.second ? a.second > b.second : a.first < b.first;
                     }).out;
    for (auto line = lines.begin(); line != end; ++line)
        std::cout << std::setw(9) << line->second << ' ' << line->first << '\n';
}

int main(int argc, char** argv) try {
    qmr::init(argc, argv);
    if (argc < 2 || argv[1][0] == '-') {
        std::cerr << "usage: word_count DIRECTORY...\n";
        return 2;
    }
    std::vector<std::string> files;
    std::size_t num_unread = 0;
    for (int i = 1; i < argc; ++i) num_unread += list_files(argv[i], files);
    std::ranges::sort(files);

    const std::vector<qmr::Result<Count>> counts = qmr::Pool().try_map(count_file, files);

    Count all;
    std::size_t num_files = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (!counts[i]) {
            complain(files[i], counts[i].error().message);
            ++num_unread;
            continue;
        }
        ++num_files;
        all.num_bytes += counts[i]->num_bytes;
        for (const auto& [word, count] : counts[i]->words) all.words[word] += count;
    }
    print(num_files, all, num_unread);
    return num_unread == 0 ? 0 : 1;
} catch (const qmr::Error& error) {
    std::cerr << "word_count: " << error.what() << '\n';
    return 1;
}
