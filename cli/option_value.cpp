#include "cli/option_value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <qmr/error.hpp>
#include <system_error>

#include "cli/json.hpp"
#include "cli/nearest.hpp"

namespace qmr::cli {

namespace {

using Text = std::optional<std::string>;

// As it was written, on one line.
std::string quoted(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A number may be written with quotes, as on the command line, or without.
Text text_of_number(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return value.is_number() ? Text(value.dump()) : std::nullopt;
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
    Number number{};
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
    return number;
}

// Those that the library takes from the environment end here, too.
std::optional<double> read_factor(std::string_view text) {
    constexpr double largest = 1e9;
    const auto number = read_number<double>(text);
    return number && *number >= 0 && *number <= largest ? number : std::nullopt;
}

// Gives the value to a member of each type.
class Assignment {
  public:
    Assignment(PoolOptions& options, const PoolOption& option, const Json& value, std::string_view where)
        : options_(options), option_(option), value_(value), where_(where) {}

    void operator()(Member<std::string> member) const {
        if (!choices(option_).empty()) static_cast<void>(index_of_choice());
        member(options_) = text();
    }
    void operator()(Member<std::filesystem::path> member) const { member(options_) = text(); }
    void operator()(Member<std::vector<std::string>> member) const {
        const auto is_text = [](const Json& element) { return element.is_string(); };
        if (!value_.is_array() || !std::all_of(value_.begin(), value_.end(), is_text))
            refuse(R"(is no list of texts; give one such as ["a", "b"])");
        member(options_) = value_.get<std::vector<std::string>>();
    }
    void operator()(Member<std::size_t> member) const { member(options_) = count(); }
    void operator()(Member<std::optional<std::size_t>> member) const { member(options_) = count(); }
    void operator()(SizeMember member) const {
        member.of(options_) = number(read_size, "is no size; give bytes, or a number with K, M, G or T");
    }
    void operator()(Member<Seconds> member) const { member(options_) = time(); }
    void operator()(Member<std::chrono::seconds> member) const {
        member(options_) = std::chrono::ceil<std::chrono::seconds>(time());
    }
    void operator()(Member<double> member) const {
        member(options_) = number(read_factor, "is no factor; give a number of at least 0");
    }
    void operator()(Member<bool> member) const {
        if (value_ != true && value_ != "true" && value_ != false && value_ != "false")
            refuse("is neither true nor false");
        member(options_) = value_ == true || value_ == "true";
    }
    void operator()(Member<Progress> member) const { member(options_) = Progress{index_of_choice()}; }
    void operator()(Member<Jobs> member) const { member(options_) = Jobs{index_of_choice()}; }

  private:
    [[noreturn]] void refuse(std::string_view why) const {
        throw BadInput(fmt::format("{}: {} {}", where_, quoted(value_), why));
    }

    template <class Number>
    Number number(std::optional<Number> (*read)(std::string_view), std::string_view why_not) const {
        const Text written = text_of_number(value_);
        const auto found = written ? read(*written) : std::nullopt;
        if (!found) refuse(why_not);
        return *found;
    }
    [[nodiscard]] std::size_t count() const {
        return number(read_number<std::size_t>, "is no count; give a whole number of at least 0");
    }
    [[nodiscard]] Seconds time() const {
        return number(read_time, "is no time; give seconds, or a number with s, m, h or d");
    }
    [[nodiscard]] const std::string& text() const {
        if (!value_.is_string()) refuse("is no text; give it in quotes");
        return value_.get_ref<const std::string&>();
    }
    // The words are in the order of the enumerators.
    [[nodiscard]] int index_of_choice() const {
        const auto words = choices(option_);
        const auto found = std::find(words.begin(), words.end(), value_.is_string() ? text() : std::string());
        if (found == words.end())
            refuse(fmt::format("is none of {}{}", fmt::join(words, ", "),
                               value_.is_string() ? did_you_mean(text(), words) : std::string()));
        return static_cast<int>(found - words.begin());
    }

    PoolOptions& options_;
    const PoolOption& option_;
    const Json& value_;
    std::string_view where_;
};

}  // namespace

std::optional<std::uint64_t> read_size(std::string_view text) {
    constexpr std::string_view units = "KMGT";
    const auto unit = text.empty() ? std::string_view::npos : units.find(text.back());
    const bool has_unit = unit != std::string_view::npos;
    if (has_unit) text.remove_suffix(1);
    const std::size_t shift = has_unit ? 10 * (unit + 1) : 0;
    const auto number = read_number<std::uint64_t>(text);
    if (!number || *number > (UINT64_MAX >> shift)) return std::nullopt;
    return *number << shift;
}

std::optional<Seconds> read_time(std::string_view text) {
    struct Unit {
        char letter;
        double seconds;
    };
    constexpr Unit units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    constexpr double longest = 1e9;  // some 30 years
    double factor = 1;
    for (const Unit& unit : units) {
        if (!text.ends_with(unit.letter)) continue;
        factor = unit.seconds;
        text.remove_suffix(1);
        break;
    }
    const auto number = read_factor(text);
    return number && *number * factor <= longest ? std::optional(Seconds{*number * factor}) : std::nullopt;
}

void put(PoolOptions& options, const PoolOption& option, const Json& value, std::string_view where) {
    std::visit(Assignment(options, option, value, where), option.member);
}

}  // namespace qmr::cli
