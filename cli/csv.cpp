#include "cli/csv.hpp"

#include <fmt/format.h>

#include <qmr/qmr.hpp>

namespace qmr::cli {

bool CsvReader::read_line(std::string& line) {
    if (!in_.read_line(line)) return false;
    ++num_lines_;
    if (line.ends_with('\r')) line.pop_back();
    return true;
}

bool CsvReader::next() {
    do {
        if (!read_line(text_)) return false;
    } while (text_.empty());
    line_ = num_lines_;
    read_fields();
    return true;
}

void CsvReader::read_fields() {
    fields_.clear();
    for (std::size_t position = 0;; ++position) {
        fields_.emplace_back();
        if (position < text_.size() && text_[position] == '"') {
            read_quoted(position);
        } else {
            const std::size_t end = std::min(text_.find(',', position), text_.size());
            fields_.back() = text_.substr(position, end - position);
            position = end;
        }
        if (position == text_.size()) return;
        if (text_[position] != ',') fail("something stands behind the closing quote of a field");
    }
}

void CsvReader::read_quoted(std::size_t& position) {
    std::string& field = fields_.back();
    for (++position;; ++position) {
        // The field goes on in the next line.
        if (position == text_.size()) {
            std::string line;
            if (!read_line(line)) fail("the quotes of a field are not closed");
            text_ += '\n' + line;
        }
        if (text_[position] != '"') {
            field += text_[position];
            continue;
        }
        if (++position == text_.size() || text_[position] != '"') return;
        field += '"';
    }
}

void CsvReader::fail(const std::string& what) const {
    throw BadInput(fmt::format("{}:{}: {}", in_.name(), line_, what));
}

}  // namespace qmr::cli
