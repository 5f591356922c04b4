#include "cli/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <qmr/qmr.hpp>
#include <string_view>

namespace qmr::cli {

// With its end, which belongs to a field when that is in quotes.
bool CsvReader::append_line() {
    if (!in_.append_line(text_)) return false;
    ++num_lines_;
    return true;
}

bool CsvReader::is_at_end(std::size_t position) const {
    const std::string_view rest = std::string_view(text_).substr(position);
    return rest.empty() || rest == "\n" || rest == "\r\n" || rest == "\r";
}

bool CsvReader::next() {
    do {
        text_.clear();
        if (!append_line()) return false;
    } while (is_at_end(0));
    line_ = num_lines_;
    read_fields();
    remove_line_end(text_);
    return true;
}

void CsvReader::read_fields() {
    fields_.clear();
    for (std::size_t position = 0;; ++position) {
        std::string& field = fields_.emplace_back();
        if (position < text_.size() && text_[position] == '"') {
            read_quoted(position);
        } else {
            const std::size_t end = std::min(text_.find(separator_, position), text_.size());
            field = text_.substr(position, end - position);
            position = end;
            if (position == text_.size()) remove_line_end(field);
        }
        if (is_at_end(position)) return;
        if (text_[position] != separator_) fail("something stands behind the closing quote of a field");
    }
}

void CsvReader::read_quoted(std::size_t& position) {
    std::string& field = fields_.back();
    for (++position;; ++position) {
        // The field goes on in the next line.
        if (position == text_.size() && !append_line()) fail("the quotes of a field are not closed");
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
